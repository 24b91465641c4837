"""Who wants nothing more by a channel, found by the blind index of the phone or openid alone.

{_id: <index>, <channel>: {barred, at}, timeline: [{at, by, what, channel, why}]}

The row stays when its person is forgotten (ADR 0031): without it the same phone would be written to again. It holds
nothing else of them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from microwish.events.base import Role
from microwish.events.notify import Channel
from microwish.store.grouped import GroupedFinds
from microwish.store.mongo import Collection, Document, DuplicateKeyError
from notify_service.store.messages import SYSTEM, By

_KEPT = 50


class Suppressions:
    """The collection `suppressions`. Sign-in codes never ask it."""

    def __init__(self, rows: Collection) -> None:
        self._rows = rows
        self._finds = GroupedFinds(rows, {"timeline": 0})

    async def barred(self, index: str) -> frozenset[Channel]:
        """The channels by which nothing may go there."""
        row = await self._finds.find(index)
        return frozenset(channel for channel in Channel if (row or {}).get(channel.value, {}).get("barred"))

    async def add(self, index: str, channel: Channel, *, why: str, when: datetime, by: By = SYSTEM) -> bool:
        """Bar the channel as of this moment; False where a later word, or this very one, is known already."""
        # At the same moment no is the safer word.
        earlier: list[Document] = [
            {f"{channel.value}.at": {"$lt": when}},
            {f"{channel.value}.at": when, f"{channel.value}.barred": False},
        ]
        return await self._say(index, channel, earlier, barred=True, entry=_entry("barred", channel, why, when, by))

    async def lift(self, index: str, channel: Channel, *, why: str, when: datetime, by: By = SYSTEM) -> bool:
        """Let messages go there again as of this moment; False where a later word is known, or nothing is barred."""
        earlier: list[Document] = [{f"{channel.value}.at": {"$lt": when}, f"{channel.value}.barred": True}]
        return await self._say(index, channel, earlier, barred=False, entry=_entry("lifted", channel, why, when, by))

    async def forget_who(self, index: str) -> None:
        """The person asked to be forgotten: that something is barred stays, not who said so."""
        await self._rows.update_one({"_id": index}, {"$unset": {"timeline": ""}})

    async def _say(
        self, index: str, channel: Channel, earlier: list[Document], *, barred: bool, entry: Mapping[str, Any]
    ) -> bool:
        change = {
            "$set": {channel.value: {"barred": barred, "at": entry["at"]}},
            "$push": {"timeline": {"$each": [entry], "$slice": -_KEPT}},
        }
        # Only a first "no" makes the row, or the channel's part of it: where nothing is barred nothing can be lifted.
        known = earlier if not barred else [*earlier, {channel.value: {"$exists": False}}]
        for _ in range(2):
            try:
                done = await self._rows.update_one({"_id": index, "$or": known}, change, upsert=barred)
            except DuplicateKeyError:
                continue  # the row is there: with a later word, or made by somebody else a moment ago
            return bool(done.matched_count) or done.upserted_id is not None
        return False


def _entry(what: str, channel: Channel, why: str, when: datetime, by: By) -> Document:
    who = {"person_id": by.person_id, "role": by.role.value}
    return {"at": when, "by": who, "what": what, "channel": channel.value, "why": why}


def by_holder(person_id: str) -> By:
    """The holder of the phone, signed in."""
    return By(person_id, Role.RESIDENT)
