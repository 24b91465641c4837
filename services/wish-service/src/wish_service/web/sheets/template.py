"""The workbook to fill in: our headings, lists to choose from, and how to fill in each column."""

import io
from collections import Counter
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from microwish.events import Category
from microwish.web.texts import Catalogue, Language
from wish_service.domain.consents import ConsentBasis
from wish_service.domain.divisions import Division
from wish_service.web.sheets.columns import COLUMNS, Column

_WIDTHS = {"title": 32, "detail": 40, "contact.address": 32, "community": 22, "contact.phone": 18}
_YES_OR_NO = frozenset({"beneficiary.under_14", "on_behalf"})
_NUMBERS = frozenset({"slots", "estimated_value"})


class Template:
    """The template for one person's communities, in one language."""

    def __init__(self, communities: Sequence[Division], catalogue: Catalogue, language: Language) -> None:
        self._names = _answers(communities)
        self._catalogue, self._language = catalogue, language

    def workbook(self, *, rows: int, ceiling_fen: int) -> bytes:
        """An .xlsx with room for so many wishes. Nothing of it touches the disk."""
        file = io.BytesIO()
        with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
            self._bold = book.add_format({"bold": True, "bg_color": "#FCE9D0"})
            self._words = book.add_format({"num_format": "@"})
            self._wishes(book.add_worksheet(self._text("sheet.name")), rows, ceiling_fen)
            self._communities(book.add_worksheet(self._text("sheet.help.communities")))
            self._help(book.add_worksheet(self._text("sheet.help")))
        return file.getvalue()

    def _wishes(self, sheet: Worksheet, rows: int, ceiling_fen: int) -> None:
        sheet.freeze_panes(1, 0)
        for at, column in enumerate(COLUMNS):
            sheet.write_string(0, at, self._heading(column) + ("*" if column.required else ""), self._bold)
            # All but amounts as text, so that no phone loses digits and no answer becomes a date.
            words = None if column.field in _NUMBERS else self._words
            sheet.set_column(at, at, _WIDTHS.get(column.field, 14), words)
            rule = self._rule(column.field, ceiling_fen)
            if rule:
                sheet.data_validation(1, at, rows, at, rule)

    def _rule(self, field: str, ceiling_fen: int) -> dict[str, Any] | None:
        if field == "slots":
            return {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": 200}
        if field == "estimated_value":
            return {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": ceiling_fen / 100}
        if field == "category":
            return self._choice([self._text(f"category.{one}") for one in Category])
        if field in _YES_OR_NO or field.startswith("consents."):
            return self._choice([self._text("sheet.yes"), self._text("sheet.no")])
        if field == "on_behalf.basis":
            return self._choice([self._text(f"sheet.basis.{one}") for one in ConsentBasis])
        if field == "community" and self._names:
            places = f"='{self._text('sheet.help.communities')}'!$A$2:$A${len(self._names) + 1}"
            # A code is as good an answer, and isn't in the list.
            return {**self._choice(places), "error_type": "warning"}
        return None

    def _choice(self, source: list[str] | str) -> dict[str, Any]:
        return {"validate": "list", "source": source, "error_message": self._text("sheet.choose")}

    def _communities(self, sheet: Worksheet) -> None:
        sheet.set_column(0, 1, 24, self._words)
        for at, heading in enumerate(("sheet.column.community", "sheet.community_code")):
            sheet.write_string(0, at, self._text(heading), self._bold)
        for row, (name, code) in enumerate(self._names, 1):
            sheet.write_string(row, 0, name)
            sheet.write_string(row, 1, code)

    def _help(self, sheet: Worksheet) -> None:
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 70)
        for at, heading in enumerate(("sheet.help.column", "sheet.help.what")):
            sheet.write_string(0, at, self._text(heading), self._bold)
        for row, column in enumerate(COLUMNS, 1):
            sheet.write_string(row, 0, self._heading(column))
            sheet.write_string(row, 1, self._text(f"sheet.help.{column.field}"))

    def _heading(self, column: Column) -> str:
        return column.headings[1 if self._language == "en" else 0]

    def _text(self, key: str) -> str:
        return self._catalogue.text(key, self._language)


def _answers(communities: Sequence[Division]) -> list[tuple[str, str]]:
    """(what to put in the column, code): the name, or the code where several have that name."""
    names = Counter(division.shown_name for division in communities)
    return [
        (division.shown_name if names[division.shown_name] == 1 else division.code, division.code)
        for division in communities
    ]
