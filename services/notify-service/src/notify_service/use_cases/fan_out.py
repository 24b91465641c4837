"""From one event to notices and messages: line by line of the table, chunk by chunk of its recipients (ADR 0029)."""

from collections.abc import Callable, Sequence
from datetime import datetime

from microwish.ids import derived_id
from microwish.store.mongo import Document
from microwish.when import Clock
from notify_service.domain.audiences import Recipient, wish_id_of
from notify_service.domain.known import Waiting, wish_key
from notify_service.domain.preferences import DigestWish
from notify_service.domain.rules import RULES, Mode, Told, news_of
from notify_service.domain.timing import Timing
from notify_service.store.events import restored, stored
from notify_service.store.fanouts import Fanouts
from notify_service.store.notices import Notices
from notify_service.store.people import PreferenceBook
from notify_service.use_cases.assemble import Assemble
from notify_service.use_cases.recipients import MANY, News, Recipients

Identify = Callable[..., str]
"""Makes an id of texts: the same of the same, or a fan-out that is resumed would tell somebody twice."""


class _Turned(Exception):
    """One chunk is told, and more of them are left."""


class _Overtaken(Exception):
    """Somebody else has moved the cursor of this fan-out."""


class FanOut:
    """Works off the documents of `fanouts`, a chunk at a time, so that fan-outs of a process can take turns."""

    def __init__(
        self,
        fanouts: Fanouts,
        notices: Notices,
        assemble: Assemble,
        recipients: Recipients,
        preferences: PreferenceBook,
        clock: Clock,
        timing: Timing,
        *,
        identify: Identify = derived_id,
    ) -> None:
        self._fanouts = fanouts
        self._notices = notices
        self._assemble = assemble
        self._recipients = recipients
        self._preferences = preferences
        self._clock = clock
        self._timing = timing
        self._identify = identify

    async def __call__(self, id: str) -> None:
        """Turn after turn to the end."""
        while await self.turn(id):
            pass

    async def turn(self, id: str) -> bool:
        """Tell the few whom it concerns, or one chunk of many; whether there is more to do at once.

        Guarantee: a chunk is written whole before the cursor passes it, by ids that are the same for whoever writes
        it; so it may be cut off anywhere, and done by several at once, and nobody is told twice or left out. What it
        waits for is looked at once more after the waiting is recorded, so that whoever hears of it in between is not
        missed.
        """
        for _ in range(2):
            document = await self._fanouts.undone(id)
            if document is None:
                return False
            try:
                missing = await self._lines(document)
            except _Turned:
                return True
            except _Overtaken:
                return False  # another process is ahead of this one, and goes on to the end
            if not missing:
                await self._fanouts.finish(id)
                return False
            if list(missing) != document["waits_for"]:
                await self._fanouts.wait_for(id, missing)
        return False

    async def _lines(self, document: Document) -> Sequence[str]:
        """Every line that can be told, up to a chunk of many; what the others wait for. Raises: _Turned, _Overtaken."""
        event = restored(document["event"])
        payload = event.payload()
        wish_id = wish_id_of(payload)
        known = await self._recipients.known(wish_id) if wish_id else None
        news = News(event, payload, known, document["use_until"])
        missing: list[str] = []
        for index in document["lines"]:
            line = RULES[type(payload)][index]
            if line.audience in MANY:
                waiting = await self._many(document, index, line, news)
            else:
                waiting = await self._few(line, news)
            if waiting is None:
                await self._fanouts.finish_line(document["_id"], index)
            else:
                missing += waiting.keys
        return tuple(dict.fromkeys(missing))

    async def _few(self, line: Told, news: News) -> Waiting | None:
        found = await self._recipients.few(line.audience, news)
        if isinstance(found, Waiting):
            return found
        await self._tell(line, news, [(recipient, line.mode) for recipient in found], fanout=None)
        return None

    async def _many(self, document: Document, index: int, line: Told, news: News) -> Waiting | None:
        if (community := news.community) is None:
            return Waiting((wish_key(wish_id_of(news.payload) or ""),))
        fanout, after = document["_id"], document["after"]
        page = await self._recipients.page(line, news, community, after, self._clock())
        if page is None:
            return None
        await self._tell(line, news, page.people, fanout=fanout)
        if not await self._fanouts.move_cursor(fanout, index, before=after, after=page.after, now=self._clock()):
            raise _Overtaken(fanout)
        raise _Turned(fanout)

    async def _tell(
        self, line: Told, news: News, people: Sequence[tuple[Recipient, Mode]], *, fanout: str | None
    ) -> None:
        """One insert of their notices, one of the messages of those that may leave now."""
        ids = [recipient.person_id for recipient, mode in people if mode is Mode.DIGEST and recipient.person_id]
        chosen = await self._preferences.of_many(ids) if ids else {}
        unwanted = {one for one, preferences in chosen.items() if preferences.digest is DigestWish.NONE}
        now = self._clock()
        documents = [
            self._notice(line, news, recipient, mode, now, unwanted=recipient.person_id in unwanted)
            for recipient, mode in people
        ]
        if fanout is not None:
            documents = [{**document, "fanout": fanout} for document in documents]
        await self._notices.add(documents)
        await self._assemble([document["_id"] for document in documents if document["state"] == "open"])

    def _notice(
        self, line: Told, news: News, recipient: Recipient, mode: Mode, now: datetime, *, unwanted: bool
    ) -> Document:
        event = news.event
        wish_id = wish_id_of(news.payload)
        notice_id = self._identify("notice", news_of(news.payload, event.id), recipient.contact_id)
        document: Document = {
            "_id": notice_id,
            "message_id": self._identify("message", notice_id),
            "event": stored(event),
            "event_type": event.type,
            "template": line.template,
            "mode": mode.value,
            "channels": [channel.value for channel in line.channels],
            "recipient": recipient.contact_id,
            "person_id": recipient.person_id,
            "wish_id": wish_id,
            "community": news.community,
            "state": "open",
            "since": now,
            "use_until": news.use_until,
        }
        if mode is Mode.DIGEST and unwanted:
            return {**document, "state": "suppressed", "cause": "preference"}
        if (hold := self._timing.hold(mode, wish_id, now)) is not None:
            return {**document, "state": "held", "held_for": hold.held_for.value, "due_at": hold.due}
        return document
