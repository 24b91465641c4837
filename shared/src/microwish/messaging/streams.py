"""The version gate: within a stream, the next version is applied, an older one dropped, a later one parked.

A stream is (source, subject). A view keeps the gate's memory in the row itself (`store/views.py`), a reaction in the
aggregate it acts on (`store/aggregate.py`); what writes several documents with deterministic ids, such as messages,
keeps it in `Positions`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Any

from microwish.events.base import Envelope
from microwish.store.mongo import ASCENDING, Database, Document, DuplicateKeyError, IndexModel, ensure_indexes


class Outcome(StrEnum):
    """What became of an event at the gate."""

    APPLIED = "applied"
    OLD = "old"
    GAP = "gap"


def envelope_of(entry: Document) -> Envelope:
    """An outbox, journal or parked entry as an event."""
    return Envelope(
        id=entry["id"],
        type=entry["type"],
        source=entry["source"],
        subject=entry["subject"],
        time=entry["time"],
        version=entry["version"],
        data=entry["data"],
        traceparent=entry.get("traceparent"),
        recorded_at=entry.get("recorded_at"),
    )


class Positions:
    """Remembers per group and stream the last version taken, for effects that are idempotent by their own ids.

    The effect is done first, then the version is taken: a crash in between repeats the effect, which changes nothing.
    """

    def __init__(self, db: Database, group: str) -> None:
        self._rows = db.get_collection("positions")
        self._group = group

    async def take(self, event: Envelope, effect: Callable[[], Awaitable[None]]) -> Outcome:
        """Run the effect if the event is the next of its stream, and remember it."""
        key = f"{self._group}|{event.source}|{event.subject}"
        row = await self._rows.find_one({"_id": key})
        last = row["version"] if row else 0
        if event.version != last + 1:
            return Outcome.OLD if event.version <= last else Outcome.GAP
        await effect()
        if row is None:
            try:
                await self._rows.insert_one({"_id": key, "version": event.version})
            except DuplicateKeyError:
                return Outcome.OLD  # another consumer of the group took it while this one was being replaced
            return Outcome.APPLIED
        result = await self._rows.update_one({"_id": key, "version": last}, {"$set": {"version": event.version}})
        return Outcome.APPLIED if result.matched_count else Outcome.OLD


class Parking:
    """Keeps events that came before their predecessor, until it comes; Kafka need not hold them back."""

    def __init__(self, db: Database, group: str) -> None:
        self._rows = db.get_collection("parked")
        self._group = group

    async def ensure_indexes(self) -> None:
        """Found by stream and version; `since` lets an alarm see the oldest."""
        await ensure_indexes(
            self._rows,
            [
                IndexModel([("group", ASCENDING), ("source", ASCENDING), ("subject", ASCENDING)], name="stream"),
                IndexModel([("since", ASCENDING)], name="since"),
            ],
        )

    async def park(self, event: Envelope, *, now: datetime) -> None:
        """Keep the event; parking it twice keeps it once."""
        row: dict[str, Any] = {
            "_id": f"{self._group}|{event.source}|{event.subject}|{event.version}",
            "group": self._group,
            "since": now,
            **{name: value for name, value in asdict(event).items() if value is not None},
        }
        try:
            await self._rows.insert_one(row)
        except DuplicateKeyError:
            return

    async def waiting(self, stream: tuple[str, str]) -> Envelope | None:
        """The earliest parked event of the stream, if there is one."""
        source, subject = stream
        found = await self._rows.find_one(
            {"group": self._group, "source": source, "subject": subject}, sort=[("version", ASCENDING)]
        )
        if found is None:
            return None
        return envelope_of(found)

    async def leave(self, event: Envelope) -> None:
        """Let go of an event that was applied, or turned out to be old."""
        await self._rows.delete_one({"_id": f"{self._group}|{event.source}|{event.subject}|{event.version}"})

    async def reword(self, source: str, subject: str, reworded: Callable[[Document], Document]) -> None:
        """Rewrite what the parked events of a stream say. reworded: the payload as it shall be; repeatable."""
        query = {"group": self._group, "source": source, "subject": subject}
        async for row in self._rows.find(query):
            await self._rows.update_one({"_id": row["_id"]}, {"$set": {"data": reworded(row["data"])}})

    async def count(self) -> int:
        """How many events wait."""
        return await self._rows.count_documents({"group": self._group})
