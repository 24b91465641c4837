"""GET /api/sandbox/messages: what the sandbox phones show; without sign-in, for it is how one reads the code."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from microwish.privacy.phones import InvalidPhone, normalise_phone
from microwish.web.problems import FieldError, Problem
from notify_service.channels.sandbox import ShownMessage
from notify_service.web.cursors import cursor_of, position_of
from notify_service.web.deps import Rooms, rooms
from notify_service.web.schemas import SandboxMessage, SandboxMessages

router = APIRouter(tags=["sandbox"])


async def sandbox_only(room: Annotated[Rooms, Depends(rooms)]) -> Rooms:
    """404 wherever messages go to real phones."""
    if not room.settings.sandbox:
        raise Problem(404, "not_found")
    return room


def normalised(phone: str | None) -> str | None:
    """The phone in the form that is kept. Raises: Problem 422."""
    if not phone:
        return None
    try:
        return normalise_phone(phone)
    except InvalidPhone:
        raise Problem(422, "invalid", errors=[FieldError("phone", "field.invalid_phone")]) from None


@router.get("/api/sandbox/messages")
async def sandbox_messages(
    room: Annotated[Rooms, Depends(sandbox_only)],
    phone: Annotated[str | None, Query(max_length=40, description="One phone; without it all of them.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> SandboxMessages:
    """The newest messages of a phone, newest first."""
    found = await room.phones.shown(normalised(phone), limit=limit + 1, before=position_of(cursor))
    page = found[:limit]
    more = cursor_of((page[-1].sent_at, page[-1].id)) if len(found) > limit else None
    return SandboxMessages(items=[_shown(message) for message in page], next_cursor=more)


def _shown(message: ShownMessage) -> SandboxMessage:
    return SandboxMessage(
        id=message.id,
        channel=message.channel,
        to=message.to,
        text=message.text,
        template=message.template,
        event_type=message.event_type,
        wish_id=message.wish_id,
        sent_at=message.sent_at,
    )
