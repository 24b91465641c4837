"""A table as a file holds it: a line of headings and rows of cells, before anything is known of wishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from wish_service.domain.errors import Fault, InvalidInput

FileKind = Literal["csv", "xlsx"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, trimmed. number: the file keeps it as a number, not as text.

    problem: why its content can't be known (a date, an error, a formula nobody calculated); the text is empty then.
    """

    text: str = ""
    number: bool = False
    problem: str | None = None

    @property
    def filled(self) -> bool:
        """Whether anything stands in it."""
        return bool(self.text) or self.problem is not None


EMPTY = Cell()


@dataclass(frozen=True, slots=True)
class Row:
    """number: as the spreadsheet program counts it, the first line is 1."""

    number: int
    cells: tuple[Cell, ...]

    def cell(self, index: int) -> Cell:
        """The cell of a column, from 0; empty behind the end."""
        return self.cells[index] if index < len(self.cells) else EMPTY


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. encoding: that of a CSV file as it was found out; None for .xlsx."""

    kind: FileKind
    encoding: str | None
    headings: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be: rows with something in them, columns, and bytes of an .xlsx once unpacked."""

    rows: int = 5000
    columns: int = 60
    unpacked_bytes: int = 32_000_000


class UnusableFile(InvalidInput):
    """The file as a whole can't be read; `fault` says why. Its field is always `file`."""

    def __init__(self, problem: str, **values: object) -> None:
        super().__init__([Fault("file", f"file.{problem}", values)], "file_unusable")


def column_letter(index: int) -> str:
    """The name of a column from 0, as spreadsheet programs show it: A to Z, then AA."""
    letters = ""
    rest = index + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def table_of(kind: FileKind, encoding: str | None, rows: Sequence[Row]) -> Table:
    """The rows as a table: the first that has anything in it holds the headings. Raises: UnusableFile."""
    if not rows:
        raise UnusableFile("empty")
    return Table(kind, encoding, rows[0], tuple(rows[1:]))
