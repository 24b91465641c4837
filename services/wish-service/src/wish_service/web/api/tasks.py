"""For staff: what there is to do, that it is done, and recommending a wish."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from microwish.events.wish import TaskKind
from wish_service.domain.access import served_areas
from wish_service.domain.tasks import Task
from wish_service.store.tasks import TaskQuery
from wish_service.use_cases.do_task import finish_task, show_whom_to_call
from wish_service.use_cases.recommend_wish import recommend_wish
from wish_service.web.answers.base import answers
from wish_service.web.answers.desk import Task as TaskAnswer
from wish_service.web.answers.desk import Tasks, WhomToCall
from wish_service.web.answers.wishes import KnownWish
from wish_service.web.api.desk import StaffHere
from wish_service.web.api.wishes import seen_by
from wish_service.web.cursors import from_cursor, to_cursor
from wish_service.web.parts import OrderHere, Parts, PartsHere
from wish_service.web.present_tasks import task_item, task_items
from wish_service.web.schemas import Division
from wish_service.web.schemas_of_tasks import Recommendation, TaskDone

router = APIRouter(tags=["desk"])


@router.get("/api/tasks", **answers(Tasks))
async def tasks(
    staff: StaffHere,
    parts: PartsHere,
    kind: TaskKind | None = None,
    community: Division | None = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """Open tasks of the caller's divisions, the oldest first; by kind, and by prefix of the wish's community."""
    found = await parts.tasks.list(TaskQuery(served_areas(staff), kind, community, from_cursor(cursor), limit + 1))
    items, last = found[:limit], found[limit - 1] if len(found) > limit else None
    return {
        "items": await task_items(items, parts),
        "next_cursor": to_cursor(last.opened_at, last.id) if last else None,
    }


@router.post("/api/tasks/{task_id}/done", **answers(TaskAnswer))
async def done(task_id: str, body: TaskDone, _staff: StaffHere, order: OrderHere) -> dict[str, Any]:
    """Somebody has seen to it."""
    task = await finish_task(task_id, body.note, order.asked, order.parts.tasks)
    return await _shown(task, order.parts)


@router.post("/api/tasks/{task_id}/contact", **answers(WhomToCall))
async def contact(task_id: str, _staff: StaffHere, order: OrderHere) -> dict[str, Any]:
    """Whom to call for an open task, also where the wish has ended; the resident sees who asked."""
    call = await show_whom_to_call(task_id, order.asked, order.parts.tasks)
    return {**vars(call.contact), "visitor": vars(call.visitor) if call.visitor else None}


@router.post("/api/wishes/{wish_id}/recommendation", **answers(KnownWish))
async def recommendation(wish_id: str, body: Recommendation, _staff: StaffHere, order: OrderHere) -> dict[str, Any]:
    """Recommend it to an organisation, whose managers are told; the same one is told once."""
    wish = await recommend_wish(wish_id, body.organisation_id, order.asked)
    return seen_by(order.person, wish, order.parts)


async def _shown(task: Task, parts: Parts) -> dict[str, Any]:
    return task_item(task, await parts.wishes.find(task.wish_id), parts)
