"""What people don't see isn't kept."""

import pytest

from microwish.web.cleaning import cleaned, one_line, printable


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  和风\u3000支部  ", "和风 支部"),
        ("a\x00b", "a b"),
        ("\u202etxet", "txet"),
        ("第一行\r\n第二行", "第一行 第二行"),
        ("\ud800", ""),
        ("👵好", "👵好"),
        ("\x00", ""),
    ],
)
def test_one_line_holds_only_what_can_be_read(given: str, kept: str) -> None:
    assert one_line(given) == kept


def test_printable_keeps_line_breaks_alone() -> None:
    assert printable("一\x07\n\n二\r\n三\u202e") == "一\n\n二\n三"


def test_what_is_no_text_is_left_to_its_type() -> None:
    assert cleaned(one_line)(5) == 5
    assert cleaned(one_line)(" a\n") == "a"
