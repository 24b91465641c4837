"""What is exported opens in spreadsheet programs, is no formula there, and leaves in parts."""

import csv
import io
import warnings
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from wish_service.web.sheets.writing import CsvWriter, Writer, XlsxWriter

HEADINGS = ["编号", "标题", "时间", "数"]
WHEN = datetime(2026, 6, 12, 15, 40)  # noqa: DTZ001 - in a spreadsheet moments have no zone
ATTACKS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1+1", '=HYPERLINK("http://x")']


def file_of(writer: Writer, *parts: list[list[Any]]) -> bytes:
    return b"".join([writer.start(HEADINGS), *(writer.part(part) for part in parts), writer.end()])


def workbook(data: bytes) -> list[tuple[Any, ...]]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sheet = load_workbook(io.BytesIO(data)).active
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    return list(sheet.iter_rows(values_only=True))


def lines(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_both_formats_say_the_same() -> None:
    parts = [[["1", "想要<一副>&象棋", WHEN, 3]], [["2", None, None, 12.5]]]
    assert workbook(file_of(XlsxWriter("心愿"), *parts)) == [
        ("编号", "标题", "时间", "数"),
        ("1", "想要<一副>&象棋", WHEN, 3),
        ("2", None, None, 12.5),
    ]
    assert lines(file_of(CsvWriter(), *parts)) == [
        HEADINGS,
        ["1", "想要<一副>&象棋", "2026-06-12 15:40", "3"],
        ["2", "", "", "12.5"],
    ]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_is_taken_for_a_formula(attack: str) -> None:
    for rows in (workbook(file_of(XlsxWriter("a"), [[attack]])), lines(file_of(CsvWriter(), [[attack]]))):
        value = rows[1][0]
        assert value == "'" + attack.replace("\r", "\n") or value == "'" + attack


@given(st.lists(st.lists(st.text(max_size=40) | st.none() | st.integers(0, 10**9), min_size=1, max_size=4), max_size=5))
def test_any_text_gives_a_file_that_opens(rows: list[list[Any]]) -> None:
    assert len(workbook(file_of(XlsxWriter("a"), rows))) >= 1
    assert len(lines(file_of(CsvWriter(), rows))) == 1 + len(rows)


def test_an_xlsx_leaves_while_it_is_written() -> None:
    writer = XlsxWriter("a")
    row: list[Any] = [f"一段不那么好压缩的文字 {n * 7919 % 104729}" for n in range(20)]
    writer.start(HEADINGS)
    left = [
        len(writer.part([[f"{n} {text}" for text in row] for n in range(at, at + 50)])) for at in range(0, 5000, 50)
    ]
    writer.abandon()
    assert sum(size > 0 for size in left) >= 5
    assert max(left) < 100_000 < sum(left)


def test_the_parts_of_a_workbook_can_be_unpacked_by_any_program() -> None:
    """No zip64 records: Excel takes a stream that has them for damaged."""
    data = file_of(XlsxWriter("a"), [["x"] * 4])
    assert b"PK\x06\x06" not in data
    assert data.startswith(b"PK\x03\x04")
