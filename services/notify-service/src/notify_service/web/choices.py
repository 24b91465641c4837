"""From what a person filled in to their preferences; API and page alike."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from microwish.events.notify import Channel
from microwish.web.problems import FieldError, Problem
from notify_service.domain.preferences import DigestWish, Kind, Preferences
from notify_service.domain.templates import Language
from notify_service.use_cases.opt_out import NoPhoneKnown
from notify_service.web.deps import Rooms


def with_kinds(chosen: Preferences, kinds: Mapping[Kind, Sequence[Channel]]) -> Preferences:
    """Other channels for these kinds, each named once."""
    return replace(chosen, kinds={kind: tuple(dict.fromkeys(ways)) for kind, ways in kinds.items()})


def with_pause(chosen: Preferences, *, muted: bool, until: datetime | None, now: datetime) -> Preferences:
    """A pause from now on, or its end. Raises: Problem 422 for one that is over already, or that is none."""
    if until is not None and not muted:
        raise Problem(422, "invalid", errors=[FieldError("muted_until", "field.not_muted")])
    if until is not None and until <= now:
        raise Problem(422, "invalid", errors=[FieldError("muted_until", "field.past")])
    return replace(chosen, muted=muted, muted_until=until)


def with_basics(
    chosen: Preferences, channels: Sequence[Channel], digest: DigestWish, language: Language
) -> Preferences:
    """The usual channels in order, digests and language."""
    return replace(chosen, channels=tuple(dict.fromkeys(channels)), digest=digest, language=language)


async def switch_off(room: Rooms, person_id: str, stopped: Collection[Channel]) -> None:
    """Exactly these channels are switched off for the person's phone. Raises: Problem 422."""
    now_off = await room.opt_out.stopped(person_id)
    try:
        for channel in Channel:
            if (channel in stopped) != (channel in now_off):
                await room.opt_out.by_page(person_id, channel, stop=channel in stopped)
    except NoPhoneKnown:
        raise Problem(422, "invalid", errors=[FieldError("opted_out", "field.no_phone_known")]) from None
