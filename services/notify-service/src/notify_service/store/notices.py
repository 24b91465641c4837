"""One piece of news for one person; its id is made of both, so that nobody is told twice.

{_id: hash(news, person), event, event_type, line: {template, mode, channels}, recipient, person_id, community, wish_id,
 state: open|held|taken|told|suppressed, due_at?, message_id?, since, use_until}
"""

from collections.abc import Sequence
from datetime import datetime

from microwish.store.mongo import (
    ASCENDING,
    BulkWriteError,
    Collection,
    Document,
    IndexModel,
    ensure_indexes,
)

_DUPLICATE = 11000


class Notices:
    """The collection `notices`."""

    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def ensure_indexes(self) -> None:
        """Found by message, by what is due in a digest, and by how long they are not told."""
        await ensure_indexes(
            self._rows,
            [
                IndexModel([("message_id", ASCENDING)], name="message", sparse=True),
                IndexModel([("due_at", ASCENDING)], name="held", partialFilterExpression={"state": "held"}),
                IndexModel(
                    [("since", ASCENDING)],
                    name="undone",
                    partialFilterExpression={"state": {"$in": ["open", "taken"]}},
                ),
                IndexModel([("recipient", ASCENDING)], name="recipient"),
            ],
        )

    async def add(self, documents: Sequence[Document]) -> None:
        """Insert those that are not there yet; the others stay as they are."""
        if not documents:
            return
        try:
            await self._rows.insert_many(list(documents), ordered=False)
        except BulkWriteError as error:
            if any(fault["code"] != _DUPLICATE for fault in error.details.get("writeErrors", [])):
                raise

    async def find(self, ids: Sequence[str]) -> list[Document]:
        """These notices, oldest news first."""
        rows = self._rows.find({"_id": {"$in": list(ids)}})
        return sorted([row async for row in rows], key=lambda row: (row["event"]["time"], row["_id"]))

    async def open_among(self, ids: Sequence[str]) -> list[Document]:
        """Those that have no message yet."""
        return [row async for row in self._rows.find({"_id": {"$in": list(ids)}, "state": "open"})]

    async def told(self, id: str, message_id: str) -> None:
        """A message carries this one."""
        await self._rows.update_one({"_id": id, "state": "open"}, {"$set": {"state": "told", "message_id": message_id}})

    async def recipients_due(self, now: datetime, *, limit: int) -> list[str]:
        """People who have news held for a morning that has come."""
        stages: list[Document] = [
            {"$match": {"state": "held", "due_at": {"$lte": now}}},
            {"$group": {"_id": "$recipient"}},
            {"$limit": limit},
        ]
        return [row["_id"] async for row in self._rows.aggregate(stages)]

    async def take_due(self, recipient: str, message_id: str, *, now: datetime) -> list[Document]:
        """Claim what is due for one message (compare-and-set); all that this message has claimed, oldest first."""
        due = {"recipient": recipient, "state": "held", "due_at": {"$lte": now}}
        await self._rows.update_many(due, {"$set": {"state": "taken", "message_id": message_id}})
        rows = self._rows.find({"message_id": message_id, "state": "taken"})
        return sorted([row async for row in rows], key=lambda row: (row["event"]["time"], row["_id"]))

    async def digest_made(self, message_id: str, ids: Sequence[str], *, held_until: datetime) -> None:
        """The message stands with these notices; what was claimed too late for it waits for the next morning."""
        await self._rows.update_many({"_id": {"$in": list(ids)}}, {"$set": {"state": "told"}})
        late = {"message_id": message_id, "state": "taken"}
        change = {"$set": {"state": "held", "due_at": held_until}, "$unset": {"message_id": ""}}
        await self._rows.update_many(late, change)

    async def undone_since_before(self, moment: datetime, *, limit: int) -> list[Document]:
        """Open or claimed ones that nobody has finished."""
        query = {"state": {"$in": ["open", "taken"]}, "since": {"$lt": moment}}
        return [row async for row in self._rows.find(query).sort("since", ASCENDING).limit(limit)]

    async def forget(self, recipient: str) -> None:
        """Remove what was to be told to somebody who asked to be forgotten; that it was told stays known."""
        gone = {"event.data": "", "person_id": ""}
        await self._rows.update_many({"recipient": recipient}, {"$unset": gone})
        undone = {"recipient": recipient, "state": {"$in": ["open", "held", "taken"]}}
        await self._rows.update_many(undone, {"$set": {"state": "suppressed", "cause": "erased"}})
