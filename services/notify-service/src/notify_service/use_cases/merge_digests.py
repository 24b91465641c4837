"""The time has come of what was held for a person: everything held together becomes one message (ADR 0030)."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from microwish.events.notify import Channel
from microwish.ids import derived_id
from microwish.store.mongo import Document
from microwish.when import Clock, When
from notify_service.domain.digest import digest_template, one_wish, template_for
from notify_service.domain.message import Cause, State
from notify_service.domain.overtaking import still_news
from notify_service.domain.preferences import Preferences
from notify_service.domain.timing import HeldFor, Timing
from notify_service.store.messages import Messages
from notify_service.store.notices import Bundle, Notices, as_news
from notify_service.store.people import PreferenceBook
from notify_service.use_cases.assemble import Assemble, Wake
from notify_service.views.parties import Parties

_AT_A_TIME = 200
_SIDE_BY_SIDE = 16
DIGEST = "digest"
TOGETHER = "news"


@dataclass(frozen=True)
class _Left:
    """What is worth telling of a bundle, oldest first, and why the rest is not."""

    told: Sequence[Document]
    causes: dict[str, str]


class MergeDigests:
    """One message per person and morning, or per person, wish and window; its id is made of what came due first.

    Safe to repeat after a crash at any point, and in several replicas at once: notices are claimed for one message by
    compare-and-set, and every step after that only completes what the claim began.
    """

    def __init__(
        self,
        notices: Notices,
        messages: Messages,
        parties: Parties,
        preferences: PreferenceBook,
        assemble: Assemble,
        wake: Wake,
        clock: Clock,
        timing: Timing,
        *,
        wait_seconds: float,
        identify: Callable[..., str] = derived_id,
    ) -> None:
        self._notices = notices
        self._messages = messages
        self._parties = parties
        self._preferences = preferences
        self._assemble = assemble
        self._wake = wake
        self._clock = clock
        self._timing = timing
        self._wait = timedelta(seconds=wait_seconds)
        self._identify = identify

    async def __call__(self) -> None:
        """Tell everything whose time has come."""
        now = self._clock()
        while alone := await self._notices.let_go(now, limit=_AT_A_TIME):
            await self._assemble(alone)
        while bundles := await self._notices.due(now, limit=_AT_A_TIME):
            for start in range(0, len(bundles), _SIDE_BY_SIDE):
                await asyncio.gather(*(self.merge(bundle, now) for bundle in bundles[start : start + _SIDE_BY_SIDE]))

    async def merge(self, bundle: Bundle, now: datetime) -> None:
        """Claim a bundle for its message, and make it."""
        if bundle.held_for is HeldFor.WISH:
            message_id = self._identify("together", bundle.first)
        else:
            message_id = self._identify(DIGEST, bundle.recipient, bundle.due_at.isoformat())
        await self._notices.take(bundle, message_id, now=now)
        await self.complete(message_id)

    async def complete(self, message_id: str) -> None:
        """Make the message of what it has claimed, or finish what a crash left of that."""
        taken = await self._notices.taken_for(message_id)
        if not taken:
            return
        when = When.now(self._clock)
        left = await self._left(taken)
        ids = [notice["_id"] for notice in left.told]
        if left.told and not await self._messages.create(
            message_id, self._fields(left.told, when.at), State.QUEUED, when=when
        ):
            existing = await self._messages.find(message_id)
            ids = existing["notices"] if existing else ids
        await self._notices.suppress(message_id, {one: why for one, why in left.causes.items() if one not in ids})
        await self._notices.bundle_made(message_id, ids, held_until=self._timing.late(_held_for(taken), when.at))
        if ids:
            self._wake(message_id, "" if _held_for(taken) is HeldFor.WISH else DIGEST)

    async def _left(self, taken: Sequence[Document]) -> _Left:
        recipient, person_id = taken[0]["recipient"], taken[0]["person_id"]
        chosen = await self._preferences.of(person_id)
        causes = {notice["_id"]: Cause.PREFERENCE.value for notice in taken if not _wanted(notice, chosen)}
        for wish_id in dict.fromkeys(notice["wish_id"] for notice in taken if _may_be_overtaken(notice)):
            held = [as_news(notice) for notice in taken if notice["wish_id"] == wish_id and _may_be_overtaken(notice)]
            told = [as_news(notice) for notice in await self._notices.of_wish(recipient, wish_id)]
            still = {news.id for news in still_news(held, told, await self._parties.find(wish_id))}
            causes |= {news.id: Cause.OVERTAKEN.value for news in held if news.id not in still}
        return _Left([notice for notice in taken if notice["_id"] not in causes], causes)

    def _fields(self, told: Sequence[Document], now: datetime) -> Document:
        news = [as_news(notice) for notice in told]
        newest = told[-1]
        of_wish = _held_for(told) is HeldFor.WISH
        event_type = newest["event_type"] if len(told) == 1 and newest["mode"] != DIGEST else DIGEST
        return {
            "lane": "normal" if of_wish else "bulk",
            **({} if of_wish else {"fanout": DIGEST}),
            "template": template_for(news),
            "event_type": TOGETHER if of_wish and event_type == DIGEST else event_type,
            "event_time": newest["event"]["time"],
            "wish_id": None if any(one["mode"] == DIGEST for one in told) else one_wish(news),
            "community": newest["community"],
            "recipient": newest["recipient"],
            "person_id": newest["person_id"],
            "notices": [notice["_id"] for notice in told],
            "channels": newest["channels"],
            "waits_for": [],
            "use_until": now + self._wait,
            "give_up_at": now + self._wait,
        }


def _held_for(notices: Sequence[Document]) -> HeldFor:
    """All of a message were held for the same; those of a release before this one for a morning."""
    return HeldFor(notices[0].get("held_for", HeldFor.MORNING.value))


def _wanted(notice: Document, chosen: Preferences) -> bool:
    """Each piece of news is asked after by its own kind, so what tells several is of no kind itself."""
    allowed = [Channel(channel) for channel in notice["channels"]]
    asked = {notice["template"]}
    if notice["mode"] == DIGEST:
        asked.add(digest_template([notice["event_type"]]))
    return all(chosen.channels_for(template, allowed) for template in asked)


def _may_be_overtaken(notice: Document) -> bool:
    """News of a day at work is counted, whatever came of it later."""
    return notice["wish_id"] is not None and notice["mode"] != DIGEST
