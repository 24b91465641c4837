"""Who asked to be forgotten, and what is left to be seen to: `erasures`, one document per person, kept for ever.

{_id: person id, erased: true, version, since, contact_ids?, next_at?}: the last two only while something may be left.
The id alone stays, so that nothing that comes late brings anybody back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from microwish.store.mongo import ASCENDING, Database, DuplicateKeyError, IndexModel, ensure_indexes

BATCH = 20


@dataclass(frozen=True)
class Erasing:
    """Somebody of whom something may be left. contact_ids: the person's own, and their wishes'."""

    person_id: str
    contact_ids: Sequence[str]
    since: datetime


class Erasures:
    """The collection."""

    def __init__(self, db: Database) -> None:
        self._rows = db.get_collection("erasures")

    async def ensure_indexes(self) -> None:
        """By when to look next."""
        await ensure_indexes(self._rows, [IndexModel([("next_at", ASCENDING)], name="next_at", sparse=True)])

    async def begin(self, erasing: Erasing, *, version: int) -> None:
        """Remember that the person is forgotten; a second time changes nothing."""
        row = {
            "_id": erasing.person_id,
            "erased": True,
            "version": version,
            "since": erasing.since,
            "contact_ids": list(erasing.contact_ids),
            "next_at": erasing.since,
        }
        try:
            await self._rows.insert_one(row)
        except DuplicateKeyError:
            return

    async def has(self, person_id: str) -> bool:
        """Whether this person asked to be forgotten."""
        return await self._rows.find_one({"_id": person_id}, {"_id": 1}) is not None

    async def due(self, now: datetime) -> list[Erasing]:
        """Whom to look after now, the longest-waiting first."""
        found = self._rows.find({"next_at": {"$lte": now}}).sort("next_at", ASCENDING).limit(BATCH)
        return [Erasing(row["_id"], row["contact_ids"], row["since"]) async for row in found]

    async def look_again(self, person_id: str, at: datetime) -> None:
        """Look again at this moment."""
        await self._rows.update_one({"_id": person_id, "next_at": {"$exists": True}}, {"$set": {"next_at": at}})

    async def end(self, person_id: str) -> None:
        """Nothing is left, and nothing can come any more."""
        await self._rows.update_one({"_id": person_id}, {"$unset": {"next_at": "", "contact_ids": ""}})
