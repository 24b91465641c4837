"""/notify/ops: what became of the messages, for operations and for staff of their communities."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from microwish.identity.guards import require
from microwish.identity.people import Person, Role
from microwish.web.pages.kit import put_notice, see_other
from microwish.web.texts import page_language
from notify_service.domain.errors import NotifyError
from notify_service.domain.message import State
from notify_service.use_cases.resend import by_person
from notify_service.web.api.messages import message_out, scope_of
from notify_service.web.deps import Rooms, rooms

router = APIRouter(include_in_schema=False)

Reader = Annotated[Person, Depends(require(Role.STAFF, Role.OPS, Role.ADMIN))]
_SHOWN = 30
_TROUBLE = (State.FAILED, State.UNKNOWN)


@router.get("/notify/ops")
async def desk(request: Request, reader: Reader, room: Annotated[Rooms, Depends(rooms)]) -> Response:
    """Counts by state, whom to call, what failed and why, and the newest messages."""
    scope = scope_of(reader)
    trouble = await room.messages.page(scope, states=_TROUBLE, limit=_SHOWN)
    newest = await room.messages.page(scope, limit=_SHOWN)
    return room.pages.render(
        request,
        "desk.html",
        title=lambda template: room.templates.title(template, page_language(request)),
        counts=await room.messages.counts(scope),
        untold=await room.fanouts.causes() if scope.prefixes is None else {},
        calls=await room.calls.newest(scope.query(), limit=_SHOWN),
        calls_count=await room.calls.count(scope.query()),
        trouble=[message_out(row) for row in trouble],
        newest=[message_out(row) for row in newest],
    )


@router.post("/notify/ops/{message_id}/resend")
async def resend(request: Request, message_id: str, reader: Reader, room: Annotated[Rooms, Depends(rooms)]) -> Response:
    """Send a failed message again; says why not where it may not be."""
    scope = scope_of(reader)
    answer = see_other("/notify/ops")
    try:
        by = by_person(reader.id, ops=reader.has(Role.OPS))
        await room.resend(message_id, by=by, may_see=lambda row: scope.covers(row["community"]))
    except NotifyError as refusal:
        key = f"problem.{refusal.code}"
        put_notice(request, answer, room.pages.text(request, key), "problem")
    else:
        put_notice(request, answer, room.pages.text(request, "desk.resent"))
    return answer
