"""Reading .xlsx: a zip of XML from strangers, so sizes are checked before anything is unpacked.

openpyxl parses with defusedxml (no entities, no external references) and executes nothing. Formulas count as the value
that the spreadsheet program calculated last and kept in the file; one without such a value is a problem of its cell.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from typing import Any

from openpyxl import DEFUSEDXML, load_workbook

from wish_service.web.sheets.formulas import unguarded
from wish_service.web.sheets.table import EMPTY, Cell, Limits, Row, UnusableFile

_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")
MEMBERS_AT_MOST = 300
"""Parts of a workbook; those that people fill in have about twenty."""

if not DEFUSEDXML:
    raise ImportError("openpyxl found no defusedxml: it would expand entities of files from strangers")


def read_workbook(data: bytes, limits: Limits) -> list[Row]:
    """The rows with something in them of the first sheet that shows. Raises: UnusableFile."""
    _refuse_bombs(data, limits)
    try:
        return list(_rows(data, limits))
    except UnusableFile:
        raise
    except Exception as error:
        # openpyxl raises whatever a damaged part leads it to.
        raise UnusableFile("not_xlsx") from error


def _refuse_bombs(data: bytes, limits: Limits) -> None:
    """By the directory of the zip: Python reads no more of a member than its entry says."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        raise UnusableFile("not_xlsx") from None
    if any(member.flag_bits & 0x1 for member in members):
        raise UnusableFile("encrypted")
    # A part that is listed twice is unpacked twice; each reading counts, and openpyxl reads the sheet two times.
    if len(members) > MEMBERS_AT_MOST or sum(member.file_size for member in members) > limits.unpacked_bytes:
        raise UnusableFile("unpacks_too_large", limit_mb=limits.unpacked_bytes // 1_000_000)
    if not any(member.filename == "[Content_Types].xml" for member in members):
        raise UnusableFile("not_xlsx")


def _rows(data: bytes, limits: Limits) -> Iterator[Row]:
    values = _first_sheet(data, limits, data_only=True)
    formulas = _first_sheet(data, limits, data_only=False) if _has_formulas(data) else iter(())
    found = 0
    for number, (kept, written) in enumerate(zip_longest(values, formulas, fillvalue=()), 1):
        cells = [_cell(one, other) for one, other in zip_longest(kept, written)]
        while cells and not cells[-1].filled:
            cells.pop()
        if not cells:
            continue
        if len(cells) > limits.columns:
            raise UnusableFile("too_many_columns", limit=limits.columns)
        found += 1
        if found > limits.rows + 1:
            raise UnusableFile("too_many_rows", limit=limits.rows)
        yield Row(number, tuple(cells))


def _has_formulas(data: bytes) -> bool:
    """Whether a second reading, which takes as long as the first, can find any."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = (name for name in archive.namelist() if name.startswith("xl/") and "sheet" in name.casefold())
        return any(_FORMULA.search(archive.read(name)) for name in sheets)


def _first_sheet(data: bytes, limits: Limits, *, data_only: bool) -> Iterator[tuple[Any, ...]]:
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=data_only, keep_links=False)
    try:
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not shown:
            raise UnusableFile("empty")
        # What a sheet says of its own size may be wrong, and would cut rows off.
        shown[0].reset_dimensions()
        for row in shown[0].iter_rows(max_col=limits.columns + 1):
            width = next((at for at in range(len(row), 0, -1) if row[at - 1].value is not None), 0)
            yield row[:width]
    finally:
        book.close()


def _cell(kept: Any, written: Any) -> Cell:
    """kept: with the calculated value; written: with the formula, if there is one."""
    value = getattr(kept, "value", None)
    if getattr(written, "data_type", None) == "f" and value is None:
        return Cell(problem="cell_formula")
    if value is None:
        return EMPTY
    if kept.data_type == "e":
        return Cell(problem="cell_error")
    if isinstance(value, datetime | date | time | timedelta):
        return Cell(problem="cell_date")
    if isinstance(value, bool):
        return Cell("是" if value else "否")
    if isinstance(value, int | float):
        return Cell(_plain_number(value), number=True)
    return Cell(unguarded(str(value).strip()))


def _plain_number(value: float) -> str:
    """As a person would write it: 13912345678, not 1.39E+10; 0.3, not 0.30000000000000004."""
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    return format(value, ".12g")
