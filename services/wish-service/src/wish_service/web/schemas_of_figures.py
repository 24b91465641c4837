"""What answers about places, figures and tables hold, for the API's documentation, as in `schemas_of_answers.py`."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from microwish.events import Category
from wish_service.domain.states import Status
from wish_service.web.schemas_of_answers import Answer, Listed, Place


class Division(Answer):
    """A node of the tree. children: how many lie right below; below: what lies below, nested."""

    code: str
    name: str
    parent: str | None
    children: int | None = None
    below: "list[Division] | None" = None


class Divisions(Listed):
    """Divisions by code."""

    items: list[Division]


class OneDivision(Division):
    """A division, and where it went on if it moved."""

    moved_to: Place | None


class TreeChanges(Answer):
    """What a list of divisions does to the tree, or would do."""

    dry_run: bool
    added: int
    renamed: int
    unchanged: int


class Moved(Answer):
    """Under which code a community goes on."""

    code: str
    moved_to: Place


class _Figures(Answer):
    posted: int | None
    claimed: int | None
    confirmed: int | None
    fulfilled: int | None
    organisations: dict[str, int] | None = Field(description="How many took part, by kind.")
    median_days_to_claim: float | None
    median_days_to_confirm: float | None
    median_days_from_posted_to_confirm: float | None


class MonthFigures(_Figures):
    """The figures of a month, such as 2026-02."""

    month: str


class CategoryFigures(_Figures):
    """The figures of a category; null where the group is too small to be told."""

    category: Category
    suppressed: bool | None = None


class PlaceFigures(_Figures):
    """The figures of a division."""

    code: str
    name: str | None


class CellFigures(MonthFigures):
    """The figures of a month and a category."""

    category: Category


class Totals(_Figures):
    """The figures of everything that was asked for."""


class Stats(Answer):
    """What was asked, claimed and done. areas: the divisions one level below."""

    community: Place | None
    since: str | None = Field(alias="from")
    until: str | None = Field(alias="to")
    campaign: str | None
    totals: Totals
    months: list[MonthFigures]
    categories: list[CategoryFigures]
    communities: list[PlaceFigures]
    areas: list[PlaceFigures]


class ExactStats(Stats):
    """The same for staff, nothing hidden."""

    cells: list[CellFigures]


class Finding(Answer):
    """A cell at fault."""

    row: int
    column: str
    heading: str
    field: str
    code: str
    message: str


class Checked(Answer):
    """What a dry run found."""

    format: Literal["csv", "xlsx"]
    encoding: str | None
    rows: int
    bad_rows: int
    ignored_columns: list[str]
    errors: list[Finding]
    dry_run: bool
    already_imported: str | None


class ImportAccepted(Answer):
    """An import: how far it has come."""

    id: str
    state: Literal["draft", "running", "done"]
    rows: int
    done: int
    accepted_at: datetime | None
    finished_at: datetime | None
    ignored_columns: list[str]


class ImportedRow(Answer):
    """Which wish a row became, or will become."""

    row: int
    wish_id: str


class ImportProgress(Answer):
    """An import: how far it has come, row by row."""

    id: str
    state: Literal["draft", "running", "done"]
    rows: int
    done: int
    accepted_at: datetime | None
    finished_at: datetime | None
    items: list[ImportedRow]


class Exporter(Answer):
    """Who exported."""

    id: str
    name: str | None


class ExportFilters(Answer):
    """What was exported."""

    areas: list[str] | None
    states: list[Status] | None
    category: Category | None
    since: datetime | None
    until: datetime | None
    words: str | None


class ExportMade(Answer):
    """One export on record."""

    id: str
    by: Exporter
    at: datetime
    format: Literal["csv", "xlsx"]
    state: Literal["begun", "complete", "cut"]
    rows: int
    filters: ExportFilters


class ExportsMade(Listed):
    """Exports, the newest first."""

    items: list[ExportMade]


FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
