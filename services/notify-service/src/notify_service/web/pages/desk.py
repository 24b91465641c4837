"""/notify/ops: what needs somebody now, for operations and for staff of their communities."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from microwish.identity.guards import require
from microwish.identity.people import Person, Role
from microwish.web.pages.kit import local_url, put_notice, see_other
from microwish.web.texts import page_language
from notify_service.domain.errors import NotifyError
from notify_service.domain.message import State
from notify_service.use_cases.call_done import call_done
from notify_service.views.message_list import COUNTED, Wanted
from notify_service.web.api.messages import acting, scope_of
from notify_service.web.deps import Rooms, rooms
from notify_service.web.schemas import message_out

router = APIRouter(include_in_schema=False)

Reader = Annotated[Person, Depends(require(Role.STAFF, Role.OPS, Role.ADMIN))]
Operator = Annotated[Person, Depends(require(Role.OPS, Role.ADMIN))]
Room = Annotated[Rooms, Depends(rooms)]
_CALLS_SHOWN = 30
_SHOWN = 10
_TROUBLE = (State.FAILED, State.UNDELIVERED, State.UNKNOWN)


def render(
    request: Request, room: Rooms, reader: Person, template: str, *, status_code: int = 200, **context: Any
) -> Response:
    """A page of the desk: its parts are those that the reader may see."""
    return room.pages.render(
        request,
        template,
        status_code,
        title=lambda name: room.templates.title(name, page_language(request)),
        operates=reader.has(Role.OPS) or reader.has(Role.ADMIN),
        **context,
    )


@router.get("/notify/ops")
async def desk(request: Request, reader: Reader, room: Room) -> Response:
    """Alerts, counts by state, whom to call, what failed and why, and the newest messages."""
    scope, parts = scope_of(reader), room.desk
    everything = scope.prefixes is None
    trouble = await parts.messages.page(scope, Wanted(states=_TROUBLE), limit=_SHOWN)
    newest = await parts.messages.page(scope, limit=_SHOWN)
    return render(
        request,
        room,
        reader,
        "desk.html",
        alerts=await parts.watch.alerts.newest(open_only=True, limit=_CALLS_SHOWN) if everything else [],
        letters=await parts.letters.count() if everything else 0,
        counts=await parts.messages.counts(scope),
        counted=COUNTED,
        untold=await room.fanouts.causes() if everything else {},
        calls=await room.calls.newest(scope.query(), limit=_CALLS_SHOWN),
        calls_count=await room.calls.count(scope.query()),
        trouble=[message_out(row) for row in trouble],
        newest=[message_out(row) for row in newest],
    )


@router.post("/notify/ops/calls/{call_id}/done")
async def called(request: Request, call_id: str, reader: Reader, room: Room) -> Response:
    """Somebody was told by phone; says so too where a colleague was quicker."""
    answer = see_other("/notify/ops")
    try:
        await call_done(call_id, room.calls, by=acting(reader), may_see=scope_of(reader).covers, now=room.clock())
    except NotifyError as refusal:
        put_notice(request, answer, room.pages.text(request, f"problem.{refusal.code}"), "problem")
    else:
        put_notice(request, answer, room.pages.text(request, "desk.call_done"))
    return answer


@router.post("/notify/ops/{message_id}/resend")
async def resend(request: Request, message_id: str, reader: Reader, room: Room) -> Response:
    """Send a failed message again; says why not where it may not be."""
    scope = scope_of(reader)
    back = (await request.form()).get("back")
    answer = see_other(local_url(back if isinstance(back, str) else None, "/notify/ops"))
    try:
        await room.desk.resend(message_id, by=acting(reader), may_see=lambda row: scope.covers(row["community"]))
    except NotifyError as refusal:
        key = f"problem.{refusal.code}"
        put_notice(request, answer, room.pages.text(request, key), "problem")
    else:
        put_notice(request, answer, room.pages.text(request, "desk.resent"))
    return answer
