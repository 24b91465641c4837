"""A code bears five tries and five minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from wish_service.domain.errors import CodeExpired, CodeWrong
from wish_service.domain.people import KnownPerson, roles_of
from wish_service.domain.signin import TRIES, Challenge, answer

NOW = datetime(2026, 6, 12, tzinfo=UTC)
ISSUED = Challenge("c1", "index", "right", NOW + timedelta(minutes=5))


def test_the_right_code_uses_the_challenge_up() -> None:
    after, wrong = answer(ISSUED, "right", NOW)
    assert wrong is None
    with pytest.raises(CodeExpired):
        answer(after, "right", NOW)


def test_after_five_wrong_tries_even_the_right_code_is_refused() -> None:
    challenge = ISSUED
    for left in range(TRIES - 1, -1, -1):
        challenge, wrong = answer(challenge, "wrong", NOW)
        assert isinstance(wrong, CodeWrong)
        assert wrong.extra == {"tries_left": left}
    with pytest.raises(CodeExpired):
        answer(challenge, "right", NOW)


def test_a_code_ends_at_its_time() -> None:
    with pytest.raises(CodeExpired):
        answer(ISSUED, "right", NOW + timedelta(minutes=5))


@pytest.mark.parametrize(
    ("communities", "first_admin", "roles"),
    [
        ((), False, {"resident"}),
        (("310117001",), False, {"resident", "staff"}),
        ((), True, {"resident", "staff", "admin", "ops"}),
    ],
)
def test_roles_at_sign_in(communities: tuple[str, ...], first_admin: bool, roles: set[str]) -> None:
    person = KnownPerson("p1", "sealed", "index", communities=communities)
    assert set(roles_of(person, is_first_admin=first_admin)) == roles
