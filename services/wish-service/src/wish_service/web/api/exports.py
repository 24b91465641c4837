"""Tables of wishes out, streamed: whatever became of them, contacts masked, and every export on record."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from microwish.events import Category
from microwish.identity.people import Person, Role
from microwish.ids import uuid7
from microwish.store.mongo import Document
from microwish.web.texts import Language, language_of
from wish_service.domain.errors import Fault, InvalidInput
from wish_service.domain.states import Status
from wish_service.store.exports import Selection
from wish_service.use_cases.export_wishes import ExportWishes, begin_export, export_wishes
from wish_service.web.answers.base import FILE, answers
from wish_service.web.answers.tables import ExportsMade
from wish_service.web.api.desk import StaffHere
from wish_service.web.api.imports import XLSX, attachment
from wish_service.web.cursors import from_cursor, to_cursor
from wish_service.web.parts import Parts, PartsHere
from wish_service.web.present import rfc3339
from wish_service.web.schemas import Body, Division, IsoDay, Words
from wish_service.web.sheets.export_rows import ExportRows
from wish_service.web.sheets.writing import CsvWriter, Writer, XlsxWriter
from wish_service.web.tables import Tables, TablesBusy, TablesHere

router = APIRouter(tags=["import and export"])

Format = Literal["csv", "xlsx"]
_MEDIA_TYPES: dict[Format, str] = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}


class Filters(Body):
    """What to export; absent: everything that the caller serves. Days are of the service's time zone, both included."""

    status: Annotated[list[Status], Field(max_length=len(Status))] | None = None
    community: Division | None = None
    category: Category | None = None
    q: Words | None = None
    submitted_from: IsoDay | None = None
    submitted_to: IsoDay | None = None


FiltersHere = Annotated[Filters, Query()]


@router.get("/api/wishes/export.xlsx", response_class=Response, responses={200: {"content": {XLSX: FILE}}})
async def export_xlsx(
    request: Request, filters: FiltersHere, staff: StaffHere, parts: PartsHere, tables: TablesHere
) -> Response:
    """Every wish that fits, in all states, as a workbook."""
    return await export("xlsx", filters, staff, parts, tables, language_of(request))


@router.get("/api/wishes/export.csv", response_class=Response, responses={200: {"content": {"text/csv": FILE}}})
async def export_csv(
    request: Request, filters: FiltersHere, staff: StaffHere, parts: PartsHere, tables: TablesHere
) -> Response:
    """Every wish that fits, in all states, as CSV in UTF-8."""
    return await export("csv", filters, staff, parts, tables, language_of(request))


@router.get("/api/wishes/exports", **answers(ExportsMade))
async def exports_made(
    staff: StaffHere,
    parts: PartsHere,
    tables: TablesHere,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """Who exported what and how much, newest first: for admins all, for staff their own."""
    by = None if staff.has(Role.ADMIN) else staff.id
    found = await tables.exports.records(by, after=from_cursor(cursor), limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    return {
        "items": [await _record_item(record, parts) for record in found[:limit]],
        "next_cursor": to_cursor(last["at"], last["_id"]) if last else None,
    }


async def export(
    format: Format, filters: Filters, staff: Person, parts: Parts, tables: Tables, language: Language
) -> Response:
    """The file as a stream. Raises: OtherCommunity, InvalidInput, TablesBusy."""
    if tables.writing.locked():
        raise TablesBusy
    export_id, command = uuid7(), command_of(format, filters, parts)
    selection = await begin_export(export_id, command, staff, tables.exports, parts.seals, clock=parts.clock)
    catalogue = parts.pages.catalogue
    campaigns = {one.id: one.name for one in await parts.campaigns.all()}
    rows = ExportRows(parts.seals, catalogue, language, parts.settings.zone, command.words, campaigns)
    writer: Writer = CsvWriter() if format == "csv" else XlsxWriter(catalogue.text("export.sheet", language))
    body = _file(export_id, selection, rows, writer, parts, tables)
    name = f"microwish-{parts.clock().astimezone(parts.settings.zone):%Y%m%d-%H%M}.{format}"
    return StreamingResponse(body, media_type=_MEDIA_TYPES[format], headers=attachment(name))


async def _file(
    id: str, selection: Selection, rows: ExportRows, writer: Writer, parts: Parts, tables: Tables
) -> AsyncIterator[bytes]:
    def encode(documents: Sequence[Document]) -> tuple[bytes, int]:
        wanted = rows.rows(documents)
        return writer.part(wanted), len(wanted)

    async with tables.writing:
        try:
            yield writer.start(rows.headings())
            exported = export_wishes(id, selection, encode, tables.exports, clock=parts.clock)
            async with aclosing(exported) as pages:
                async for part in pages:
                    if part:
                        yield part
            yield writer.end()
        finally:
            writer.abandon()


def command_of(format: Format, filters: Filters, parts: Parts) -> ExportWishes:
    """The command in a request. Raises: InvalidInput for days that don't fit."""
    today = parts.clock().astimezone(parts.settings.zone).date()
    first, last = filters.submitted_from, filters.submitted_to
    faults = [
        Fault(name, "field.date_future")
        for name, day in (("submitted_from", first), ("submitted_to", last))
        if day is not None and day > today
    ]
    if first and last and last < first:
        faults.append(Fault("submitted_to", "field.date_order"))
    if faults:
        raise InvalidInput(faults)
    return ExportWishes(
        format=format,
        community=filters.community,
        states=tuple(status.value for status in filters.status) if filters.status else None,
        category=filters.category.value if filters.category else None,
        words=filters.q,
        since=_midnight(first, parts) if first else None,
        until=_midnight(last + timedelta(days=1), parts) if last else None,
    )


def _midnight(day: date, parts: Parts) -> datetime:
    return datetime.combine(day, time(), parts.settings.zone)


async def _record_item(record: Document, parts: Parts) -> dict[str, Any]:
    filters, person = record["filters"], await parts.people.find(record["by"])
    words = filters["words"]
    return {
        "id": record["_id"],
        "by": {"id": record["by"], "name": parts.people.name_of(person) if person else None},
        "at": rfc3339(record["at"]),
        "format": record["format"],
        "state": record["state"],
        "rows": record["rows"],
        "filters": {
            **filters,
            "since": rfc3339(filters["since"]),
            "until": rfc3339(filters["until"]),
            "words": parts.seals.of_export(record["_id"], words) if words else None,
        },
    }
