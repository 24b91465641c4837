"""The tree of divisions by code (district 6 digits, street 9, community 12), and what a list of them may not say."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

_OFFICE = "居委会"
DISTRICT_DIGITS, STREET_DIGITS, LEAF_DIGITS = 6, 9, 12
NAME_LENGTH = 60
_ABOVE = {STREET_DIGITS: DISTRICT_DIGITS, LEAF_DIGITS: STREET_DIGITS}


@dataclass(frozen=True)
class Division:
    """A node of the tree. moved_to: the code under which a community goes on, as `moved_by`, an admin, decided."""

    code: str
    name: str
    parent: str | None = None
    moved_to: str | None = None
    moved_by: str | None = None

    @property
    def shown_name(self) -> str:
        """The name of the place, without the office that looks after it (龙潭社区居委会 → 龙潭社区)."""
        short = self.name.removesuffix(_OFFICE)
        return short or self.name


def parent_of(code: str) -> str | None:
    """The code of the division above: a district has none here."""
    digits = _ABOVE.get(len(code))
    return code[:digits] if digits else None


def is_code(text: str) -> bool:
    """Whether it is a division code: 6, 9 or 12 ASCII digits."""
    return len(text) in {DISTRICT_DIGITS, STREET_DIGITS, LEAF_DIGITS} and text.isascii() and text.isdigit()


@dataclass(frozen=True)
class Row:
    """One line of a list of divisions as somebody wrote it. number: as a table program counts, the heading is 1."""

    number: int
    code: str
    name: str
    parent: str

    @property
    def division(self) -> Division:
        """The division that it describes."""
        return Division(self.code, self.name, self.parent or None)


@dataclass(frozen=True)
class BadCell:
    """One cell at fault; `problem` names the text to show."""

    row: int
    column: str
    problem: str


def bad_cells(rows: Sequence[Row], known: Collection[str], moved: Collection[str]) -> list[BadCell]:
    """Every cell of the list that keeps it from being taken, in its order.

    known: the codes of the tree as it is; moved: those of them that only lead to another.
    """
    there = {*known, *(row.code for row in rows)}
    seen: set[str] = set()
    bad: list[BadCell] = []
    for row in rows:
        bad += [BadCell(row.number, column, problem) for column, problem in _faults(row, there, seen, moved)]
        seen.add(row.code)
    return bad


def _faults(row: Row, there: set[str], seen: set[str], moved: Collection[str]) -> list[tuple[str, str]]:
    faults = []
    if code := _code_fault(row.code, seen, moved):
        faults.append(("code", code))
    if not row.name or len(row.name) > NAME_LENGTH:
        faults.append(("name", "division.name"))
    if parent := _parent_fault(row, there, moved):
        faults.append(("parent", parent))
    return faults


def _code_fault(code: str, seen: set[str], moved: Collection[str]) -> str | None:
    if not is_code(code):
        return "division.digits"
    if code in seen:
        return "division.twice"
    return "division.moved" if code in moved else None


def _parent_fault(row: Row, there: set[str], moved: Collection[str]) -> str | None:
    if row.parent and not is_code(row.parent):
        return "division.digits"
    if not is_code(row.code):
        return None  # nothing can be said of what lies above a code that is none
    if (row.parent or None) != parent_of(row.code):
        return "division.not_below"
    return "division.parent_unknown" if row.parent and (row.parent not in there or row.parent in moved) else None
