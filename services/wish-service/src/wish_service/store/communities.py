"""The tree of divisions: districts, streets, communities, by their division codes."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from microwish.events import Community
from microwish.events.wish import CommunitySaved
from microwish.store.aggregate import Aggregates, AlreadyExists, Change, Decide
from microwish.store.mongo import ASCENDING, Document
from microwish.when import When

_AT_ONCE = 32
_OFFICE = "居委会"
LEAF_DIGITS = 12


@dataclass(frozen=True)
class Division:
    """A node of the tree; a community has 12 digits, a street 9, a district 6."""

    code: str
    name: str
    parent: str | None = None

    @property
    def shown_name(self) -> str:
        """The name of the place, without the office that looks after it (龙潭社区居委会 → 龙潭社区)."""
        short = self.name.removesuffix(_OFFICE)
        return short or self.name


class Communities:
    """The collection of divisions, with a copy in memory, read at start: it is small and changes once in years."""

    def __init__(self, aggregates: Aggregates) -> None:
        self.aggregates = aggregates
        self._known: dict[str, Division] = {}

    async def ensure_indexes(self) -> None:
        """The code is the id; nothing else is asked."""
        await self.aggregates.ensure_indexes()

    async def refresh(self) -> None:
        """Read the tree anew."""
        found = await self.aggregates.collection.find({}, {"name": 1, "parent": 1}).sort("_id", ASCENDING).to_list(None)
        self._known = {row["_id"]: Division(row["_id"], row["name"], row.get("parent")) for row in found}

    async def save(self, divisions: Iterable[Division], *, when: When) -> int:
        """Add what is new and rename what changed (CommunitySaved each); returns how many. Safe to repeat."""
        await self.refresh()
        changed = [division for division in divisions if self._known.get(division.code) != division]
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(division: Division) -> None:
            async with gate:
                await self._save(division, when)

        await asyncio.gather(*(one(division) for division in changed))
        if changed:
            await self.refresh()
        return len(changed)

    async def _save(self, division: Division, when: When) -> None:
        event = CommunitySaved(code=division.code, name=division.name, parent=division.parent)
        state = {"name": division.name, "parent": division.parent}
        try:
            await self.aggregates.create(division.code, state, [event], when=when)
        except AlreadyExists:
            await self.aggregates.change(division.code, _renamed(state, event), when=when)

    def all(self) -> list[Division]:
        """Every division, by code."""
        return list(self._known.values())

    def name_of(self, code: str) -> str:
        """The shown name of a division, or its code when it isn't known here."""
        division = self._known.get(code)
        return division.shown_name if division else code

    def knows(self, code: str) -> bool:
        """Whether there is such a division."""
        return code in self._known

    def community(self, code: str) -> Community | None:
        """The community (a leaf, 12 digits) with its shown name, or None."""
        division = self._known.get(code)
        if division is None or len(code) != LEAF_DIGITS:
            return None
        return Community(code=code, name=division.shown_name)


def _renamed(state: Document, event: CommunitySaved) -> Decide:
    def decide(document: Document) -> Change | None:
        if all(document.get(name) == value for name, value in state.items()):
            return None
        return Change(set=state, events=[event])

    return decide
