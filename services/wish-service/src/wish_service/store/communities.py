"""The tree of divisions: districts, streets, communities, by their division codes.

{_id: code, name, parent, moved_to?, moved_by?, received_at?, timeline?, …outbox}
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from microwish.events import Actor, Community, Role
from microwish.events.wish import CommunityMoved, CommunitySaved
from microwish.store.aggregate import Aggregates, Change, Decide
from microwish.store.mongo import Document, of_majority
from microwish.store.refusals import AlreadyExists, Contended
from microwish.when import When
from wish_service.domain.divisions import LEAF_DIGITS, Division

_AT_ONCE = 32
_MOVES_AT_MOST = 50
_FIELDS = {"name": 1, "parent": 1, "moved_to": 1, "moved_by": 1, "revision": 1}


@dataclass(frozen=True)
class Move:
    """Where a community that moved is now, and who decided it."""

    place: Community
    by: Actor


class Communities:
    """The collection of divisions, with a copy in memory: it is small and changes once in years."""

    def __init__(self, aggregates: Aggregates) -> None:
        self.aggregates = aggregates
        self._known: dict[str, Division] = {}
        self._revisions: dict[str, int] = {}
        self._in_order: list[Division] | None = None

    async def ensure_indexes(self) -> None:
        """The code is the id; nothing else is asked."""
        await self.aggregates.ensure_indexes()

    async def refresh(self) -> None:
        """Read the tree anew."""
        found = await self.aggregates.collection.find({}, _FIELDS).to_list(None)
        for document in found:
            self._learn(document)

    async def follow(self) -> None:
        """Keep the copy in memory as the collection is, whoever changes it, until cancelled or the database fails.

        A change stream, opened before the tree is read, so that nothing falls in between.
        """
        watched = [{"$match": {"operationType": {"$in": ["insert", "update", "replace"]}}}]
        async with of_majority(self.aggregates.collection).watch(watched, full_document="updateLookup") as changes:
            await self.refresh()
            async for change in changes:
                if document := change.get("fullDocument"):
                    self._learn(document)

    async def save(self, divisions: Iterable[Division], *, when: When) -> int:
        """Add what is new and rename what changed (CommunitySaved each); returns how many. Safe to repeat.

        What lies above is written first. A community that moved stays where it is now.
        """
        await self.refresh()
        changed = [division for division in divisions if self._changes(division)]
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(division: Division) -> None:
            async with gate:
                await self._save(division, when)

        for digits in sorted({len(division.code) for division in changed}):
            await asyncio.gather(*(one(division) for division in changed if len(division.code) == digits))
        if changed:
            await self.refresh()
        return len(changed)

    def _changes(self, division: Division) -> bool:
        known = self._known.get(division.code)
        if known is None:
            return True
        return not known.moved_to and (known.name, known.parent) != (division.name, division.parent)

    async def _save(self, division: Division, when: When) -> None:
        event = CommunitySaved(code=division.code, name=division.name, parent=division.parent)
        state = {"name": division.name, "parent": division.parent}
        try:
            await self.aggregates.create(division.code, state, [event], when=when)
        except AlreadyExists:
            await self.aggregates.change(division.code, _renamed(state, event), when=when)

    async def move(self, code: str, place: Division, *, by: Actor, when: When) -> None:
        """Let a community go on as `place`, which is added, or taken back into use, where it isn't (CommunityMoved).

        Two moves in opposite directions at once can't both hold: each marks its target before it commits, and
        commits only if nobody marked its own community since it was read. Raises: NotFound, Contended.
        """
        before = await self.aggregates.load(code)
        await self._receive(place, when)
        event = CommunityMoved(code=code, place=Community(code=place.code, name=place.shown_name), by=by)
        line = {
            "at": when.at,
            "what": "CommunityMoved",
            "by": by.model_dump(mode="json", exclude_none=True),
            "to": place.code,
        }
        change = Change(
            set={
                "moved_to": place.code,
                "moved_by": by.person_id,
                "timeline": [*before.get("timeline", []), line],
            },
            events=[event],
        )
        guard = {"revision": before["revision"], "moved_to": None}
        if await self.aggregates.write(code, guard, change, when=when) is None:
            raise Contended(code)
        await self.refresh()

    async def _receive(self, place: Division, when: When) -> None:
        event = CommunitySaved(code=place.code, name=place.name, parent=place.parent)
        state = {"name": place.name, "parent": place.parent}
        try:
            await self.aggregates.create(place.code, {**state, "received_at": when.recorded_at}, [event], when=when)
        except AlreadyExists:
            await self.aggregates.change(place.code, _receiving(event, when), when=when)

    def _learn(self, document: Document) -> None:
        # The change stream and a refresh may bring the same division in either order.
        division, revision = _division(document), document["revision"]
        if revision < self._revisions.get(division.code, 0):
            return
        self._revisions[division.code] = revision
        if self._known.get(division.code) != division:
            self._known[division.code] = division
            self._in_order = None

    def all(self) -> list[Division]:
        """Every division in use, by code."""
        if self._in_order is None:
            self._in_order = [self._known[code] for code in sorted(self._known) if not self._known[code].moved_to]
        return self._in_order

    def codes(self) -> frozenset[str]:
        """Every code there ever was."""
        return frozenset(self._known)

    def moves(self) -> Mapping[str, Move]:
        """Where communities that moved are now, by their old codes."""
        moves: dict[str, Move] = {}
        for code, known in self._known.items():
            place = self.community(code) if known.moved_to else None
            if place is not None and place.code != code:
                moves[code] = Move(place, Actor(person_id=known.moved_by, role=Role.ADMIN))
        return moves

    def division(self, code: str) -> Division | None:
        """The division by this very code, in use or moved; None for none."""
        return self._known.get(code)

    def children(self, code: str) -> Sequence[Division]:
        """The divisions right below, by code."""
        return [division for division in self.all() if division.parent == code]

    def current(self, code: str) -> str:
        """The code under which a division goes on: its own, unless it moved."""
        for _ in range(_MOVES_AT_MOST):
            known = self._known.get(code)
            if known is None or known.moved_to is None:
                return code
            code = known.moved_to
        return code

    def name_of(self, code: str) -> str:
        """The shown name of a division, or its code when it isn't known here."""
        division = self._known.get(code)
        return division.shown_name if division else code

    def knows(self, code: str) -> bool:
        """Whether there is such a division, or was: then its code leads on."""
        return code in self._known

    def community(self, code: str) -> Community | None:
        """The community (a leaf, 12 digits) with its shown name, where it is now, or None."""
        division = self._known.get(self.current(code))
        if division is None or len(division.code) != LEAF_DIGITS:
            return None
        return Community(code=division.code, name=division.shown_name)


def _division(document: Mapping[str, Any]) -> Division:
    above, moved_to, moved_by = (document.get(name) for name in ("parent", "moved_to", "moved_by"))
    return Division(document["_id"], document["name"], above, moved_to, moved_by)


def _renamed(state: Document, event: CommunitySaved) -> Decide:
    def decide(document: Document) -> Change | None:
        if all(document.get(name) == value for name, value in state.items()):
            return None
        return Change(set=state, events=[event])

    return decide


def _receiving(event: CommunitySaved, when: When) -> Decide:
    """Mark it; one that had moved away is taken back into use under the name that it had."""

    def decide(document: Document) -> Change:
        mark = {"received_at": when.recorded_at}
        if document.get("moved_to") is None:
            return Change(set=mark)
        return Change(set=mark, remove=("moved_to", "moved_by"), events=[event])

    return decide


__all__ = ["Communities", "Division"]
