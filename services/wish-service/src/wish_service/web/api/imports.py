"""Tables of wishes in: a template to fill in, a dry run that names every fault, all rows or none."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, File, Query, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from microwish.web.problems import Problem
from microwish.web.texts import Language, language_of
from wish_service.store.imports import Import
from wish_service.use_cases.import_wishes import import_wishes, known_import
from wish_service.web.answers.base import FILE, answers
from wish_service.web.answers.tables import Checked, ImportAccepted, ImportProgress
from wish_service.web.api.desk import StaffHere
from wish_service.web.parts import Parts, PartsHere, PersonHere
from wish_service.web.present import rfc3339
from wish_service.web.sheets.checking import CheckedFile
from wish_service.web.sheets.template import Template
from wish_service.web.tables import TableOrder, TablesHere, rules_of

router = APIRouter(tags=["import and export"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Table = Annotated[
    UploadFile, File(description="CSV (UTF-8, GB18030) or .xlsx; the first sheet, headings in its first row.")
]
DryRun = Annotated[bool, Query(description="Only check: answers with every fault and keeps nothing.")]


@router.get("/api/wishes/import-template.xlsx", response_class=Response, responses={200: {"content": {XLSX: FILE}}})
async def import_template(request: Request, staff: StaffHere, parts: PartsHere) -> Response:
    """The workbook to fill in, with the caller's communities to choose from."""
    return await template_answer(staff, parts, language_of(request))


@router.post("/api/wishes/import", **answers(ImportAccepted, 202, checked_200=Checked))
async def import_file(
    request: Request, file: Table, order: TableOrder, tables: TablesHere, dry_run: DryRun = False
) -> JSONResponse:
    """Import all wishes of a file, or none and say why. They are made behind the answer, which says where to look."""
    checked = await tables.check(file, order, language_of(request))
    if dry_run:
        numbered = [(row.number, row.wish) for row in checked.rows]
        before = None if checked.findings else await tables.imports.with_rows(numbered)
        return JSONResponse({**checked.told(), "dry_run": True, "already_imported": before.id if before else None})
    refuse_faults(checked)
    rules = await rules_of(order.parts, order.when.at)
    kept = await import_wishes(order.new_id(), checked.rows, order.asked, tables.imports, rules)
    tables.worker.rounds.wake()
    answer = {**import_item(kept), "ignored_columns": checked.sheet.ignored}
    return JSONResponse(answer, 202, {"Location": f"/api/imports/{kept.id}"})


@router.get("/api/imports/{import_id}", **answers(ImportProgress))
async def progress(import_id: str, person: PersonHere, tables: TablesHere) -> dict[str, Any]:
    """How far one's own import has come, and which wish each row became."""
    found = await known_import(import_id, person, tables.imports)
    return {**import_item(found), "items": [{"row": row, "wish_id": found.wish_id(row)} for row in found.numbers]}


def refuse_faults(checked: CheckedFile) -> None:
    """Raises: Problem 422 `rows_refused` with every fault, if there is one."""
    if checked.findings:
        raise Problem(422, "rows_refused", extra=checked.told())


async def template_answer(staff: StaffHere, parts: Parts, language: Language) -> Response:
    """The template as a file to keep."""
    tree, settings = parts.communities, parts.settings
    served = [one for one in tree.all() if tree.community(one.code) and staff.serves(one.code)]
    made = Template(served, parts.pages.catalogue, language)
    content = await asyncio.to_thread(
        made.workbook, rows=settings.import_max_rows, ceiling_fen=settings.highest_ceiling_fen
    )
    return Response(content, media_type=XLSX, headers=attachment("microwish-import.xlsx"))


def attachment(name: str) -> dict[str, str]:
    """The headers of a file that the browser keeps rather than shows."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def import_item(found: Import) -> dict[str, Any]:
    """An import in an answer."""
    return {
        "id": found.id,
        "state": found.state,
        "rows": found.rows,
        "done": found.done,
        "accepted_at": rfc3339(found.when.recorded_at) if found.accepted else None,
        "finished_at": rfc3339(found.finished_at),
    }
