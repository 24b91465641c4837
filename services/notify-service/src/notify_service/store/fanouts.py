"""One document per event that somebody is told of: which lines of the table are still to do, and how far each is.

{_id: <event id>, event, state: open|awaiting|done|suppressed|failed, cause?, lines: [<index>…],
 after: <last recipient>, moved_at?, waits_for: [<key>…], since, use_until}
"""

from collections.abc import Sequence
from datetime import datetime

from microwish.events import Envelope
from microwish.store.mongo import ASCENDING, Collection, Document, DuplicateKeyError, IndexModel, ensure_indexes
from notify_service.domain.message import Cause
from notify_service.store.events import stored

OPEN = ("open", "awaiting")


class Fanouts:
    """The collection `fanouts`."""

    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def ensure_indexes(self) -> None:
        """Found by what they wait for, and by how long they are not done."""
        undone = {"state": {"$in": list(OPEN)}}
        await ensure_indexes(
            self._rows,
            [
                IndexModel([("since", ASCENDING)], name="undone", partialFilterExpression=undone),
                IndexModel([("waits_for", ASCENDING)], name="waiting", partialFilterExpression={"state": "awaiting"}),
                IndexModel([("cause", ASCENDING)], name="cause", partialFilterExpression={"cause": {"$exists": True}}),
            ],
        )

    async def add(
        self,
        event: Envelope,
        lines: Sequence[int],
        *,
        now: datetime,
        use_until: datetime,
        suppressed: Cause | None = None,
    ) -> None:
        """Record that the event is to be told; a second time changes nothing."""
        document: Document = {
            "_id": event.id,
            "event": stored(event),
            "state": "suppressed" if suppressed else "open",
            "lines": list(lines),
            "after": "",
            "waits_for": [],
            "since": now,
            "use_until": use_until,
        }
        if suppressed:
            document["cause"] = suppressed.value
        try:
            await self._rows.insert_one(document)
        except DuplicateKeyError:
            return

    async def undone(self, id: str) -> Document | None:
        """The document while it has something left to do."""
        return await self._rows.find_one({"_id": id, "state": {"$in": list(OPEN)}})

    async def move_cursor(self, id: str, line: int, *, before: str, after: str, now: datetime) -> bool:
        """Remember how far a line is and when it got there, if nobody else has moved it since."""
        guard = {"_id": id, "lines": line, "after": before, "state": {"$in": list(OPEN)}}
        return (await self._rows.update_one(guard, {"$set": {"after": after, "moved_at": now}})).matched_count > 0

    async def finish_line(self, id: str, line: int) -> None:
        """A line has been told to everybody; the next starts from the first recipient."""
        await self._rows.update_one({"_id": id, "lines": line}, {"$pull": {"lines": line}, "$set": {"after": ""}})

    async def wait_for(self, id: str, keys: Sequence[str]) -> None:
        """The lines left need these to be heard of."""
        change = {"$set": {"state": "awaiting", "waits_for": list(keys)}}
        await self._rows.update_one({"_id": id, "state": {"$in": list(OPEN)}}, change)

    async def finish(self, id: str) -> None:
        """Every line is done. What was sealed in the event now rests in its notices alone."""
        guard = {"_id": id, "state": {"$in": list(OPEN)}, "lines": []}
        change = {"$set": {"state": "done", "waits_for": []}, "$unset": {"event.data": ""}}
        await self._rows.update_one(guard, change)

    async def give_up(self, id: str, cause: Cause) -> None:
        """Whom it concerns was never heard of."""
        guard = {"_id": id, "state": {"$in": list(OPEN)}}
        await self._rows.update_one(guard, {"$set": {"state": "failed", "cause": cause.value, "waits_for": []}})

    async def waiting_for(self, key: str) -> list[str]:
        """Which ones wait for this key."""
        return [row["_id"] async for row in self._rows.find({"state": "awaiting", "waits_for": key}, {"_id": 1})]

    async def since_before(self, moment: datetime, states: Sequence[str], *, limit: int) -> list[str]:
        """Those in any of these states that nobody has worked on since the moment, oldest first."""
        moved = {"$nor": [{"moved_at": {"$gte": moment}}]}
        query = {"state": {"$in": list(states)}, "since": {"$lt": moment}, **moved}
        return [row["_id"] async for row in self._rows.find(query, {"_id": 1}).sort("since", ASCENDING).limit(limit)]

    async def causes(self) -> dict[str, int]:
        """How many events were not told, by cause."""
        stages: list[Document] = [
            {"$match": {"cause": {"$exists": True}}},
            {"$group": {"_id": "$cause", "count": {"$sum": 1}}},
        ]
        return {row["_id"]: row["count"] async for row in self._rows.aggregate(stages)}
