"""Tables out, part by part: whoever reads slowly keeps nothing in memory but the part that waits for them.

An .xlsx is a zip of XML, and is written as a stream: XlsxWriter's constant_memory mode would put what residents wrote
in clear into a named temporary file first, and keep the reader waiting until all of it is there (ADR 0018).
"""

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import IO, Protocol
from xml.sax.saxutils import escape

from wish_service.web.sheets.export_rows import Value
from wish_service.web.sheets.formulas import guarded
from wish_service.web.sheets.table import column_letter

_UTF8_MARK = "\ufeff"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CELL_CHARACTERS = 32_767
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets count days without a zone
_DAY_SECONDS = 86_400


class Writer(Protocol):
    """Takes rows and gives what of the file there is so far."""

    def start(self, headings: Sequence[str]) -> bytes:
        """The file up to its first row."""
        ...

    def part(self, rows: Sequence[Sequence[Value]]) -> bytes:
        """What more there is after these rows; may be empty."""
        ...

    def end(self) -> bytes:
        """The rest."""
        ...

    def abandon(self) -> None:
        """Nobody wants the rest, or it has left already."""
        ...


class CsvWriter:
    """CSV as RFC 4180 has it, in UTF-8 with the mark by which Excel knows it."""

    def start(self, headings: Sequence[str]) -> bytes:
        """The mark and the headings."""
        return (_UTF8_MARK + self._lines([headings])).encode()

    def part(self, rows: Sequence[Sequence[Value]]) -> bytes:
        """The lines of these rows."""
        return self._lines(rows).encode()

    def end(self) -> bytes:
        """Nothing more."""
        return b""

    def abandon(self) -> None:
        """Nothing to let go of."""

    def _lines(self, rows: Sequence[Sequence[Value]]) -> str:
        lines = io.StringIO(newline="")
        csv.writer(lines).writerows([[_as_text(value) for value in row] for row in rows])
        return lines.getvalue()


def _as_text(value: Value) -> str:
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    return "" if value is None else f"{value:.12g}"


class XlsxWriter:
    """One sheet in the smallest workbook that spreadsheet programs open (ECMA-376), compressed as it goes."""

    def __init__(self, sheet_name: str) -> None:
        self._out = _Stream()
        self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED, compresslevel=3)
        self._sheet_name = sheet_name
        self._sheet: IO[bytes] | None = None
        self._row = 0

    def start(self, headings: Sequence[str]) -> bytes:
        """The parts beside the sheet, and its headings."""
        for name, content in _parts(self._sheet_name).items():
            self._zip.writestr(name, content)
        # Without the extensions for more than 2 GiB: Excel takes a stream that has them for damaged.
        self._sheet = self._zip.open("xl/worksheets/sheet1.xml", "w")
        return self._written(_SHEET_START + self._xml(headings, style=_BOLD))

    def part(self, rows: Sequence[Sequence[Value]]) -> bytes:
        """What the compressor gives after these rows."""
        return self._written("".join(self._xml(row) for row in rows))

    def end(self) -> bytes:
        """The end of the sheet and the directory of the zip."""
        last = self._written(_SHEET_END)
        self.abandon()
        return last + self._out.taken()

    def abandon(self) -> None:
        """Close the zip, so that nothing of it is left half open."""
        if self._sheet is not None:
            self._sheet.close()
        self._zip.close()

    def _written(self, xml: str) -> bytes:
        assert self._sheet is not None
        self._sheet.write(xml.encode())
        return self._out.taken()

    def _xml(self, values: Sequence[Value], style: int = 0) -> str:
        self._row += 1
        cells = (_cell(f"{column_letter(at)}{self._row}", value, style) for at, value in enumerate(values))
        return f'<row r="{self._row}">{"".join(cells)}</row>'


class _Stream(io.RawIOBase):
    """Where the zip is written to: it can't go back, so that each part may leave at once."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._written.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        taken, self._written = b"".join(self._written), []
        return taken


def _cell(place: str, value: Value, style: int) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        days = (value - _EPOCH).total_seconds() / _DAY_SECONDS
        return f'<c r="{place}" s="{_MOMENT}"><v>{days:.9f}</v></c>'
    if isinstance(value, str):
        text = escape(_NOT_XML.sub("", guarded(value))[:_CELL_CHARACTERS])
        return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    return f'<c r="{place}" s="{style}"><v>{value:.12g}</v></c>'


_BOLD, _MOMENT = 1, 2
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET_START = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    '<sheetFormatPr defaultRowHeight="15"/><cols><col min="1" max="30" width="18" customWidth="1"/></cols><sheetData>'
)
_SHEET_END = "</sheetData></worksheet>"
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/>'
    '</numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _parts(sheet_name: str) -> dict[str, str]:
    """Everything but the sheet."""
    return {
        "[Content_Types].xml": (
            f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
        ),
        "_rels/.rels": (
            f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            f'<sheet name="{escape(sheet_name)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
        ),
        "xl/styles.xml": _STYLES,
    }
