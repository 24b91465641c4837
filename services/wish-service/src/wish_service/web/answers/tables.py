"""Answers about tables that come in and go out."""

from datetime import datetime
from typing import Literal

from microwish.events import Category
from wish_service.domain.states import Status
from wish_service.web.answers.base import Answer, Listed


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
