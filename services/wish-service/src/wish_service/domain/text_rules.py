"""What the words of a wish may not ask for or give away (design, section 9)."""

import re
import unicodedata

from wish_service.domain.errors import Fault
from wish_service.domain.money_rules import asks_for_money

_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)")
_ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?![0-9A-Za-z])")


def gives_away_a_number(text: str) -> bool:
    """Whether a phone or an identity number stands in the text."""
    normal = unicodedata.normalize("NFKC", text)
    return bool(_PHONE.search(normal) or _ID_NUMBER.search(normal))


def money_faults(**texts: str | None) -> list[Fault]:
    """The fields that ask for money."""
    return [Fault(name, "field.money") for name, text in texts.items() if text and asks_for_money(text)]


def number_faults(**texts: str | None) -> list[Fault]:
    """The fields, meant for everybody's eyes, that hold a phone or identity number."""
    return [Fault(name, "field.number_in_text") for name, text in texts.items() if text and gives_away_a_number(text)]


def value_faults(estimated_value_fen: int | None, ceiling_fen: int) -> list[Fault]:
    """A value above the district's ceiling; both in fen (1/100 yuan)."""
    if estimated_value_fen is None or estimated_value_fen <= ceiling_fen:
        return []
    return [Fault("estimated_value_fen", "field.value_too_high", {"ceiling_yuan": in_yuan(ceiling_fen)})]


def in_yuan(fen: int) -> str:
    """An amount as people write it: 50000 → 500, 1250 → 12.50."""
    return str(fen // 100) if fen % 100 == 0 else f"{fen / 100:.2f}"
