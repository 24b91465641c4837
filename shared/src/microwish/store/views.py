"""Read models: rows fed by several streams, each of which writes only its own part of a row, in its own order.

    {_id, wish: {version, …}, claims: {version, …}, …derived fields…}

A part remembers the last version it took; the memory is written with the effect. Derived fields (`status`, `held`)
are computed from the parts in the same update, so any interleaving of the streams gives the same row. A view lives
in the collection `<name>.g<generation>`; the pointer to the live generation is one document of `generations`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from microwish.messaging.streams import Outcome
from microwish.store.grouped import GroupedFinds
from microwish.store.mongo import (
    Collection,
    Database,
    Document,
    DuplicateKeyError,
    IndexModel,
    ReturnDocument,
    ensure_indexes,
)
from microwish.store.outbox import literal


class Expression(dict[str, Any]):
    """A pipeline expression as the new value of a field, instead of plain data."""


REMOVE = Expression({"$literal": None})
"""Marks a field that goes away."""


class View:
    """One read model of one service.

    name: stable, such as `wall`. derive: pipeline stages that compute the derived fields of a row from its parts.
    """

    def __init__(
        self, db: Database, name: str, *, derive: Sequence[Document] = (), indexes: Sequence[IndexModel] = ()
    ) -> None:
        self._db = db
        self.name = name
        self._derive = list(derive)
        self._indexes = indexes
        self._finds: GroupedFinds | None = None
        self.generation = 1

    @property
    def rows(self) -> Collection:
        """The collection that readers read: the live generation."""
        return self._db.get_collection(f"{self.name}.g{self.generation}")

    async def open(self) -> None:
        """Find the live generation (the first one, if there is none yet) and see to its indexes."""
        pointer = await self._db.get_collection("generations").find_one_and_update(
            {"_id": self.name},
            {"$setOnInsert": {"live": 1}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        self.generation = int(pointer["live"])
        self._finds = None
        await ensure_indexes(self.rows, self._indexes)

    async def find(self, row: str) -> Document | None:
        """A row of the live generation, read together with others of the moment. Callers share it: don't change it."""
        if self._finds is None:
            self._finds = GroupedFinds(self.rows, {})
        return await self._finds.find(row)

    async def apply(self, row: str, part: str, version: int, changes: Mapping[str, Any] | None = None) -> Outcome:
        """Write what one event of a gapless stream means for its part of a row.

        changes: fields below the part (dotted paths reach inside) to plain values, Expression or REMOVE; without any
        the event means nothing here and only its version is taken.
        Returns APPLIED; OLD if this or a later version was taken before; GAP if its predecessor wasn't.
        """
        stages = self._stages(part, version, changes or {})
        before: Any = version - 1 if version > 1 else {"$in": [None, 0]}
        guard = {"_id": row, f"{part}.version": before}
        try:
            result = await self.rows.update_one(guard, stages, upsert=version == 1)
        except DuplicateKeyError:
            # The row was there: this part took the event before, or another part made the row a moment ago.
            result = await self.rows.update_one(guard, stages)
        if result.matched_count or result.upserted_id is not None:
            return Outcome.APPLIED
        existing = await self.rows.find_one({"_id": row}, {f"{part}.version": 1}) or {}
        last = existing.get(part, {}).get("version", 0)
        return Outcome.OLD if last >= version else Outcome.GAP

    async def newest(self, row: str, part: str, version: int, changes: Mapping[str, Any]) -> Outcome:
        """Write a fact of which only the newest counts (contacts): an older version than the row's changes nothing."""
        stages = self._stages(part, version, changes)
        guard = {"_id": row, f"{part}.version": {"$not": {"$gte": version}}}
        try:
            result = await self.rows.update_one(guard, stages, upsert=True)
        except DuplicateKeyError:
            result = await self.rows.update_one(guard, stages)
        return Outcome.APPLIED if result.matched_count or result.upserted_id is not None else Outcome.OLD

    async def erase(self, row: str, part: str, version: int = 0) -> Outcome:
        """Forget what a part holds, and stay deaf to anything older that may still come.

        version: that of the erasure, if it has one; what is not newer is older, whether it was seen here or not.
        """
        # `$set` merges into an embedded document, so the part is emptied before its memory is put back.
        remembered: list[Document] = [
            {"$set": {"_version": {"$max": [f"${part}.version", literal(version)]}, part: None}},
            {"$set": {part: {"version": "$_version", "erased": True}}},
            {"$unset": "_version"},
        ]
        await self.rows.update_one({"_id": row}, [*remembered, *self._derive], upsert=True)
        return Outcome.APPLIED

    def _stages(self, part: str, version: int, changes: Mapping[str, Any]) -> list[Document]:
        values: Document = {f"{part}.version": version}
        gone = [f"{part}.{path}" for path, value in changes.items() if value is REMOVE]
        for path, value in changes.items():
            if value is not REMOVE:
                values[f"{part}.{path}"] = dict(value) if isinstance(value, Expression) else literal(value)
        stages: list[Document] = [{"$set": values}]
        if gone:
            stages.append({"$unset": gone})
        return [*stages, *self._derive]
