"""What staff have to do: calls to make, and wishes that stall."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from microwish.events.wish import TaskKind
from microwish.identity.people import Person
from microwish.web.pages.kit import put_notice, see_other
from wish_service.domain.access import served_areas
from wish_service.domain.errors import TaskAlreadyDone
from wish_service.store.tasks import TaskQuery
from wish_service.use_cases.do_task import Call, finish_task, show_whom_to_call
from wish_service.web.api.desk import StaffHere
from wish_service.web.cursors import from_cursor, to_cursor
from wish_service.web.pages.frame import form_of, page
from wish_service.web.parts import OrderHere, Parts, PartsHere
from wish_service.web.present_tasks import task_items
from wish_service.web.problems_of_forms import validated
from wish_service.web.schemas_of_tasks import TaskDone

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 20
KINDS = (
    TaskKind.TELEPHONE,
    TaskKind.UNCONFIRMED,
    TaskKind.UNCLAIMED,
    TaskKind.REVIEW_OVERDUE,
    TaskKind.REVIEW_HALF_WAY,
)
"""In the order in which a person waits for them."""


@router.get("/desk/tasks")
async def tasks(
    request: Request,
    parts: PartsHere,
    staff: StaffHere,
    kind: TaskKind | None = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
) -> HTMLResponse:
    """Open tasks, the oldest first."""
    return await _page(request, parts, staff, kind, cursor)


@router.post("/desk/tasks/{task_id}/contact")
async def contact(request: Request, task_id: str, staff: StaffHere, order: OrderHere) -> HTMLResponse:
    """Show whom to call, this once, with their task before all others; the reading is on record."""
    call = await show_whom_to_call(task_id, order.asked, order.parts.tasks)
    return await _page(request, order.parts, staff, None, None, calling=(task_id, call))


@router.post("/desk/tasks/{task_id}/done")
async def done(request: Request, task_id: str, _staff: StaffHere, order: OrderHere) -> Response:
    """已办. Pressed twice, or by two at once, it is done all the same."""
    given = validated(TaskDone, await form_of(request))
    text = "tasks.done_told"
    try:
        await finish_task(task_id, given.note, order.asked, order.parts.tasks)
    except TaskAlreadyDone:
        text = "problem.task_done"
    answer = see_other("/desk/tasks")
    put_notice(request, answer, order.parts.pages.text(request, text))
    return answer


async def _page(
    request: Request,
    parts: Parts,
    staff: Person,
    kind: TaskKind | None,
    cursor: str | None,
    *,
    calling: tuple[str, Call] | None = None,
) -> HTMLResponse:
    areas = served_areas(staff)
    found = await parts.tasks.list(TaskQuery(areas, kind, None, from_cursor(cursor), PAGE_SIZE + 1))
    more = len(found) > PAGE_SIZE
    shown = found[:PAGE_SIZE]
    items: list[dict[str, Any]] = await task_items(shown, parts)
    called = calling[0] if calling else None
    if called is not None and all(item["id"] != called for item in items):
        items = [*await task_items([await parts.tasks.load(called)], parts), *items]
    return page(
        request,
        parts,
        "tasks.html",
        staff,
        tasks=sorted(items, key=lambda item: item["id"] != called),
        kinds=[one.value for one in KINDS],
        kind=kind.value if kind else None,
        count=await parts.tasks.count(areas),
        next_cursor=to_cursor(shown[-1].opened_at, shown[-1].id) if more else None,
        after=bool(cursor),
        called=called,
        call=calling[1] if calling else None,
    )
