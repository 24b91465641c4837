"""What a list of divisions may not say, cell by cell."""

import pytest

from wish_service.domain.divisions import BadCell, Division, Row, bad_cells, is_code, parent_of
from wish_service.domain.errors import InvalidInput
from wish_service.use_cases.import_communities import read_rows

KNOWN = {"310117", "310117001", "310117001001"}


def test_the_parent_is_the_beginning_of_the_code() -> None:
    assert [parent_of(code) for code in ("310117", "310117001", "310117001001")] == [None, "310117", "310117001"]
    assert Division("310117001001", "龙潭社区居委会").shown_name == "龙潭社区"
    assert not any(is_code(text) for text in ("", "31011", "3101170010", "３１０１１７", "31011a"))


@pytest.mark.parametrize(
    ("cells", "bad"),
    [
        (("310117001009", "新社区", "310117001"), []),
        (("3101", "市", ""), [("code", "division.digits")]),
        (("310117001a09", "新社区", "310117001"), [("code", "division.digits")]),
        (("310117001009", "", "310117001"), [("name", "division.name")]),
        (("310117001009", "字" * 61, "310117001"), [("name", "division.name")]),
        (("310117001009", "新社区", "310117005"), [("parent", "division.not_below")]),
        (("310117001009", "新社区", "310117"), [("parent", "division.not_below")]),
        (("310117001009", "新社区", ""), [("parent", "division.not_below")]),
        (("310117", "松江区", "310117"), [("parent", "division.not_below")]),
        (("310117009009", "新社区", "310117009"), [("parent", "division.parent_unknown")]),
        (("310117001009", "新社区", "12x"), [("parent", "division.digits")]),
        (("310117001002", "划走的", "310117001"), [("code", "division.moved")]),
        (("12", "", "x"), [("code", "division.digits"), ("name", "division.name"), ("parent", "division.digits")]),
    ],
)
def test_each_cell_at_fault_is_named(cells: tuple[str, str, str], bad: list[tuple[str, str]]) -> None:
    moved = {"310117001002"}
    found = bad_cells([Row(2, *cells)], KNOWN | moved, moved)
    assert found == [BadCell(2, column, problem) for column, problem in bad]


def test_a_parent_may_stand_in_the_list_itself_and_a_code_only_once() -> None:
    rows = [
        Row(2, "310118001001", "甲", "310118001"),
        Row(3, "310118001", "街道", "310118"),
        Row(4, "310118", "区", ""),
    ]
    assert bad_cells(rows, KNOWN, set()) == []
    twice = [*rows, Row(9, "310118001", "又一个", "310118")]
    assert bad_cells(twice, KNOWN, set()) == [BadCell(9, "code", "division.twice")]


def test_rows_are_numbered_as_a_table_program_counts() -> None:
    text = '\ufeffName,parent,CODE\r\n"龙潭\n社区",310117001,310117001001\r\n\r\n 醉白池 ,310117001, 310117001002\r\n'
    rows = read_rows(text)
    assert [(row.number, row.code, row.name) for row in rows] == [
        (3, "310117001001", "龙潭\n社区"),
        (5, "310117001002", "醉白池"),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "代码,名称", "code,name\n310117,松江区", '"open'])
def test_a_file_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_rows(text)
    assert refused.value.faults
