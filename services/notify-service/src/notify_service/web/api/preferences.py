"""GET|PUT /api/preferences: how a person wants to be told."""

from typing import Annotated

from fastapi import APIRouter, Depends

from microwish.identity.guards import current_person
from microwish.identity.people import Person
from notify_service.domain.preferences import Preferences
from notify_service.web.deps import Rooms, rooms
from notify_service.web.schemas import PreferencesBody

router = APIRouter(tags=["preferences"])

Me = Annotated[Person, Depends(current_person)]


@router.get("/api/preferences")
async def preferences(me: Me, room: Annotated[Rooms, Depends(rooms)]) -> PreferencesBody:
    """What the signed-in person chose, or the usual."""
    return _body(await room.preferences.of(me.id))


@router.put("/api/preferences")
async def save_preferences(body: PreferencesBody, me: Me, room: Annotated[Rooms, Depends(rooms)]) -> PreferencesBody:
    """Choose channels in order of preference, and what becomes of news that can wait for the morning."""
    chosen = Preferences(tuple(dict.fromkeys(body.channels)), body.digest, body.language)
    await room.preferences.save(me.id, chosen, now=room.clock())
    return _body(chosen)


def _body(chosen: Preferences) -> PreferencesBody:
    return PreferencesBody(channels=list(chosen.channels), digest=chosen.digest, language=chosen.language)
