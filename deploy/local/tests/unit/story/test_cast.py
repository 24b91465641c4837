"""The invented people of a performance."""

from random import Random

from microwish.privacy.phones import is_mobile
from microwish.privacy.uscc import check_uscc, scope_of
from microwish_local.story.cast import Cast, invented_uscc


def test_invented_codes_are_valid_and_of_the_district() -> None:
    for number in range(0, 10_000_000, 99_991):
        assert scope_of(check_uscc(invented_uscc(number))) == "310117"


def test_a_cast_is_not_played_twice() -> None:
    random = Random(1)
    casts = [Cast.invented(random) for _ in range(200)]
    phones = [phone for cast in casts for phone in (cast.resident_phone, cast.manager_phone)]
    assert all(is_mobile(phone) for phone in phones)
    assert len(set(phones)) == len(phones)
    assert len({cast.uscc for cast in casts}) == len(casts)
