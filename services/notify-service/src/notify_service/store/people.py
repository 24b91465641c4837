"""What people chose, and whom staff have to call because no message reaches them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from microwish.events.notify import Channel
from microwish.store.grouped import GroupedFinds
from microwish.store.mongo import DESCENDING, Collection, Document, DuplicateKeyError, IndexModel, ensure_indexes
from microwish.when import Clock, system_clock
from notify_service.domain.preferences import DigestWish, Kind, Preferences


class PreferenceBook:
    """The collection `preferences`.

    {_id: <person id>, channels, digest, language, kinds?, mute?: {until}, large_print?, changed_at, timeline}
    """

    def __init__(self, rows: Collection, clock: Clock = system_clock) -> None:
        self._rows = rows
        self._clock = clock
        # Every message asks for one row: those of the same moment ask together.
        self._finds = GroupedFinds(rows, {"timeline": 0})

    async def of(self, person_id: str | None) -> Preferences:
        """What the person chose, as of now, or the usual."""
        row = await self._finds.find(person_id) if person_id else None
        return _preferences(row, self._clock()) if row else Preferences()

    async def of_many(self, person_ids: Sequence[str]) -> dict[str, Preferences]:
        """What these people chose; those who chose nothing are missing."""
        now = self._clock()
        rows = self._rows.find({"_id": {"$in": list(person_ids)}}, {"timeline": 0})
        return {row["_id"]: _preferences(row, now) async for row in rows}

    async def save(self, person_id: str, chosen: Preferences, *, now: datetime) -> None:
        """Keep what the person chose, and that they chose it now (choosing WeChat is the consent to it)."""
        values: Document = {
            "channels": [channel.value for channel in chosen.channels],
            "digest": chosen.digest.value,
            "language": chosen.language,
            "kinds": {kind.value: [channel.value for channel in ways] for kind, ways in chosen.kinds.items()},
            "mute": {"until": chosen.muted_until} if chosen.muted else None,
            "large_print": chosen.large_print,
        }
        entry = {"at": now, "by": {"person_id": person_id, "role": "resident"}, "what": "preferences_saved", **values}
        change = {"$set": {**values, "changed_at": now}, "$push": {"timeline": {"$each": [entry], "$slice": -50}}}
        await self._rows.update_one({"_id": person_id}, change, upsert=True)

    async def forget(self, person_id: str) -> None:
        """Remove what somebody chose who asked to be forgotten."""
        await self._rows.delete_one({"_id": person_id})


def _preferences(row: Document, now: datetime) -> Preferences:
    mute = row.get("mute")
    muted = mute is not None and (mute["until"] is None or now < mute["until"])
    return Preferences(
        tuple(Channel(channel) for channel in row["channels"]),
        DigestWish(row["digest"]),
        "en" if row["language"] == "en" else "zh",
        kinds=_kinds(row.get("kinds") or {}),
        muted=muted,
        muted_until=mute["until"] if mute is not None and muted else None,
        large_print=bool(row.get("large_print")),
    )


def _kinds(stored: Document) -> dict[Kind, tuple[Channel, ...]]:
    """Kinds of a newer release mean nothing here."""
    return {kind: tuple(Channel(channel) for channel in stored[kind.value]) for kind in Kind if kind.value in stored}


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
    """The collection `call_tasks`; its id is the message's, so each opens once. It is open until `done_at`."""

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
            "timeline": [{"at": task.opened_at, "by": {"person_id": None, "role": "system"}, "what": "opened"}],
        }
        try:
            await self._rows.insert_one(document)
        except DuplicateKeyError:
            return

    async def find(self, id: str) -> Document | None:
        """The task, or None."""
        return await self._rows.find_one({"_id": id})

    async def done(self, id: str, *, person_id: str | None, role: str, now: datetime) -> bool:
        """Somebody has called; False if somebody had before, or there is nobody to call."""
        entry = {"at": now, "by": {"person_id": person_id, "role": role}, "what": "called"}
        change = {"$set": {"done_at": now}, "$push": {"timeline": entry}}
        return (await self._rows.update_one({"_id": id, "done_at": None}, change)).matched_count > 0

    async def newest(self, query: Document, *, limit: int) -> list[CallTask]:
        """The newest open ones that match."""
        rows = self._rows.find({**query, "done_at": None}).sort("opened_at", DESCENDING).limit(limit)
        return [
            CallTask(row["_id"], row["recipient"], row["wish_id"], row["community"], row["template"], row["opened_at"])
            async for row in rows
        ]

    async def count(self, query: Document) -> int:
        """How many open ones match."""
        return await self._rows.count_documents({**query, "done_at": None})

    async def forget(self, recipient: str) -> None:
        """Nobody calls somebody who asked to be forgotten."""
        await self._rows.delete_many({"recipient": recipient})
