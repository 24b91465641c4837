"""From bytes to a table. Any bytes give a table or UnusableFile, within the limits; nothing in them is executed."""

import csv
import io
import unicodedata
from collections.abc import Iterator

from wish_service.web.sheets.formulas import unguarded
from wish_service.web.sheets.table import Cell, Limits, Row, Table, UnusableFile, table_of
from wish_service.web.sheets.workbooks import read_workbook

_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"
_DELIMITERS = ",\t;"
_NEVER_TYPED = frozenset({"Co", "Cn"})  # private use and unassigned: a file read in the wrong encoding is full of them


def read_table(data: bytes, limits: Limits) -> Table:
    """The table in a CSV (UTF-8 with or without mark, UTF-16 with mark, GB18030) or an .xlsx file.

    What the file is, its content says, not its name. Raises: UnusableFile.
    """
    if data.startswith(_ZIP):
        return table_of("xlsx", None, read_workbook(data, limits))
    if data.startswith(_OLD_OFFICE):
        raise UnusableFile("old_excel")
    text, encoding = decode(data)
    return table_of("csv", encoding, list(_csv_rows(text, limits)))


def decode(data: bytes) -> tuple[str, str]:
    """The text and the encoding it was read in. Raises: UnusableFile where none fits without a fault.

    Strict UTF-8 first: a text in GB18030 of more than some characters is never valid UTF-8 by chance.
    """
    candidates = ["utf-16"] if data.startswith(_UTF16) else ["utf-8", "gb18030"]
    if data.startswith(_UTF8_MARK):
        candidates, data = ["utf-8"], data.removeprefix(_UTF8_MARK)
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise UnusableFile("not_a_table")
        if encoding != "gb18030" or not any(unicodedata.category(one) in _NEVER_TYPED for one in text):
            return text, encoding
    raise UnusableFile("encoding")


def _csv_rows(text: str, limits: Limits) -> Iterator[Row]:
    first_line = text.lstrip().partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found, number = 0, 0
    while True:
        number += 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise UnusableFile("not_csv", row=number) from None
        if not any(value and not value.isspace() for value in record):
            continue
        if len(record) > limits.columns:
            raise UnusableFile("too_many_columns", limit=limits.columns)
        found += 1
        if found > limits.rows + 1:
            raise UnusableFile("too_many_rows", limit=limits.rows)
        yield Row(number, tuple(Cell(unguarded(value.strip())) for value in record))
