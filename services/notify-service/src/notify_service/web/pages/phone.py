"""/notify: the sandbox phone. Whoever tries the system out reads here what people would get."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from microwish.events.notify import Channel
from microwish.identity.guards import current_person, optional_person
from microwish.identity.people import Person
from microwish.privacy.masking import mask_phone
from microwish.privacy.phones import InvalidPhone, normalise_phone
from microwish.web.pages.kit import put_notice, see_other
from notify_service.channels.sandbox import ShownMessage
from notify_service.web.deps import Rooms, rooms
from notify_service.web.pages.bubbles import Bubble, bubble_of

router = APIRouter(include_in_schema=False)

_SHOWN = 60
_LOOKED_AT = 200
_PHONES_OFFERED = 8


@router.get("/notify")
async def sandbox_phone(
    request: Request,
    room: Annotated[Rooms, Depends(rooms)],
    person: Annotated[Person | None, Depends(optional_person)],
    phone: Annotated[str, Query(max_length=40)] = "",
    part: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The phone with this number; without one, a choice of phones that got something lately.

    `part=messages` gives the list alone, for the script that keeps the page fresh.
    """
    if not room.settings.sandbox:
        return see_other("/notify/ops")
    number, error = _read(phone)
    shown = await room.phones.shown(number, limit=_SHOWN) if number else []
    if part == "messages":
        return room.pages.render(request, "messages.html", days=_days(shown, room), phone=number)
    return room.pages.render(
        request,
        "phone.html",
        phone=number,
        given=phone,
        error=room.pages.text(request, error) if error else "",
        days=_days(shown, room),
        phones=[] if number else await _recent(room),
        wechat=await _wechat_choice(room, person, number),
    )


@router.post("/notify/wechat")
async def choose_wechat(
    request: Request,
    me: Annotated[Person, Depends(current_person)],
    room: Annotated[Rooms, Depends(rooms)],
    phone: Annotated[str, Form(max_length=40)] = "",
    wechat: Annotated[str, Form(max_length=5)] = "",
) -> Response:
    """Switch WeChat on or off for the signed-in person; in the sandbox switching it on is the consent."""
    before = await room.preferences.of(me.id)
    channels = (Channel.WECHAT, Channel.SMS) if wechat == "on" else (Channel.SMS,)
    await room.preferences.save(me.id, replace(before, channels=channels), now=room.clock())
    number, _ = _read(phone)
    answer = see_other(f"/notify?phone={number}" if number else "/notify")
    put_notice(request, answer, room.pages.text(request, "phone.wechat_on" if wechat == "on" else "phone.wechat_off"))
    return answer


def _read(phone: str) -> tuple[str | None, str]:
    """The normalised phone, or the text that says what is wrong with it."""
    if not phone.strip():
        return None, ""
    try:
        return normalise_phone(phone), ""
    except InvalidPhone:
        return None, "field.invalid_phone"


def _days(shown: Sequence[ShownMessage], room: Rooms) -> list[tuple[str, list[Bubble]]]:
    """Bubbles oldest first, by local day."""
    oldest_first = [bubble_of(message, site=room.settings.public_url) for message in reversed(shown)]
    by_day = groupby(oldest_first, key=lambda bubble: bubble.sent_at.astimezone(room.settings.zone).date())
    return [(day.isoformat(), list(bubbles)) for day, bubbles in by_day]


async def _recent(room: Rooms) -> list[tuple[str, str, ShownMessage]]:
    """Phones that got something lately: number, masked number, newest message."""
    newest: dict[str, ShownMessage] = {}
    for message in await room.phones.shown(None, limit=_LOOKED_AT):
        newest.setdefault(message.to, message)
    return [(number, mask_phone(number), message) for number, message in list(newest.items())[:_PHONES_OFFERED]]


async def _wechat_choice(room: Rooms, person: Person | None, number: str | None) -> bool | None:
    """Whether the signed-in holder of this phone has WeChat on; None for anybody else."""
    if person is None or number is None:
        return None
    if not await room.contacts.has_phone(person.id, room.phone_index.of(number)):
        return None
    return Channel.WECHAT in (await room.preferences.of(person.id)).channels
