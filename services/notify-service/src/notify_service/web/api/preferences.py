"""GET|PUT /api/preferences: how a person wants to be told."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends

from microwish.identity.guards import current_person
from microwish.identity.people import Person
from notify_service.domain.preferences import Preferences
from notify_service.web.choices import switch_off, with_basics, with_kinds, with_pause
from notify_service.web.deps import Rooms, rooms
from notify_service.web.schemas import PreferencesBody, PreferencesOut

router = APIRouter(tags=["preferences"])

Me = Annotated[Person, Depends(current_person)]


@router.get("/api/preferences")
async def preferences(me: Me, room: Annotated[Rooms, Depends(rooms)]) -> PreferencesOut:
    """What the signed-in person chose, or the usual."""
    return await _shown(room, me)


@router.put("/api/preferences")
async def save_preferences(body: PreferencesBody, me: Me, room: Annotated[Rooms, Depends(rooms)]) -> PreferencesOut:
    """Choose channels in order of preference, for some kinds of news otherwise, a pause, large print."""
    chosen = _chosen(body, await room.preferences.of(me.id), room)
    if "opted_out" in body.model_fields_set:
        await switch_off(room, me.id, body.opted_out)
    await room.preferences.save(me.id, chosen, now=room.clock())
    return await _shown(room, me)


def _chosen(body: PreferencesBody, before: Preferences, room: Rooms) -> Preferences:
    given = body.model_fields_set
    chosen = with_basics(before, body.channels, body.digest, body.language)
    if "kinds" in given:
        chosen = with_kinds(chosen, body.kinds)
    if given & {"muted", "muted_until"}:
        muted = body.muted if "muted" in given else body.muted_until is not None
        chosen = with_pause(chosen, muted=muted, until=body.muted_until, now=room.clock())
    return replace(chosen, large_print=body.large_print) if "large_print" in given else chosen


async def _shown(room: Rooms, me: Person) -> PreferencesOut:
    chosen = await room.preferences.of(me.id)
    return PreferencesOut(
        channels=list(chosen.channels),
        digest=chosen.digest,
        language=chosen.language,
        kinds={kind: list(ways) for kind, ways in chosen.kinds.items()},
        muted=chosen.muted,
        muted_until=chosen.muted_until,
        large_print=chosen.large_print,
        opted_out=sorted(await room.opt_out.stopped(me.id)),
    )
