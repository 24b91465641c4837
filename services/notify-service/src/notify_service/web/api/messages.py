"""Messages for staff (of their communities) and operations (all): what became of them, and sending again."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from microwish.identity.guards import require
from microwish.identity.people import Person, Role
from microwish.store.mongo import Document
from notify_service.domain.message import State
from notify_service.use_cases.resend import by_person
from notify_service.views.message_list import Scope
from notify_service.web.cursors import cursor_of, position_of
from notify_service.web.deps import Rooms, rooms
from notify_service.web.schemas import MessageOut, MessagesOut, rfc3339

router = APIRouter(tags=["messages"])

Reader = Annotated[Person, Depends(require(Role.STAFF, Role.OPS, Role.ADMIN))]


def scope_of(person: Person) -> Scope:
    """Operations and admins see every message, staff those of their communities."""
    return Scope(None if person.has(Role.OPS) or person.has(Role.ADMIN) else person.communities)


@router.get("/api/messages")
async def messages(
    reader: Reader,
    room: Annotated[Rooms, Depends(rooms)],
    wish_id: Annotated[str | None, Query(max_length=64)] = None,
    state: Annotated[State | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> MessagesOut:
    """Newest first; the recipient masked, the text never."""
    states = [state] if state else []
    found = await room.messages.page(
        scope_of(reader), wish_id=wish_id, states=states, before=position_of(cursor), limit=limit + 1
    )
    page = found[:limit]
    more = cursor_of((page[-1]["since"], page[-1]["_id"])) if len(found) > limit else None
    return MessagesOut(items=[message_out(row) for row in page], next_cursor=more)


@router.post("/api/messages/{message_id}/resend", status_code=202)
async def resend(message_id: str, reader: Reader, room: Annotated[Rooms, Depends(rooms)]) -> MessageOut:
    """Send a failed message again, or an unknown one that the provider never accepted; recorded in its timeline."""
    scope = scope_of(reader)
    by = by_person(reader.id, ops=reader.has(Role.OPS))
    again = await room.resend(message_id, by=by, may_see=lambda row: scope.covers(row["community"]))
    return message_out(again)


def message_out(row: Document) -> MessageOut:
    """A message as it may be shown."""
    out: Document = row.get("out") or {}
    return MessageOut(
        id=row["_id"],
        state=State(row["state"]),
        cause=row.get("cause"),
        channel=out.get("channel"),
        to=out.get("to_masked"),
        template=row["template"],
        event_type=row["event_type"],
        wish_id=row["wish_id"],
        created_at=row["since"],
        attempts=row["round"],
        timeline=[{**entry, "at": rfc3339(entry["at"])} for entry in row["timeline"]],
    )
