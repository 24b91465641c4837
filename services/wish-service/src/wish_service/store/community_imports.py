"""Lists of divisions on their way into the tree: kept whole before the first of them is saved, until the last is.

{_id, divisions: [{code, name, parent}], at, recorded_at, recorded_by?}, and of the file that is read at start
{_id: "file", digest}, so that an old file doesn't take back what admins changed since it was read.
"""

from collections.abc import Sequence

from microwish.ids import uuid7
from microwish.store.mongo import ASCENDING, Collection, Document
from microwish.when import When
from wish_service.domain.divisions import Division
from wish_service.store.communities import Communities

_FILE = "file"


class CommunityImports:
    """The collection of lists. A list that was kept is taken as a whole, whatever is killed meanwhile."""

    def __init__(self, rows: Collection, tree: Communities) -> None:
        self._rows = rows
        self._tree = tree

    async def take_file(self, digest: str, divisions: Sequence[Division], *, when: When) -> int:
        """Save a file that is not the one read last; returns how many divisions changed."""
        last = await self._rows.find_one({"_id": _FILE})
        if last is not None and last["digest"] == digest:
            return 0
        changed = await self._tree.save(divisions, when=when)
        await self._rows.update_one({"_id": _FILE}, {"$set": {"digest": digest}}, upsert=True)
        return changed

    async def take(self, divisions: Sequence[Division], *, when: When) -> int:
        """Save them all; returns how many changed."""
        list_id = await self.keep(divisions, when=when)
        changed = await self._tree.save(divisions, when=when)
        await self._rows.delete_one({"_id": list_id})
        return changed

    async def keep(self, divisions: Sequence[Division], *, when: When) -> str:
        """Promise to save them: from here on `resume` will, if nobody else does."""
        list_id = uuid7()
        listed = [{"code": one.code, "name": one.name, "parent": one.parent} for one in divisions]
        document: Document = {"_id": list_id, "divisions": listed, **vars(when)}
        await self._rows.insert_one(document)
        return list_id

    async def resume(self) -> int:
        """Save what a process left behind, the oldest list first; returns how many divisions changed."""
        changed = 0
        for left in await self._rows.find({"_id": {"$ne": _FILE}}).sort("_id", ASCENDING).to_list(None):
            when = When(left["at"], left["recorded_at"], left["recorded_by"])
            changed += await self._tree.save([Division(**one) for one in left["divisions"]], when=when)
            await self._rows.delete_one({"_id": left["_id"]})
        return changed
