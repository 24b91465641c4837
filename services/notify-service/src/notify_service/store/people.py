"""What people chose, and whom staff have to call because no message reaches them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from microwish.events.notify import Channel
from microwish.store.mongo import DESCENDING, Collection, Document, DuplicateKeyError, IndexModel, ensure_indexes
from notify_service.domain.preferences import DigestWish, Preferences


class PreferenceBook:
    """The collection `preferences`: {_id: <person id>, channels, digest, language, changed_at, timeline}."""

    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def of(self, person_id: str | None) -> Preferences:
        """What the person chose, or the usual."""
        row = await self._rows.find_one({"_id": person_id}) if person_id else None
        if row is None:
            return Preferences()
        channels = tuple(Channel(channel) for channel in row["channels"])
        return Preferences(channels, DigestWish(row["digest"]), "en" if row["language"] == "en" else "zh")

    async def of_many(self, person_ids: Sequence[str]) -> dict[str, Preferences]:
        """What these people chose; those who chose nothing are missing."""
        return {person: await self.of(person) for person in await self._known(person_ids)}

    async def save(self, person_id: str, chosen: Preferences, *, now: datetime) -> None:
        """Keep what the person chose, and that they chose it now (choosing WeChat is the consent to it)."""
        values = {
            "channels": [channel.value for channel in chosen.channels],
            "digest": chosen.digest.value,
            "language": chosen.language,
        }
        entry = {"at": now, "by": {"person_id": person_id, "role": "resident"}, "what": "preferences_saved", **values}
        change = {"$set": {**values, "changed_at": now}, "$push": {"timeline": {"$each": [entry], "$slice": -50}}}
        await self._rows.update_one({"_id": person_id}, change, upsert=True)

    async def forget(self, person_id: str) -> None:
        """Remove what somebody chose who asked to be forgotten."""
        await self._rows.delete_one({"_id": person_id})

    async def _known(self, person_ids: Sequence[str]) -> list[str]:
        rows = self._rows.find({"_id": {"$in": list(person_ids)}}, {"_id": 1})
        return [row["_id"] async for row in rows]


@dataclass(frozen=True)
class CallTask:
    """电话告知: somebody whom no message reaches; staff call and tell them."""

    message_id: str
    recipient: str
    wish_id: str | None
    community: str | None
    template: str
    opened_at: datetime


class CallTasks:
    """The collection `call_tasks`; its id is the message's, so each opens once."""

    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def ensure_indexes(self) -> None:
        """Newest first."""
        await ensure_indexes(self._rows, [IndexModel([("opened_at", DESCENDING)], name="newest")])

    async def open(self, task: CallTask) -> None:
        """Record it; a second time changes nothing."""
        document: Document = {
            "_id": task.message_id,
            "recipient": task.recipient,
            "wish_id": task.wish_id,
            "community": task.community,
            "template": task.template,
            "opened_at": task.opened_at,
        }
        try:
            await self._rows.insert_one(document)
        except DuplicateKeyError:
            return

    async def newest(self, query: Document, *, limit: int) -> list[CallTask]:
        """The newest that match."""
        rows = self._rows.find(query).sort("opened_at", DESCENDING).limit(limit)
        return [
            CallTask(row["_id"], row["recipient"], row["wish_id"], row["community"], row["template"], row["opened_at"])
            async for row in rows
        ]

    async def count(self, query: Document) -> int:
        """How many match."""
        return await self._rows.count_documents(query)

    async def forget(self, recipient: str) -> None:
        """Nobody calls somebody who asked to be forgotten."""
        await self._rows.delete_many({"recipient": recipient})
