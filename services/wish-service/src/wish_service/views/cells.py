"""The counted documents of the statistics: cells and reports, and the marks that say which must be counted again.

    cell:   {_id: "<root>|<area>|<month>|<category>", root, area, month, category, level, parent, tally}
    report: {_id: "<root>|<area>", root, area, level, parent, body}
    both:   marks (how often something below changed), counted (up to which mark), stale (present while marks are open)

root: `all`, or a campaign. area: a community (12 digits), its street (9), its district (6), everything (""). A
community's cell is counted from the facts, every other from the cells one level below, a report from the cells of
its area. What changes marks first and is settled last, and a count that began earlier never replaces one that began
later (`keep`): so any number of processes may count at once, and one that dies loses nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from microwish.store.mongo import (
    ASCENDING,
    BulkWriteError,
    Collection,
    Document,
    IndexModel,
    UpdateOne,
    ensure_indexes,
)

LEVELS = (12, 9, 6, 0)
"""Digits of the areas, the smallest areas first."""

_ATTEMPTS = 5


def above(area: str) -> str:
    """The area one level up: 310117001001 → 310117001 → 310117 → ""."""
    return area[: next(level for level in LEVELS if level < len(area))]


@dataclass(frozen=True)
class CellKey:
    """Which cell it is."""

    root: str
    area: str
    month: str
    category: str

    @classmethod
    def parse(cls, key: str) -> "CellKey":
        """The key that a fact or a cell names."""
        return cls(*key.split("|"))

    def __str__(self) -> str:
        return "|".join((self.root, self.area, self.month, self.category))

    @property
    def parent(self) -> "CellKey | None":
        """The cell of the area above; None at the top."""
        return CellKey(self.root, above(self.area), self.month, self.category) if self.area else None

    def fields(self) -> Document:
        """What its document says besides the figures."""
        parent = self.parent
        return {**vars(self), "level": len(self.area), "parent": str(parent) if parent else None}


@dataclass(frozen=True)
class ReportKey:
    """Which report it is."""

    root: str
    area: str

    def __str__(self) -> str:
        return f"{self.root}|{self.area}"

    @property
    def parent(self) -> "ReportKey | None":
        """The report of the area above; None at the top."""
        return ReportKey(self.root, above(self.area)) if self.area else None

    def fields(self) -> Document:
        """What its document says besides the figures."""
        parent = self.parent
        return {**vars(self), "level": len(self.area), "parent": str(parent) if parent else None}


class Counted:
    """A collection of documents that are counted anew when they were marked."""

    def __init__(self, rows: Collection, *indexes: IndexModel) -> None:
        self.rows = rows
        self._indexes = indexes

    async def ensure_indexes(self) -> None:
        """What is stale by level, what lies below, and the caller's own."""
        stale = IndexModel(
            [("stale", ASCENDING), ("level", ASCENDING)],
            name="stale",
            partialFilterExpression={"stale": {"$exists": True}},
        )
        await ensure_indexes(self.rows, [stale, IndexModel([("parent", ASCENDING)], name="parent"), *self._indexes])

    async def mark(self, keys: Iterable[CellKey | ReportKey]) -> None:
        """Say that something below has changed; makes documents that aren't there yet. Marking twice does no harm."""
        marks = [
            UpdateOne(
                {"_id": str(key)},
                {"$inc": {"marks": 1}, "$set": {"stale": True}, "$setOnInsert": {**key.fields(), "counted": 0}},
                upsert=True,
            )
            for key in keys
        ]
        for attempt in range(_ATTEMPTS):
            try:
                await self._bulk(marks)
            except BulkWriteError:  # two processes made the same document at once: now it is there
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                return

    async def stale(self, level: int, limit: int) -> list[Document]:
        """Documents of a level that must be counted again, with the mark up to which that will be."""
        found = self.rows.find({"stale": True, "level": level}, {"root": 1, "area": 1, "marks": 1})
        return await found.limit(limit).to_list(limit)

    async def keep(self, counted: Sequence[tuple[str, int, Mapping[str, Any]]]) -> None:
        """Write what was counted: (id, mark read before counting began, values). A later count is left alone."""
        await self._bulk(
            [
                UpdateOne({"_id": key, "counted": {"$lte": mark}}, {"$set": {**values, "counted": mark}})
                for key, mark, values in counted
            ]
        )

    async def settle(self, done: Iterable[tuple[str, int]]) -> None:
        """Nothing is left to do for these, unless they were marked again since."""
        await self._bulk([UpdateOne({"_id": key, "marks": mark}, {"$unset": {"stale": ""}}) for key, mark in done])

    async def _bulk(self, writes: list[UpdateOne]) -> None:
        if writes:
            await self.rows.bulk_write(writes, ordered=False)
