"""From one event to notices: line by line of the table, page by page of its recipients, resumable at any point."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from microwish.events import Envelope, Event
from microwish.events.adoption import FollowNotice, PartnersChanged
from microwish.events.wish import WishPosted
from microwish.ids import derived_id
from microwish.store.mongo import Document
from microwish.when import Clock
from notify_service.domain.audiences import (
    Found,
    Recipient,
    community_of,
    managers_of,
    organisation_id_of,
    people_of,
    person,
    wish_id_of,
)
from notify_service.domain.digest import next_morning
from notify_service.domain.known import KnownWish, Waiting, wish_key
from notify_service.domain.preferences import DigestWish
from notify_service.domain.rules import RULES, Audience, Mode, Told, news_of
from notify_service.store.events import restored, stored
from notify_service.store.fanouts import Fanouts
from notify_service.store.notices import Notices
from notify_service.store.people import PreferenceBook
from notify_service.use_cases.assemble import Assemble
from notify_service.views.organisations import Organisations
from notify_service.views.parties import Parties
from notify_service.views.staff import Staff


@dataclass(frozen=True)
class Views:
    """What this service knows of others' facts."""

    parties: Parties
    organisations: Organisations
    staff: Staff


@dataclass(frozen=True)
class Morning:
    """When digests leave."""

    hour: int
    zone: tzinfo

    def after(self, now: datetime) -> datetime:
        """The next one."""
        return next_morning(now, hour=self.hour, zone=self.zone)


@dataclass(frozen=True)
class _Page:
    """Some recipients of a line, each with how soon, and the cursor after them."""

    people: Sequence[tuple[Recipient, Mode]]
    after: str


@dataclass(frozen=True)
class _News:
    """One event with what is known of its wish."""

    event: Envelope
    payload: Event
    known: KnownWish | None
    use_until: datetime


class _Overtaken(Exception):
    """Somebody else has moved the cursor of this fan-out."""


class FanOut:
    """Works off the documents of `fanouts`."""

    def __init__(
        self,
        fanouts: Fanouts,
        notices: Notices,
        assemble: Assemble,
        views: Views,
        preferences: PreferenceBook,
        clock: Clock,
        morning: Morning,
        *,
        chunk: int,
    ) -> None:
        self._fanouts = fanouts
        self._notices = notices
        self._assemble = assemble
        self._views = views
        self._preferences = preferences
        self._clock = clock
        self._morning = morning
        self._chunk = chunk

    async def __call__(self, id: str) -> None:
        """Tell whom it concerns; wait for what is not known yet.

        Guarantee: what it waits for is looked at once more after the waiting is recorded, so that whoever hears of it
        in between is not missed.
        """
        for _ in range(2):
            document = await self._fanouts.undone(id)
            if document is None:
                return
            try:
                missing = await self._lines(document)
            except _Overtaken:
                return  # another process is ahead of this one, and goes on to the end
            if not missing:
                await self._fanouts.finish(id)
                return
            if list(missing) != document["waits_for"]:
                await self._fanouts.wait_for(id, missing)

    async def _lines(self, document: Document) -> Sequence[str]:
        event = restored(document["event"])
        payload = event.payload()
        wish_id = wish_id_of(payload)
        known = await self._views.parties.find(wish_id) if wish_id else None
        news = _News(event, payload, known, document["use_until"])
        missing: list[str] = []
        after = document["after"]
        for index in document["lines"]:
            line = RULES[type(payload)][index]
            waiting = await self._line(document["_id"], index, line, news, after=after)
            if waiting is None:
                await self._fanouts.finish_line(document["_id"], index)
                after = ""
            else:
                missing += waiting.keys
        return tuple(dict.fromkeys(missing))

    async def _line(self, id: str, index: int, line: Told, news: _News, *, after: str) -> Waiting | None:
        if line.audience in (Audience.STAFF, Audience.FOLLOWERS):
            if (community := community_of(news.payload, news.known)) is None:
                return Waiting((wish_key(wish_id_of(news.payload) or ""),))
            async for page in self._pages(line, news.payload, community, after):
                await self._tell(line, news, page.people)
                if not await self._fanouts.move_cursor(id, index, before=after, after=page.after):
                    raise _Overtaken(id)
                after = page.after
            return None
        found = await self._few(line.audience, news)
        if isinstance(found, Waiting):
            return found
        await self._tell(line, news, [(recipient, line.mode) for recipient in found])
        return None

    async def _few(self, audience: Audience, news: _News) -> Found:
        payload, find = news.payload, self._views.organisations.find
        if audience is Audience.ASKED:
            assert isinstance(payload, PartnersChanged)
            return managers_of({one: await find(one) for one in payload.asked_ids})
        organisation_id = organisation_id_of(payload)
        group = await find(organisation_id) if organisation_id else None
        return people_of(audience, payload, news.known, group)

    async def _pages(self, line: Told, payload: Event, community: str, after: str) -> AsyncIterator[_Page]:
        while True:
            page = await self._page(line, payload, community, after)
            if page is None:
                return
            yield page
            after = page.after

    async def _page(self, line: Told, payload: Event, community: str, after: str) -> _Page | None:
        if line.audience is Audience.STAFF:
            ids = await self._views.staff.serving(community, after=after, limit=self._chunk)
            return _Page([(person(one), line.mode) for one in ids], ids[-1]) if ids else None
        assert isinstance(payload, WishPosted)
        organisations = self._views.organisations
        followers = await organisations.followers(community, payload.category.value, after=after, limit=self._chunk)
        people = [
            (person(manager), Mode.NORMAL if follower.notify is FollowNotice.IMMEDIATELY else Mode.DIGEST)
            for follower in followers
            for manager in follower.managers
        ]
        return _Page(people, followers[-1].id) if followers else None

    async def _tell(self, line: Told, news: _News, people: Sequence[tuple[Recipient, Mode]]) -> None:
        ids = [recipient.person_id for recipient, mode in people if mode is Mode.DIGEST and recipient.person_id]
        chosen = await self._preferences.of_many(ids) if ids else {}
        unwanted = {one for one, preferences in chosen.items() if preferences.digest is DigestWish.NONE}
        documents = [
            self._notice(line, news, recipient, mode, unwanted=recipient.person_id in unwanted)
            for recipient, mode in people
        ]
        await self._notices.add(documents)
        await self._assemble([document["_id"] for document in documents if document["state"] == "open"])

    def _notice(self, line: Told, news: _News, recipient: Recipient, mode: Mode, *, unwanted: bool) -> Document:
        now = self._clock()
        event = news.event
        document: Document = {
            "_id": derived_id("notice", news_of(news.payload, event.id), recipient.contact_id),
            "event": stored(event),
            "event_type": event.type,
            "template": line.template,
            "mode": mode.value,
            "channels": [channel.value for channel in line.channels],
            "recipient": recipient.contact_id,
            "person_id": recipient.person_id,
            "wish_id": wish_id_of(news.payload),
            "community": community_of(news.payload, news.known),
            "state": "open",
            "since": now,
            "use_until": news.use_until,
        }
        if mode is Mode.DIGEST and unwanted:
            return {**document, "state": "suppressed", "cause": "preference"}
        if mode is Mode.DIGEST:
            return {**document, "state": "held", "due_at": self._morning.after(now)}
        return document
