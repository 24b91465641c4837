"""The template: our headings, lists to choose from, and a filled one can be imported."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import load_workbook

from microwish.web.common_texts import COMMON_TEXTS
from microwish.web.pages.texts import KIT_TEXTS
from wish_service.domain.divisions import Division
from wish_service.web.sheets.columns import COLUMNS
from wish_service.web.sheets.template import Template
from wish_service.web.texts import TEXTS

PLACES = [
    Division("310117001001", "龙潭社区居委会", "310117001"),
    Division("310117001002", "幸福社区居委会", "310117001"),
    Division("310117005001", "幸福社区居委会", "310117005"),
]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_filled_template_is_imported(language: Any, sheet_of: Callable[..., Any]) -> None:
    catalogue = TEXTS.with_base(KIT_TEXTS).with_base(COMMON_TEXTS)
    made = Template(PLACES, catalogue, language).workbook(rows=100, ceiling_fen=50_000)
    book = load_workbook(io.BytesIO(made))
    sheet = book.worksheets[0]
    assert [cell.value.rstrip("*") for cell in sheet[1]] == [
        column.headings[1 if language == "en" else 0] for column in COLUMNS
    ]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert rules["C2:C101"].formula1.startswith('"')
    places = book.worksheets[1]
    assert [(row[0].value, row[1].value) for row in places.iter_rows(min_row=2)] == [
        ("龙潭社区", "310117001001"),
        ("310117001002", "310117001002"),
        ("310117005001", "310117005001"),
    ]
    assert places.title in rules["D2:D101"].formula1
    first = rules["C2:C101"].formula1.strip('"').split(",")[0]
    for at, value in enumerate(["收音机", None, first, "龙潭社区", "王", "13912345678", "三弄"], 1):
        sheet.cell(2, at, value)
    out = io.BytesIO()
    book.save(out)
    read = sheet_of(out.getvalue(), language=language)
    assert not read.findings
    assert read.rows[0].wish.community == "310117001001"
    assert book.worksheets[2].max_row == len(COLUMNS) + 1
