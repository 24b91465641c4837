"""One piece of news for one person; its id is made of both, so that nobody is told twice.

{_id: hash(news, person), event, event_type, template, mode, channels, recipient, person_id, community, wish_id,
 fanout?, state: open|held|taken|told|suppressed, held_for?: morning|wish|alone, due_at?, message_id?, since, use_until}
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from microwish.store.grouped import GroupedFinds
from microwish.store.missing import insert_missing
from microwish.store.mongo import ASCENDING, Collection, Document, IndexModel, ensure_indexes
from notify_service.domain.overtaking import News
from notify_service.domain.timing import HeldFor
from notify_service.store.events import restored


@dataclass(frozen=True)
class Bundle:
    """What is told one person together. wish_id: where it waits for news of one wish. first: what came due first."""

    recipient: str
    held_for: HeldFor
    wish_id: str | None
    first: str
    due_at: datetime


def as_news(notice: Document) -> News:
    """A notice as plain values."""
    event = restored(notice["event"])
    return News(notice["_id"], notice["template"], notice["mode"], event.payload(), event.time, notice["wish_id"])


class Notices:
    """The collection `notices`."""

    def __init__(self, rows: Collection) -> None:
        self._rows = rows
        self._finds = GroupedFinds(rows, {})

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
        await insert_missing(self._rows, documents)

    async def find(self, ids: Sequence[str]) -> list[Document]:
        """These notices, oldest news first."""
        if len(ids) == 1:  # most messages carry one: those that leave at the same moment ask together
            found = await self._finds.find(ids[0])
            return [found] if found else []
        rows = self._rows.find({"_id": {"$in": list(ids)}})
        return sorted([row async for row in rows], key=lambda row: (row["event"]["time"], row["_id"]))

    async def open_among(self, ids: Sequence[str]) -> list[Document]:
        """Those that have no message yet."""
        return [row async for row in self._rows.find({"_id": {"$in": list(ids)}, "state": "open"})]

    async def told(self, ids: Sequence[str]) -> None:
        """Messages carry these open ones."""
        await self._rows.update_many({"_id": {"$in": list(ids)}, "state": "open"}, {"$set": {"state": "told"}})

    async def let_go(self, now: datetime, *, limit: int) -> list[str]:
        """Open what was held alone until now; which ones."""
        due = {"state": "held", "held_for": HeldFor.ALONE.value, "due_at": {"$lte": now}}
        ids = [row["_id"] async for row in self._rows.find(due, {"_id": 1}).sort("due_at", ASCENDING).limit(limit)]
        await self._rows.update_many({"_id": {"$in": ids}, **due}, {"$set": {"state": "open"}})
        return ids

    async def due(self, now: datetime, *, limit: int) -> list[Bundle]:
        """What is to be told together now, oldest first."""
        of_wish = {"$eq": ["$held_for", HeldFor.WISH.value]}
        group = {
            "recipient": "$recipient",
            "held_for": {"$ifNull": ["$held_for", HeldFor.MORNING.value]},
            "wish_id": {"$cond": [of_wish, "$wish_id", None]},
        }
        stages: list[Document] = [
            {"$match": {"state": "held", "held_for": {"$ne": HeldFor.ALONE.value}, "due_at": {"$lte": now}}},
            {"$sort": {"due_at": ASCENDING, "_id": ASCENDING}},
            {"$group": {"_id": group, "first": {"$first": "$_id"}, "due_at": {"$first": "$due_at"}}},
            {"$sort": {"due_at": ASCENDING}},
            {"$limit": limit},
        ]
        return [
            Bundle(
                row["_id"]["recipient"],
                HeldFor(row["_id"]["held_for"]),
                row["_id"]["wish_id"],
                row["first"],
                row["due_at"],
            )
            async for row in self._rows.aggregate(stages)
        ]

    async def take(self, bundle: Bundle, message_id: str, *, now: datetime) -> None:
        """Claim a bundle for one message (compare-and-set): who comes later finds nothing held.

        Of a morning what is due, of a wish all that is held: news that came last leaves with the first.
        """
        held: Document = {"recipient": bundle.recipient, "state": "held"}
        if bundle.held_for is HeldFor.WISH:
            held |= {"held_for": HeldFor.WISH.value, "wish_id": bundle.wish_id}
        else:
            held |= {"held_for": {"$in": [None, HeldFor.MORNING.value]}, "due_at": {"$lte": now}}
        await self._rows.update_many(held, {"$set": {"state": "taken", "message_id": message_id}})

    async def taken_for(self, message_id: str) -> list[Document]:
        """What a message has claimed and not told yet, oldest first."""
        rows = [row async for row in self._rows.find({"message_id": message_id, "state": "taken"})]
        return sorted(rows, key=lambda row: (row["event"]["time"], row["_id"]))

    async def bundle_made(self, message_id: str, ids: Sequence[str], *, held_until: datetime) -> None:
        """The message stands with these notices; what was claimed too late for it waits for the next."""
        await self._rows.update_many({"_id": {"$in": list(ids)}}, {"$set": {"state": "told"}})
        late = {"message_id": message_id, "state": "taken"}
        change = {"$set": {"state": "held", "due_at": held_until}, "$unset": {"message_id": ""}}
        await self._rows.update_many(late, change)

    async def suppress(self, message_id: str, causes: Mapping[str, str]) -> None:
        """What a message had claimed and does not tell, each with why."""
        for notice_id, cause in causes.items():
            guard = {"_id": notice_id, "message_id": message_id, "state": "taken"}
            await self._rows.update_one(guard, {"$set": {"state": "suppressed", "cause": cause}})

    async def of_wish(self, recipient: str, wish_id: str) -> list[Document]:
        """All that somebody was told of a wish, or will be."""
        alive = {"$in": ["open", "held", "taken", "told"]}
        rows = self._rows.find(
            {"recipient": recipient, "wish_id": wish_id, "state": alive, "event.data": {"$ne": None}}
        )
        return [row async for row in rows]

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
