"""Bytes from strangers: whatever they are, they give a table or a reason; what is a bomb isn't unpacked."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from wish_service.domain.errors import Fault
from wish_service.web.sheets.reading import decode, read_table
from wish_service.web.sheets.table import Limits, Table, UnusableFile, column_letter

LIMITS = Limits()


def refusal(data: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(UnusableFile) as refused:
        read_table(data, limits)
    (fault,) = refused.value.faults
    assert isinstance(fault, Fault)
    assert fault.field == "file"
    return fault.problem


def table_or_reason(data: bytes) -> Table | str:
    """Anything else that is raised fails the test."""
    try:
        return read_table(data, LIMITS)
    except UnusableFile as refused:
        return refused.faults[0].problem


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_csv_is_read_in_the_encoding_it_was_written_in(encoding: str) -> None:
    table = read_table("标题,电话\n想要一台收音机,13912345678\n".encode(encoding), LIMITS)
    assert texts(table) == [["想要一台收音机", "13912345678"]]
    told = {"utf-8-sig": "utf-8", "gbk": "gb18030"}
    assert (table.kind, table.encoding) == ("csv", told.get(encoding, encoding))


@pytest.mark.parametrize("data", [b"\xff\xff\xff,\xff", "标题".encode("gb18030")[:-1], b"\xef\xbb\xbf\xff"])
def test_another_encoding_is_refused_rather_than_guessed(data: bytes) -> None:
    assert refusal(data) == "file.encoding"


def test_a_semicolon_or_a_tab_separates_as_well() -> None:
    for delimiter in ";\t":
        assert texts(read_table(f"标题{delimiter}电话\na,b{delimiter}1".encode(), LIMITS)) == [["a,b", "1"]]


def test_rows_are_numbered_as_the_spreadsheet_shows_them() -> None:
    table = read_table('\n标题,说明\n\n甲,"两\n行"\n,\n乙,\n'.encode(), LIMITS)
    assert table.headings.number == 2
    assert [(row.number, row.cells[0].text) for row in table.rows] == [(4, "甲"), (6, "乙")]


def test_what_is_no_table_is_said_to_be_none() -> None:
    assert refusal(b"") == "file.empty"
    assert refusal(b" \n,,\n") == "file.empty"
    assert refusal(b"a,b\0c") == "file.not_a_table"
    assert refusal(b'a,"b\nc') == "file.not_csv"
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600) == "file.old_excel"
    assert refusal(b"PK\x03\x04 but no zip") == "file.not_xlsx"
    assert refusal(zipped({"a.txt": b"a"})) == "file.not_xlsx"
    assert refusal(zipped({"[Content_Types].xml": b"<a/>"})) == "file.not_xlsx"


def test_files_beyond_the_limits_are_refused(xlsx_file: Callable[..., bytes]) -> None:
    small = Limits(rows=2, columns=3)
    assert refusal(b"a\n1\n2\n3", small) == "file.too_many_rows"
    assert refusal(b"a,b,c,d\n", small) == "file.too_many_columns"
    assert refusal(xlsx_file([1], [2], [3], headings="a"), small) == "file.too_many_rows"
    assert refusal(xlsx_file(headings="abcd"), small) == "file.too_many_columns"
    assert (
        len(read_table(b"a\n1\n2", small).rows) == len(read_table(xlsx_file([1], [2], headings="a"), small).rows) == 2
    )


def test_a_bomb_is_refused_by_its_directory_before_it_is_unpacked() -> None:
    bomb = zipped({"[Content_Types].xml": b"<a/>", "xl/worksheets/sheet1.xml": b"0" * 40_000_000})
    assert len(bomb) < 100_000
    assert refusal(bomb) == "file.unpacks_too_large"
    many = zipped({"[Content_Types].xml": b"<a/>", **{f"xl/{n}.xml": b"" for n in range(400)}})
    assert refusal(many) == "file.unpacks_too_large"


def test_entities_are_not_expanded(xlsx_file: Callable[..., bytes]) -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]>'
    for part in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"):
        members = unzipped(xlsx_file(["a"], headings="a"))
        xml = members[part].split(b"?>", 1)[-1]
        assert refusal(zipped({**members, part: laughs + xml})) == "file.not_xlsx"


def test_cells_of_a_workbook_are_read_as_people_see_them(xlsx_file: Callable[..., bytes]) -> None:
    row = [13912345678, 50.0, 0.1 + 0.2, True, False, None, " 甲 ", date(2026, 3, 5), "=1+1", "'=1+1"]
    table = read_table(xlsx_file(row, headings="abcdefghij"), LIMITS)
    (read,) = table.rows
    assert [cell.text for cell in read.cells[:7]] == ["13912345678", "50", "0.3", "是", "否", "", "甲"]
    assert [cell.problem for cell in read.cells[7:]] == ["cell_date", "cell_formula", None]
    assert read.cells[0].number
    assert read.cells[9].text == "=1+1"


def test_a_formula_counts_as_the_value_that_was_calculated_last(xlsx_file: Callable[..., bytes]) -> None:
    members = unzipped(xlsx_file(["=1+1", "=1/0"], headings="ab"))
    sheet = members["xl/worksheets/sheet1.xml"].decode()
    assert sheet.count("<v />") + sheet.count("<v/>") + sheet.count("<v></v>") == 2
    for empty in ("<v />", "<v/>", "<v></v>"):
        sheet = sheet.replace(empty, "<v>2</v>", 1)
    sheet = sheet.replace('<c r="B2"><f>1/0</f>', '<c r="B2" t="e"><f>1/0</f>')
    table = read_table(zipped({**members, "xl/worksheets/sheet1.xml": sheet.encode()}), LIMITS)
    assert table.rows[0].cells[0].text == "2"


def test_a_sheet_that_lies_about_its_size_loses_no_row(xlsx_file: Callable[..., bytes]) -> None:
    members = unzipped(xlsx_file(["1"], ["2"], ["3"], headings="a"))
    part = "xl/worksheets/sheet1.xml"
    lie = members[part].replace(b'<dimension ref="A1:A4"', b'<dimension ref="A1:A2"')
    assert lie != members[part]
    assert len(read_table(zipped({**members, part: lie}), LIMITS).rows) == 3


def test_the_first_sheet_that_shows_is_read() -> None:
    book = Workbook()
    book.active.sheet_state = "hidden"
    book.active.append(["hidden"])
    shown = book.create_sheet("b")
    shown.append(["标题"])
    shown.append(["甲"])
    out = io.BytesIO()
    book.save(out)
    assert read_table(out.getvalue(), LIMITS).headings.cells[0].text == "标题"


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("gb18030", "ignore")))
def test_any_bytes_give_a_table_or_a_reason(data: bytes) -> None:
    assert table_or_reason(data)


@given(st.data())
def test_a_damaged_workbook_gives_a_table_or_a_reason(data: Any) -> None:
    members = unzipped(WORKBOOK)
    part = data.draw(st.sampled_from(sorted(members)))
    at = data.draw(st.integers(0, len(members[part])))
    gone = data.draw(st.integers(0, 40))
    put = data.draw(st.binary(max_size=12) | st.sampled_from([b"<c r='ZZZ1'><v>1</v></c>", b"999999999999", b"t='s'"]))
    members[part] = members[part][:at] + put + members[part][at + gone :]
    assert table_or_reason(zipped(members))


@given(st.text(max_size=100))
def test_text_in_gb18030_is_read_back_or_refused_but_never_changed(text: str) -> None:
    try:
        data = text.encode("gb18030")
        read, encoding = decode(data)
    except (UnicodeEncodeError, UnusableFile):
        return
    assert read == text or encoding != "gb18030"


def test_columns_are_named_as_in_a_spreadsheet() -> None:
    assert [column_letter(at) for at in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _workbook() -> bytes:
    book = Workbook()
    for row in (["标题", "电话"], ["甲", 13912345678], ["=1+1", "乙"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


WORKBOOK = _workbook()
