"""Which wish names which photo: questions to the truth, each on an index of its own."""

from collections.abc import Collection, Sequence
from datetime import datetime

from microwish.store.mongo import ASCENDING, Document, IndexModel, ensure_indexes
from microwish.store.mongo import Collection as Documents
from wish_service.domain.wish import Wish
from wish_service.store.documents import from_document


class PhotoReferences:
    """The photos that wishes name."""

    def __init__(self, wishes: Documents) -> None:
        self._wishes = wishes

    async def ensure_indexes(self) -> None:
        """By photo, by file, and the two kinds that somebody has to look at."""
        await ensure_indexes(
            self._wishes,
            [
                IndexModel([("photos.id", ASCENDING)], name="photo", sparse=True),
                IndexModel([("photos.file", ASCENDING)], name="photo_file", sparse=True),
                _dated([("photos_since", ASCENDING)], "photos_waiting", "photos_since"),
                _dated([("areas", ASCENDING), ("photos_since", ASCENDING)], "photos_waiting_of_area", "photos_since"),
                _dated([("places_since", ASCENDING)], "photo_places", "places_since"),
            ],
        )

    async def wish_with(self, photo_id: str) -> Wish | None:
        """The wish that has this photo, or None."""
        found = await self._wishes.find_one({"photos.id": photo_id})
        return from_document(found) if found else None

    async def waiting(self, areas: Collection[str] | None, *, limit: int = 50) -> list[Wish]:
        """Wishes on the wall with photos that staff haven't seen, of these divisions (None: all), oldest first."""
        query: Document = {"photos_since": {"$type": "date"}}
        if areas is not None:
            query["areas"] = {"$in": list(areas)}
        found = await self._wishes.find(query).sort([("photos_since", ASCENDING)]).limit(limit).to_list(limit)
        return [from_document(document) for document in found]

    async def with_places_before(self, before: datetime, *, limit: int = 500) -> list[str]:
        """The ids of wishes that keep a place since before this time, longest first."""
        query = {"places_since": {"$lt": before, "$type": "date"}}
        longest = self._wishes.find(query, {"_id": 1}).sort([("places_since", ASCENDING)]).limit(limit)
        return [row["_id"] for row in await longest.to_list(limit)]

    async def unnamed(self, files: Sequence[str]) -> set[str]:
        """Those of these files that no wish names."""
        named: set[str] = set()
        async for row in self._wishes.find({"photos.file": {"$in": list(files)}}, {"photos.file": 1}):
            named |= {photo["file"] for photo in row["photos"]}
        return set(files) - named


def _dated(keys: list[tuple[str, int]], name: str, field: str) -> IndexModel:
    return IndexModel(keys, name=name, partialFilterExpression={field: {"$type": "date"}})
