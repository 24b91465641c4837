"""What consumers of this service could not process, beside the topic `<group>.dlq`: found, told why, and settled.

{_id, group, topic, partition, offset, key, value, headers: [[name, value]], source?, subject?, type?, version?, error,
 state: waiting|replayed|dropped, since, last_at, times, timeline: [{at, by, what, why?}]}

A letter that waits holds back the successors of its stream (they are parked). Values are as they came: what is personal
in them is sealed. They are kept as long as the topic keeps them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from microwish.events.base import CONTACT_SOURCES, Envelope
from microwish.ids import derived_id
from microwish.messaging.failures import describe
from microwish.messaging.wire import Record, Unreadable, decode
from microwish.store.mongo import ASCENDING, DESCENDING, Database, Document, IndexModel, ensure_indexes

KEPT_SECONDS = 30 * 24 * 3600
WAITING = "waiting"
Position = tuple[datetime, str]
"""Where a page of the list ended: (since, id)."""


@dataclass(frozen=True)
class Whence:
    """Where a record was read, and by which consumer group."""

    group: str
    topic: str
    partition: int
    offset: int


@dataclass(frozen=True)
class Letter:
    """One of them. error: its kind and the fields at fault, never what somebody wrote. event: None if unreadable."""

    id: str
    whence: Whence
    record: Record
    event: Envelope | None
    error: str
    state: str
    since: datetime
    last_at: datetime
    times: int
    timeline: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


class DeadLetters:
    """The collection `dead_letters`."""

    def __init__(self, db: Database) -> None:
        self._rows = db.get_collection("dead_letters")

    async def ensure_indexes(self) -> None:
        """Newest first by state, by what they are about, and gone with the topic's."""
        newest = [("since", DESCENDING), ("_id", DESCENDING)]
        await ensure_indexes(
            self._rows,
            [
                IndexModel([("state", ASCENDING), *newest], name="state"),
                IndexModel([("source", ASCENDING), ("subject", ASCENDING)], name="stream"),
                IndexModel([("since", ASCENDING)], name="since", expireAfterSeconds=KEPT_SECONDS),
            ],
        )

    async def keep(self, record: Record, whence: Whence, error: BaseException, *, now: datetime) -> None:
        """Keep it; the same event of the same group again is counted, and stays settled if it was."""
        event = _event_of(record)
        place = (event.source, event.subject, str(event.version)) if event else _place(whence)
        kept: Document = {
            "group": whence.group,
            "topic": whence.topic,
            "partition": whence.partition,
            "offset": whence.offset,
            "key": record.key,
            "value": record.value,
            "headers": [[name, value] for name, value in record.headers],
            "state": WAITING,
            "since": now,
            "timeline": [],
        }
        if event is not None:
            kept |= {name: getattr(event, name) for name in ("source", "subject", "type", "version")}
        change = {
            "$setOnInsert": kept,
            "$set": {"error": describe(error), "last_at": now},
            "$inc": {"times": 1},
        }
        await self._rows.update_one({"_id": derived_id("dead", whence.group, *place)}, change, upsert=True)

    async def find(self, id: str) -> Letter | None:
        """This one."""
        row = await self._rows.find_one({"_id": id})
        return _letter(row) if row else None

    async def page(self, state: str | None, *, limit: int, before: Position | None = None) -> list[Letter]:
        """The newest, newest first."""
        query: Document = {"state": state} if state else {}
        if before is not None:
            since, last = before
            query["$or"] = [{"since": {"$lt": since}}, {"since": since, "_id": {"$lt": last}}]
        rows = self._rows.find(query).sort([("since", DESCENDING), ("_id", DESCENDING)]).limit(limit)
        return [_letter(row) async for row in rows]

    async def waiting(self, *, limit: int) -> list[str]:
        """Those that wait, the oldest of each stream before the next."""
        rows = self._rows.find({"state": WAITING}, {"_id": 1})
        return [row["_id"] async for row in rows.sort([("version", ASCENDING), ("since", ASCENDING)]).limit(limit)]

    async def count(self) -> int:
        """How many wait."""
        return await self._rows.count_documents({"state": WAITING})

    async def settle(self, id: str, state: str, entry: Mapping[str, Any]) -> bool:
        """Waiting → replayed or dropped, with who, when and why; False if it does not wait."""
        change = {"$set": {"state": state}, "$push": {"timeline": dict(entry)}}
        return (await self._rows.update_one({"_id": id, "state": WAITING}, change)).matched_count > 0

    async def failed_again(self, id: str, error: BaseException, entry: Mapping[str, Any]) -> None:
        """It was tried once more, and waits on."""
        change = {"$set": {"error": describe(error)}, "$push": {"timeline": {"$each": [dict(entry)], "$slice": -50}}}
        await self._rows.update_one({"_id": id}, change)

    async def forget(self, contact_id: str) -> None:
        """The contact was erased: what came of it and could not be processed goes too."""
        sources = [source.value for source in CONTACT_SOURCES]
        await self._rows.delete_many({"source": {"$in": sources}, "subject": contact_id})


def _event_of(record: Record) -> Envelope | None:
    if record.value is None:
        return None
    try:
        return decode(record.value, record.headers)
    except Unreadable:
        return None


def _place(whence: Whence) -> tuple[str, ...]:
    return whence.topic, str(whence.partition), str(whence.offset)


def _letter(row: Document) -> Letter:
    record = Record(row["key"], row["value"], [(name, value) for name, value in row["headers"]])
    return Letter(
        row["_id"],
        Whence(row["group"], row["topic"], row["partition"], row["offset"]),
        record,
        _event_of(record),
        row["error"],
        row["state"],
        row["since"],
        row["last_at"],
        row["times"],
        row["timeline"],
    )
