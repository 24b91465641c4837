"""Exports: the wishes of an area, page by page in the order they came, and a record of every export."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from microwish.identity.people import Person
from microwish.store.mongo import ASCENDING, DESCENDING, Document, IndexModel, ensure_indexes
from microwish.store.mongo import Collection as Rows

ORDER: Final = [("submitted_at", ASCENDING), ("_id", ASCENDING)]
_NEWEST: Final = [("at", DESCENDING), ("_id", DESCENDING)]
BY_AREA, ALL = "export_of_area", "export"
_LEFT_OUT: Final = {
    **dict.fromkeys(("outbox", "keys", "relay", "taken", "unsent_since"), 0),
    # Sealed contacts never leave with a table; what is masked does.
    **{f"contact.{name}": 0 for name in ("name", "phone", "address", "phone_index")},
}


@dataclass(frozen=True)
class Selection:
    """Which wishes. areas: division codes, none inside another; None: all. states and category: None for any.

    since, until: when they were asked for, from and before.
    """

    areas: tuple[str, ...] | None
    states: tuple[str, ...] | None
    category: str | None
    since: datetime | None
    until: datetime

    @property
    def parts(self) -> tuple[str | None, ...]:
        """The areas one by one: each has an order of its own in the index."""
        return (None,) if self.areas is None else self.areas


Position = tuple[datetime, str]
"""(submitted_at, id) of the last wish seen."""


class Exports:
    """Reads the truth for exports, and keeps who exported what."""

    def __init__(self, wishes: Rows, records: Rows) -> None:
        self._wishes, self._records = wishes, records

    async def ensure_indexes(self) -> None:
        """One index per order that exports read in: of an area, and of everything."""
        await ensure_indexes(
            self._wishes,
            [IndexModel(ORDER, name=ALL), IndexModel([("areas", ASCENDING), *ORDER], name=BY_AREA)],
        )
        await ensure_indexes(
            self._records,
            [IndexModel(_NEWEST, name="newest"), IndexModel([("by", ASCENDING), *_NEWEST], name="newest_of_person")],
        )

    async def page(
        self, selection: Selection, area: str | None, *, after: Position | None, limit: int
    ) -> list[Document]:
        """The next wishes of one of the selection's parts, as documents without anything that is not for a table."""
        found: list[Document] = []
        for query in queries_of(selection, area, after):
            cursor = self._wishes.find(query, _LEFT_OUT).sort(ORDER).hint(index_of(area))
            found += await cursor.limit(limit - len(found)).to_list(limit)
            if len(found) >= limit:
                break
        return found

    async def count(self, selection: Selection, *, at_most: int) -> int:
        """How many wishes that is, counted no further than `at_most`."""
        counted = 0
        for area in selection.parts:
            (query,) = queries_of(selection, area, None)
            left = at_most - counted
            counted += await self._wishes.count_documents(query, hint=index_of(area), limit=left) if left > 0 else 0
        return counted

    async def begun(self, id: str, person: Person, what: Document, *, at: datetime) -> None:
        """Record an export before anything of it leaves."""
        await self._records.insert_one({"_id": id, "by": person.id, "at": at, "state": "begun", "rows": 0, **what})

    async def ended(self, id: str, *, rows: int, complete: bool, at: datetime) -> None:
        """Record how much left, and whether the reader took it all."""
        state = "complete" if complete else "cut"
        await self._records.update_one({"_id": id}, {"$set": {"state": state, "rows": rows, "ended_at": at}})

    async def records(self, by: str | None, *, after: Position | None, limit: int) -> Sequence[Document]:
        """Exports, newest first; by: of one person alone."""
        query: Document = {} if by is None else {"by": by}
        if after:
            # The first condition is the range of the index; the other leaves out what was of the same moment.
            query |= {"at": {"$lte": after[0]}, "$or": [{"at": {"$lt": after[0]}}, {"_id": {"$lt": after[1]}}]}
        cursor = self._records.find(query).sort(_NEWEST)
        return await cursor.limit(limit).to_list(limit)


def queries_of(selection: Selection, area: str | None, after: Position | None) -> list[Document]:
    """What a page is read by, in this order: wishes of the very moment where the last page ended, then later ones.

    As two ranges, because one that joins them by `$or` would read a file's 5000 wishes of one moment again and again.
    """
    query: Document = {} if area is None else {"areas": area}
    if selection.states is not None:
        query["status"] = {"$in": list(selection.states)}
    if selection.category:
        query["category"] = selection.category
    if after is None:
        asked = {"$gte": selection.since} if selection.since else {}
        return [{**query, "submitted_at": {**asked, "$lt": selection.until}}]
    at, last = after
    return [
        {**query, "submitted_at": at, "_id": {"$gt": last}},
        {**query, "submitted_at": {"$gt": at, "$lt": selection.until}},
    ]


def index_of(area: str | None) -> str:
    """The index whose order is the export's."""
    return ALL if area is None else BY_AREA
