"""What this owner has published, kept for ever: for timelines, audits, and republishing to a broker that lost it.

Sign-in codes are never kept; of a contact only the newest state; a tombstone takes the contact's entry with it.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from microwish.events.base import Envelope
from microwish.events.topics import POLICIES, Topic
from microwish.messaging.streams import envelope_of
from microwish.store.mongo import (
    ASCENDING,
    DUPLICATE_KEY,
    BulkWriteError,
    Database,
    Document,
    IndexModel,
    InsertOne,
    UpdateOne,
    ensure_indexes,
)


class Journal:
    """The collection `journal` of a service."""

    def __init__(self, db: Database) -> None:
        self._rows = db.get_collection("journal")

    async def ensure_indexes(self) -> None:
        """Read by stream, in order of versions."""
        stream = [("source", ASCENDING), ("subject", ASCENDING), ("version", ASCENDING)]
        await ensure_indexes(self._rows, [IndexModel(stream, name="stream")])

    async def write(self, entries: Sequence[Document]) -> None:
        """Keep these entries; keeping one twice keeps it once, and an older contact never replaces a newer."""
        writes = [write for entry in entries if (write := _write(entry)) is not None]
        if not writes:
            return
        try:
            await self._rows.bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            faults: list[dict[str, Any]] = (error.details or {}).get("writeErrors", [])
            # Kept before, or an older contact that met a newer one: refused, as it should be.
            if (error.details or {}).get("writeConcernErrors") or any(f["code"] != DUPLICATE_KEY for f in faults):
                raise

    async def stream(self, source: str, subject: str) -> list[Envelope]:
        """All events of one stream, in order."""
        found = self._rows.find({"source": source, "subject": subject, "type": {"$ne": None}})
        return [envelope_of(entry) async for entry in found.sort("version", ASCENDING)]

    async def entries(self) -> AsyncIterator[Document]:
        """Everything, stream by stream in order of versions: what a republish sends."""
        order = [("source", ASCENDING), ("subject", ASCENDING), ("version", ASCENDING)]
        async for entry in self._rows.find({}).sort(order).batch_size(500):
            yield entry

    async def subjects(self, source: str, field: str, value: str) -> list[str]:
        """The subjects of a source of which some event says this in this field. It reads everything: for rare use."""
        found = self._rows.aggregate(
            [{"$match": {"source": source, f"data.{field}": value}}, {"$group": {"_id": "$subject"}}]
        )
        return [row["_id"] async for row in found]

    async def reword(self, source: str, subject: str, reworded: Callable[[Document], Document]) -> None:
        """Rewrite what the events of a stream say, keeping ids, versions and times: what a republish sends from now on.

        reworded: the payload as it shall be; repeatable.
        """
        async for entry in self._rows.find({"source": source, "subject": subject, "data": {"$ne": None}}):
            data = reworded(entry["data"])
            if data != entry["data"]:
                await self._rows.update_one({"_id": entry["_id"], "data": entry["data"]}, {"$set": {"data": data}})

    async def forget(self, subject: str) -> None:
        """Erase every entry of a subject."""
        await self._rows.delete_many({"subject": subject})


def _write(entry: Document) -> InsertOne[Document] | UpdateOne | None:
    kept = POLICIES[Topic(entry["topic"])].journal
    if kept == "none":
        return None
    if kept == "all":
        return InsertOne({"_id": entry["id"], **entry})
    newest = {"_id": f"newest:{entry['subject']}", "version": {"$lt": entry["version"]}}
    return UpdateOne(newest, {"$set": entry}, upsert=True)
