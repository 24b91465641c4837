import pytest

from microwish.web.pages.words import readable_phone, short_number


@pytest.mark.parametrize(
    ("digits", "read"),
    [
        ("13912345678", "139 1234 5678"),
        ("02155550100", "021-5555 0100"),
        ("01062345678", "010-6234 5678"),
        ("05716234567", "0571-623 4567"),
        ("139****5678", "139****5678"),
        ("", ""),
    ],
)
def test_a_phone_is_read_in_groups(digits: str, read: str) -> None:
    assert readable_phone(digits) == read


def test_a_number_is_short_and_the_same_with_and_without_dashes() -> None:
    assert short_number("0197a0aa-0000-7000-8000-0000000ab90a") == "0AB90A"
    assert short_number("0197a0aa0000700080000000000ab90a") == "0AB90A"
