"""GET /api/messages/calls, POST /api/messages/calls/{id}/done: whom staff have to call, and that they have."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from microwish.identity.guards import require
from microwish.identity.people import Person, Role
from notify_service.use_cases.call_done import call_done
from notify_service.web.api.messages import acting, scope_of
from notify_service.web.deps import Rooms, rooms
from notify_service.web.schemas import Moment

router = APIRouter(tags=["calls"])

Reader = Annotated[Person, Depends(require(Role.STAFF, Role.OPS, Role.ADMIN))]
Room = Annotated[Rooms, Depends(rooms)]


class CallOut(BaseModel):
    """Somebody to call; how, says the page of the wish to those who may read its contact."""

    id: str
    wish_id: str | None
    template: str
    opened_at: Moment


class CallsOut(BaseModel):
    """The newest, newest first."""

    items: list[CallOut]
    next_cursor: None = None


@router.get("/api/messages/calls")
async def calls(reader: Reader, room: Room, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> CallsOut:
    """Open ones: of all communities for ops and admins, of their own for staff."""
    found = await room.calls.newest(scope_of(reader).query(), limit=limit)
    return CallsOut(
        items=[
            CallOut(id=one.message_id, wish_id=one.wish_id, template=one.template, opened_at=one.opened_at)
            for one in found
        ]
    )


@router.post("/api/messages/calls/{call_id}/done", status_code=204)
async def done(call_id: str, reader: Reader, room: Room) -> None:
    """They were told by phone; recorded with who called."""
    await call_done(call_id, room.calls, by=acting(reader), may_see=scope_of(reader).covers, now=room.clock())
