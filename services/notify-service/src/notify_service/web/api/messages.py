"""Messages for staff (of their communities) and operations (all): found, what became of them, sent again."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from microwish.identity.guards import idempotency_key, require
from microwish.identity.people import Person, Role
from microwish.privacy.phones import InvalidPhone
from microwish.web.problems import FieldError, Problem
from notify_service.domain.errors import MessageNotFound
from notify_service.domain.message import State
from notify_service.store.messages import By
from notify_service.use_cases.resend import by_person
from notify_service.use_cases.resend_many import Asked
from notify_service.views.message_list import Scope, Wanted
from notify_service.web.cursors import cursor_of, position_of
from notify_service.web.deps import Rooms, rooms
from notify_service.web.schemas import MessageOut, MessagesOut, message_out
from notify_service.web.schemas_of_ops import ResendBody, ResentOut, SearchBody, fingerprint

router = APIRouter(tags=["messages"])

Reader = Annotated[Person, Depends(require(Role.STAFF, Role.OPS, Role.ADMIN))]
Room = Annotated[Rooms, Depends(rooms)]
Text = Annotated[str | None, Query(max_length=80)]
Limit = Annotated[int, Query(ge=1, le=200)]


def scope_of(person: Person) -> Scope:
    """Operations and admins see every message, staff those of their communities."""
    return Scope(None if person.has(Role.OPS) or person.has(Role.ADMIN) else person.communities)


def acting(person: Person) -> By:
    """Who asks, for the record."""
    return by_person(person.id, ops=person.has(Role.OPS))


@router.get("/api/messages")
async def messages(
    reader: Reader,
    room: Room,
    wish_id: Text = None,
    state: Annotated[State | None, Query()] = None,
    person: Text = None,
    provider: Text = None,
    template: Text = None,
    cause: Text = None,
    limit: Limit = 50,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> MessagesOut:
    """Newest first; the recipient masked, the text never. person: an id of somebody with an account."""
    states = [state] if state else []
    wanted = Wanted(wish_id, states, person, provider=provider, template=template, cause=cause)
    return await _page(room, reader, wanted, limit, cursor)


@router.post("/api/messages/search")
async def search(body: SearchBody, reader: Reader, room: Room) -> MessagesOut:
    """The same, also by phone, which is why it is a POST: addresses are logged by what stands in between.

    Who looked for which phone is recorded, the phone itself nowhere.
    """
    wanted = body.wanted()
    if body.phone:
        try:
            wanted = body.wanted(room.desk.find.index_of(body.phone))
        except InvalidPhone:
            raise Problem(422, "invalid", errors=[FieldError("phone", "field.invalid_phone")]) from None
    return await _page(room, reader, wanted, body.limit, body.cursor)


@router.post("/api/messages/resend", status_code=202)
async def resend_many(
    body: ResendBody, reader: Reader, room: Room, key: Annotated[str | None, Depends(idempotency_key)]
) -> ResentOut:
    """Several again, each only where nobody could get it twice; first only counted (`dry_run`).

    To do it an Idempotency-Key is needed: repeated with it, the same messages are asked for, once.
    """
    asked, scope = Asked(body.ids, body.filter.wanted()), scope_of(reader)
    if body.dry_run:
        return ResentOut(dry_run=True, asked=await room.desk.resend_many.count(asked, scope), resent=0, refused={})
    if key is None:
        raise Problem(422, "invalid", errors=[FieldError("Idempotency-Key", "field.missing")])
    done = await room.desk.resend_many(asked, scope, by=acting(reader), key=key, fingerprint=fingerprint(body))
    return ResentOut(dry_run=False, asked=done.asked, resent=done.resent, refused=dict(done.refused))


@router.get("/api/messages/{message_id}")
async def message(message_id: str, reader: Reader, room: Room) -> MessageOut:
    """One message, and how it came to where it is."""
    found = await room.desk.messages.find(scope_of(reader), message_id)
    if found is None:
        raise MessageNotFound(message_id)
    return message_out(found)


@router.post("/api/messages/{message_id}/resend", status_code=202)
async def resend(message_id: str, reader: Reader, room: Room) -> MessageOut:
    """Send a failed message again, or an unknown one that the provider never accepted; recorded in its timeline."""
    scope = scope_of(reader)
    again = await room.desk.resend(message_id, by=acting(reader), may_see=lambda row: scope.covers(row["community"]))
    return message_out(again)


async def _page(room: Rooms, reader: Person, wanted: Wanted, limit: int, cursor: str | None) -> MessagesOut:
    found = await room.desk.find(
        scope_of(reader), wanted, by=acting(reader), before=position_of(cursor), limit=limit + 1
    )
    page = found[:limit]
    more = cursor_of((page[-1]["since"], page[-1]["_id"])) if len(found) > limit else None
    return MessagesOut(items=[message_out(row) for row in page], next_cursor=more)
