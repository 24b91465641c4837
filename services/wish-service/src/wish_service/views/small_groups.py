"""Small groups of sensitive categories are not told to everybody (ADR 0019). Pure.

Who asks for company or for help with an illness could be guessed by neighbours where few do. Categories are named
here and not in the settings: which of them are sensitive is the law's question (PIPL art. 28, health), not an office's.

Totals stay exact, so hiding one number would be of no use: total minus the others gives it back. So the sensitive
categories are hidden together: what can be worked out is their sum, never how it is divided between them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from microwish.events import Category
from wish_service.views.tally import COUNTS, SPANS

SENSITIVE: Final = frozenset({Category.MEDICAL.value, Category.COMPANIONSHIP.value})
"""At least two, or hiding them together would hide nothing."""
SMALLEST: Final = 5
"""The smallest group that is told."""

_HIDDEN: dict[str, Any] = {
    **dict.fromkeys(COUNTS),
    "organisations": None,
    **{f"median_days_{name}": None for name in SPANS},
}


def splittable(categories: Iterable[Mapping[str, Any]]) -> bool:
    """Whether no sensitive category of these rows has a count from 1 to 4."""
    sensitive = [row for row in categories if row["category"] in SENSITIVE]
    return not any(0 < row[name] < SMALLEST for row in sensitive for name in COUNTS)


def hidden(categories: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows with every sensitive category in them, its figures null and marked as suppressed."""
    rows = [dict(row) for row in categories if row["category"] not in SENSITIVE]
    rows += [{"category": name, **_HIDDEN, "suppressed": True} for name in SENSITIVE]
    return sorted(rows, key=lambda row: str(row["category"]))


def has_sensitive(categories: Iterable[Mapping[str, Any]]) -> bool:
    """Whether any sensitive category was asked for at all."""
    return any(row["category"] in SENSITIVE for row in categories)
