"""/notify/preferences: how a person wants to be told; one form, which works without a script."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from microwish.events.notify import Channel
from microwish.identity.guards import current_person
from microwish.identity.people import Person, Role
from microwish.web.pages.kit import put_notice, see_other
from microwish.web.problems import FieldError, Problem
from notify_service.domain.preferences import DigestWish, Kind, Preferences
from notify_service.domain.templates import Language
from notify_service.use_cases.opt_out import NoPhoneKnown
from notify_service.web.choices import with_basics, with_kinds
from notify_service.web.deps import Rooms, rooms

router = APIRouter(include_in_schema=False)

Me = Annotated[Person, Depends(current_person)]
Room = Annotated[Rooms, Depends(rooms)]

WAYS: dict[str, tuple[Channel, ...]] = {
    "sms": (Channel.SMS,),
    "wechat": (Channel.WECHAT,),
    "both": (Channel.WECHAT, Channel.SMS),
    "none": (),
}
"""What one may choose for a kind, by the word of the form; beside them `usual`."""
USUALLY = {"sms": (Channel.SMS,), "both": (Channel.WECHAT, Channel.SMS)}
PAUSES = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
OF_RESIDENTS = (Kind.WISHES, Kind.DELIVERIES)
_USUAL, _ON, _KEPT, _FOR_EVER = "usual", "on", "kept", "for_ever"
_LANGUAGES: dict[str, Language] = {"zh": "zh", "en": "en"}


@router.get("/notify/preferences")
async def preferences(request: Request, me: Me, room: Room) -> Response:
    """What the person chose, ready to be changed."""
    chosen = await room.preferences.of(me.id)
    others = [kind for kind in Kind if kind not in OF_RESIDENTS and (kind is not Kind.COMMUNITY or me.has(Role.STAFF))]
    return room.pages.render(
        request,
        "preferences.html",
        chosen=chosen,
        usual=_word(chosen.channels, USUALLY) or "sms",
        kinds=list(OF_RESIDENTS),
        others=others,
        ways={kind: _word(chosen.kinds[kind], WAYS) or _USUAL for kind in chosen.kinds},
        choices=[_USUAL, *WAYS],
        pauses=[_ON, *([_KEPT] if chosen.muted else []), *PAUSES, *([_FOR_EVER] if not _for_ever(chosen) else [])],
        stopped=Channel.SMS in await room.opt_out.stopped(me.id),
    )


@router.post("/notify/preferences")
async def save(request: Request, me: Me, room: Room) -> Response:
    """Keep what was chosen."""
    form = await request.form()
    chosen = _chosen(form, await room.preferences.of(me.id), room.clock())
    await room.preferences.save(me.id, chosen, now=room.clock())
    # Who chose large print sees this site in large print too.
    answer = see_other(f"/notify/preferences?large={'on' if chosen.large_print else 'off'}")
    put_notice(request, answer, room.pages.text(request, "choices.saved"))
    return answer


@router.post("/notify/preferences/sms")
async def switch_sms(request: Request, me: Me, room: Room) -> Response:
    """Stop all SMS but sign-in codes, or let them come again."""
    stop = _one_of(await request.form(), "sms", ("stop", "resume")) == "stop"
    answer = see_other("/notify/preferences")
    try:
        await room.opt_out.by_page(me.id, Channel.SMS, stop=stop)
    except NoPhoneKnown:
        put_notice(request, answer, room.pages.text(request, "field.no_phone_known"), "problem")
    else:
        put_notice(request, answer, room.pages.text(request, "choices.stopped" if stop else "choices.resumed"))
    return answer


def _chosen(form: FormData, before: Preferences, now: datetime) -> Preferences:
    usual = USUALLY[_one_of(form, "usual", tuple(USUALLY))]
    digest = DigestWish.MORNING if form.get("digest") == "yes" else DigestWish.NONE
    language = _LANGUAGES[_one_of(form, "language", tuple(_LANGUAGES))]
    kinds = dict(before.kinds)
    for kind in Kind:
        if f"kind-{kind.value}" not in form:
            continue  # a kind that this person's page does not show stays as it is
        word = _one_of(form, f"kind-{kind.value}", (_USUAL, *WAYS))
        kinds.pop(kind, None)
        if word != _USUAL:
            kinds[kind] = WAYS[word]
    chosen = with_kinds(with_basics(before, usual, digest, language), kinds)
    return replace(_paused(form, chosen, now), large_print=form.get("large_print") == "yes")


def _paused(form: FormData, chosen: Preferences, now: datetime) -> Preferences:
    pause = _one_of(form, "pause", (_ON, _KEPT, _FOR_EVER, *PAUSES))
    if pause == _KEPT:
        return chosen
    until = now + PAUSES[pause] if pause in PAUSES else None
    return replace(chosen, muted=pause != _ON, muted_until=until)


def _one_of(form: FormData, name: str, words: tuple[str, ...]) -> str:
    """The word given for this field. Raises: Problem 422 for one that the page does not offer."""
    given = form.get(name)
    if not isinstance(given, str) or given not in words:
        raise Problem(422, "invalid", errors=[FieldError(name, "field.invalid")])
    return given


def _word(channels: tuple[Channel, ...], words: dict[str, tuple[Channel, ...]]) -> str | None:
    """The word for these channels; the first of several stands for those that the form does not tell apart."""
    exact = next((word for word, ways in words.items() if ways == channels), None)
    first = next(
        (word for word, ways in words.items() if channels and ways[:1] == channels[:1] and len(ways) > 1), None
    )
    return exact or first


def _for_ever(chosen: Preferences) -> bool:
    return chosen.muted and chosen.muted_until is None
