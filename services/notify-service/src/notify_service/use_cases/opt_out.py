"""A person wants no more SMS, or wants them again: by answering one, or by the page. Sign-in codes go on coming."""

import unicodedata
from datetime import datetime

from microwish.events.notify import Channel
from microwish.privacy.phones import InvalidPhone, normalise_phone
from microwish.privacy.sealing import BlindIndex
from microwish.telemetry import counter
from microwish.when import Clock
from notify_service.store.suppressions import Suppressions, by_holder
from notify_service.views.contacts import Contacts

WORDS = frozenset({"退订", "取消订阅", "td", "t", "n", "qx", "unsubscribe", "stop"})
"""Answers that carriers and people use for "no more". The whole answer must be one of them: T恤收到了 is none."""

BY_REPLY = "reply"
BY_PAGE = "page"

_taken = counter("opt_outs", "Channels that people switched off or on again", ("what", "how"))


class NoPhoneKnown(Exception):
    """How to reach the person has not been heard of yet, so there is nothing to switch off."""


class OptOut:
    """Keeps what people say about SMS; the latest word counts, in whatever order words come."""

    def __init__(self, suppressions: Suppressions, contacts: Contacts, phone_index: BlindIndex, clock: Clock) -> None:
        self._suppressions = suppressions
        self._contacts = contacts
        self._index = phone_index
        self._clock = clock

    async def by_reply(self, phone: str, text: str, at: datetime) -> bool:
        """Take an answer to an SMS, said at this time (UTC). True if it asks for no more and is the latest word.

        Idempotent. Who wants SMS again says so on the page: an answer never switches them on.
        """
        if not asks_to_stop(text):
            return False
        try:
            index = self._index.of(normalise_phone(phone))
        except InvalidPhone:
            return False
        barred = await self._suppressions.add(index, Channel.SMS, why=BY_REPLY, when=at)
        if barred:
            _taken.labels("stopped", BY_REPLY).inc()
        return barred

    async def by_page(self, person_id: str, channel: Channel, *, stop: bool) -> bool:
        """Switch a channel off or on for the signed-in person's phone; False if it was so already.

        Raises: NoPhoneKnown.
        """
        index = await self._index_of(person_id)
        if index is None:
            raise NoPhoneKnown(person_id)
        say = self._suppressions.add if stop else self._suppressions.lift
        if (channel in await self._suppressions.barred(index)) is stop:
            return False
        said = await say(index, channel, why=BY_PAGE, when=self._clock(), by=by_holder(person_id))
        if said:
            _taken.labels("stopped" if stop else "resumed", BY_PAGE).inc()
        return said

    async def stopped(self, person_id: str) -> frozenset[Channel]:
        """The channels that the person's phone has switched off."""
        index = await self._index_of(person_id)
        return await self._suppressions.barred(index) if index else frozenset()

    async def _index_of(self, person_id: str) -> str | None:
        return (await self._contacts.phone_indexes([person_id])).get(person_id) or None


def asks_to_stop(text: str) -> bool:
    """Whether this answer, whole, is a word for "no more": full or half width, in any case, with or without a stop."""
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    return plain.rstrip(".。!~ ") in WORDS
