"""The desk's page for tables: try a file, see what is wrong with it, import it, export the wishes."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from microwish.events import Category
from microwish.identity.people import Person
from microwish.ids import uuid7
from microwish.web.pages.kit import see_other
from microwish.web.texts import page_language
from wish_service.domain.errors import AlreadyImported, InvalidInput
from wish_service.domain.states import Status
from wish_service.store.imports import Import
from wish_service.use_cases.import_wishes import accept_import, import_wishes, known_import
from wish_service.web.api.desk import StaffHere
from wish_service.web.api.exports import Filters, Format, export
from wish_service.web.api.imports import template_answer
from wish_service.web.pages.frame import Errors, checked, page, summary, told_faults
from wish_service.web.pages.wall import communities_by_street
from wish_service.web.parts import Parts, PartsHere
from wish_service.web.sheets.checking import CheckedFile
from wish_service.web.tables import TableOrder, Tables, TablesHere, rules_of

router = APIRouter(include_in_schema=False)

SHOWN_FAULTS = 200
"""Faults on the page; the API tells all of them."""


@router.get("/desk/import")
async def start(request: Request, parts: PartsHere, staff: StaffHere) -> HTMLResponse:
    """Where to begin."""
    return _page(request, parts, staff)


@router.get("/desk/import/template.xlsx")
async def template(request: Request, parts: PartsHere, staff: StaffHere) -> Response:
    """The workbook to fill in."""
    return await template_answer(staff, parts, page_language(request))


@router.post("/desk/import")
async def try_file(
    request: Request, order: TableOrder, tables: TablesHere, file: Annotated[UploadFile | str, Form()] = ""
) -> HTMLResponse:
    """Check the file; what can be imported is kept for an hour, until somebody says yes."""
    parts, staff = order.parts, order.person
    if isinstance(file, str) or not file.size:
        return _refused(request, parts, staff, {"file": parts.pages.text(request, "file.missing")})
    try:
        found = await tables.check(file, order, page_language(request))
        if found.findings:
            return _page(request, parts, staff, status_code=422, found=_told(found))
        draft = await _draft(found, order, tables)
    except InvalidInput as invalid:
        return _refused(request, parts, staff, told_faults(invalid.faults, request, parts))
    return _page(request, parts, staff, found=_told(found), draft=draft)


@router.post("/desk/import/{import_id}")
async def say_yes(import_id: str, order: TableOrder, tables: TablesHere) -> Response:
    """Import what was checked."""
    rules = await rules_of(order.parts, order.when.at)
    kept = await accept_import(import_id, order.asked, tables.imports, rules)
    tables.worker.rounds.wake()
    return see_other(f"/desk/import/{kept.id}")


@router.get("/desk/import/{import_id}")
async def progress(
    request: Request, import_id: str, parts: PartsHere, staff: StaffHere, tables: TablesHere
) -> HTMLResponse:
    """How far it has come."""
    return _page(request, parts, staff, running=await known_import(import_id, staff, tables.imports))


@router.get("/desk/export")
async def export_file(
    request: Request,
    parts: PartsHere,
    staff: StaffHere,
    tables: TablesHere,
    format: Annotated[Format, Query()] = "xlsx",
) -> Response:
    """The file, by the filters of the form; those left empty don't count."""
    values = {name: request.query_params.get(name, "") for name in ("community", "category", "q")}
    values |= {name: request.query_params.get(name, "") for name in ("submitted_from", "submitted_to")}
    states = [state for state in request.query_params.getlist("status") if state]
    filters, errors = checked(Filters, {**values, "status": states or ""}, request, parts)
    if filters is None:
        return _refused(request, parts, staff, errors, {**values, "status": states[0] if states else ""})
    try:
        return await export(format, filters, staff, parts, tables, page_language(request))
    except InvalidInput as invalid:
        errors = told_faults(invalid.faults, request, parts)
    return _refused(request, parts, staff, errors, {**values, "status": states[0] if states else ""})


async def _draft(found: CheckedFile, order: TableOrder, tables: Tables) -> Import:
    numbered = [(row.number, row.wish) for row in found.rows]
    before = await tables.imports.with_rows(numbered)
    if before is not None:
        raise AlreadyImported(before.id)
    rules = await rules_of(order.parts, order.when.at)
    return await import_wishes(uuid7(), found.rows, order.asked, tables.imports, rules, accepted=False)


def _refused(
    request: Request, parts: Parts, staff: Person, errors: Errors, values: dict[str, Any] | None = None
) -> HTMLResponse:
    return _page(request, parts, staff, status_code=422, errors=errors, values=values or {})


def _told(found: CheckedFile) -> dict[str, Any]:
    return {
        "rows": len(found.sheet.table.rows),
        "bad": found.bad,
        "ignored": found.sheet.ignored,
        "faults": found.findings[:SHOWN_FAULTS],
        "more": max(0, len(found.findings) - SHOWN_FAULTS),
    }


def _page(
    request: Request,
    parts: Parts,
    staff: Person,
    *,
    status_code: int = 200,
    found: dict[str, Any] | None = None,
    draft: Import | None = None,
    running: Import | None = None,
    errors: Errors | None = None,
    values: dict[str, Any] | None = None,
) -> HTMLResponse:
    return page(
        request,
        parts,
        "import.html",
        staff,
        status_code=status_code,
        found=found,
        draft=draft,
        running=running,
        errors=errors or {},
        error_list=summary(errors or {}, request, parts),
        values=values or {},
        states=[status.value for status in Status],
        categories=[category.value for category in Category],
        groups=communities_by_street(parts),
        limit=parts.settings.import_max_rows,
    )
