"""From a table to wishes to be imported, and every fault with its row and column."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from microwish.web.texts import Catalogue, Language
from microwish.web.validation import FieldError, field_errors, field_path
from wish_service.domain.errors import Fault
from wish_service.use_cases.import_wishes import RowFault, WishRow
from wish_service.use_cases.post_wish import PostWish
from wish_service.web.api.wishes import command_of
from wish_service.web.schemas import NewWish
from wish_service.web.sheets.columns import COLUMNS, Column, Layout, layout_of
from wish_service.web.sheets.table import Cell, Row, Table, UnusableFile, column_letter
from wish_service.web.sheets.values import CampaignNames, CellFault, CommunityNames, reader_of

_TO_BODY = {"estimated_value": "estimated_value_fen"}
_TO_COLUMN = {body: column for column, body in _TO_BODY.items()} | {
    # Where a whole part of the body is at fault, the column that makes it up is shown.
    "contact": "contact.name",
    "beneficiary": "beneficiary.relation",
    "consents": "consents.publishing",
    "guardian": "guardian.name",
}
_BEHALF = "on_behalf"
_OF_TEXT = {"too_long": "string_too_long", "too_short": "string_too_short"}
"""Every cell is a text: what pydantic counts after cleaning are characters, not items."""


@dataclass(frozen=True)
class Finding:
    """One thing wrong: in which row and column, which field of a wish, the stable code, and in words."""

    row: int
    column: str
    heading: str
    field: str
    code: str
    message: str

    def told(self) -> dict[str, Any]:
        """It in an answer; its field is one of the file, as in every problem."""
        return {**vars(self), "field": f"rows.{self.row}.{self.field}".rstrip(".")}


@dataclass(frozen=True)
class Sheet:
    """What a file holds: wishes whose cells can be read, and what is wrong with the others."""

    table: Table
    layout: Layout
    rows: tuple[WishRow, ...]
    findings: tuple[Finding, ...]

    @property
    def ignored(self) -> list[dict[str, str]]:
        """Columns that are not imported, by letter and heading."""
        headings = self.table.headings
        return [{"column": column_letter(at), "heading": headings.cell(at).text[:60]} for at in self.layout.ignored]


class SheetReader:
    """Reads one table for one person in one language; a fault in a row hides none in another."""

    def __init__(
        self,
        table: Table,
        communities: CommunityNames,
        campaigns: CampaignNames,
        catalogue: Catalogue,
        language: Language,
    ) -> None:
        self._table, self._layout = table, layout_of(table.headings)
        self._communities, self._campaigns = communities, campaigns
        self._catalogue, self._language = catalogue, language

    def read(self) -> Sheet:
        """All rows. Raises: UnusableFile for a table without any."""
        if not self._table.rows:
            raise UnusableFile("no_rows")
        findings = self._of_layout()
        rows: list[WishRow] = []
        for row in () if self._layout.missing else self._table.rows:
            wish, found = self._wish(row)
            findings += found
            rows += [WishRow(row.number, wish)] if wish and not found else []
        return Sheet(self._table, self._layout, tuple(rows), tuple(findings))

    def of_rules(self, faults: Iterable[RowFault]) -> list[Finding]:
        """What the rules of posting refuse, placed in the table."""
        return [self._of_fault(fault.row, fault.fault) for fault in faults]

    def _wish(self, row: Row) -> tuple[PostWish | None, list[Finding]]:
        body, faults = self._body(row)
        found = [self._of_fault(row.number, fault) for fault in faults] + self._beside(row)
        try:
            return self._in_campaign(NewWish.model_validate(body)), found
        except ValidationError as error:
            known = {fault.field for fault in faults}  # such a cell isn't in the body, and not missing either
            raised = self._of_body(row.number, error)
            return None, found + [one for one in raised if _TO_COLUMN.get(one.field, one.field) not in known]

    def _in_campaign(self, wish: NewWish) -> PostWish:
        """The command, in the campaign that is named for it."""
        campaign_id = self._campaigns.id(wish.campaign, wish.community) if wish.campaign else None
        return replace(command_of(wish), campaign_id=campaign_id)

    def _body(self, row: Row) -> tuple[dict[str, Any], list[Fault]]:
        """The body of a new wish that a row stands for. On behalf of the resident, unless it says otherwise."""
        body: dict[str, Any] = {_BEHALF: {}, "contact": {}}
        faults: list[Fault] = []
        values: dict[str, object] = {}
        for name, at in self._layout.at.items():
            cell = row.cell(at)
            if not cell.filled:
                continue
            try:
                values[name] = self._value(name, cell)
            except CellFault as fault:
                faults.append(fault.of(name))
        own = values.pop(_BEHALF, True) is False
        for name, value in values.items():
            _put(body, _TO_BODY.get(name, name), value)
        return (body | {_BEHALF: False} if own else body), faults

    def _value(self, name: str, cell: Cell) -> object:
        if cell.problem:
            raise CellFault(cell.problem)
        return reader_of(name, self._communities, self._campaigns)(cell)

    def _of_body(self, number: int, error: ValidationError) -> list[Finding]:
        found = error.errors(include_url=False, include_input=False)
        raw: list[dict[str, Any]] = [{**one, "type": _OF_TEXT.get(one["type"], one["type"])} for one in found]
        told = field_errors(raw, self._catalogue, self._language)
        return [
            self._placed(number, _path_of(one), _code_of(one), said.message)
            for one, said in zip(raw, told, strict=False)
            if one["loc"][:2] != (_BEHALF, "bool")  # the other form of that field, which no row has
        ]

    def _of_fault(self, number: int, fault: Fault) -> Finding:
        message = FieldError(fault.field, fault.problem, fault.values).told(self._catalogue, self._language)["message"]
        return self._placed(number, fault.field, fault.problem.removeprefix("field."), message)

    def _placed(self, number: int, name: str, code: str, message: str) -> Finding:
        column = _TO_COLUMN.get(name, name)
        at = self._layout.at.get(column)
        if at is not None:
            return Finding(number, column_letter(at), self._heading(at), name, code, message)
        return Finding(
            number, "", next((self._named(one) for one in COLUMNS if one.field == column), ""), name, code, message
        )

    def _beside(self, row: Row) -> list[Finding]:
        """Cells with something in them where no heading says what."""
        bare = [at for at, cell in enumerate(row.cells) if cell.filled and not self._table.headings.cell(at).filled]
        text = self._catalogue.text("field.no_column", self._language)
        return [Finding(row.number, column_letter(at), "", "", "no_column", text) for at in bare]

    def _of_layout(self) -> list[Finding]:
        line = self._table.headings.number
        missing = [
            Fault(column.field, "field.column_missing", {"heading": self._named(column)})
            for column in self._layout.missing
        ]
        found = [self._of_fault(line, fault) for fault in missing]
        for at in self._layout.repeated:
            text = self._catalogue.text("field.column_repeated", self._language, heading=self._heading(at))
            found.append(Finding(line, column_letter(at), self._heading(at), "", "column_repeated", text))
        return found

    def _heading(self, at: int) -> str:
        return self._table.headings.cell(at).text[:60]

    def _named(self, column: Column) -> str:
        return column.headings[1 if self._language == "en" else 0]


def _put(body: dict[str, Any], path: str, value: object) -> None:
    *outer, last = path.split(".")
    for name in outer:
        body = body.setdefault(name, {})
    body[last] = value


def _path_of(finding: dict[str, Any]) -> str:
    return field_path(finding["loc"]).replace(f"{_BEHALF}.OnBehalf.", f"{_BEHALF}.")


def _code_of(finding: dict[str, Any]) -> str:
    own = getattr((finding.get("ctx") or {}).get("error"), "code", None)
    return str(own or finding.get("type", "invalid"))


def ordered(findings: Sequence[Finding]) -> list[Finding]:
    """From the top of the table to its bottom, from left to right."""
    return sorted(findings, key=lambda one: (one.row, len(one.column), one.column))
