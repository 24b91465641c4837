"""How often something may be done per hour, counted in MongoDB so that replicas count together."""

from datetime import datetime, timedelta

from microwish.store.mongo import (
    ASCENDING,
    Collection,
    DuplicateKeyError,
    IndexModel,
    ReturnDocument,
    ensure_indexes,
)
from wish_service.domain.errors import TooManyCodes

WINDOW = timedelta(hours=1)


class HourlyLimits:
    """Counts in fixed windows of one hour; MongoDB removes old ones by itself."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def ensure_indexes(self) -> None:
        """A TTL index at the end of each window."""
        await ensure_indexes(
            self._collection, [IndexModel([("until", ASCENDING)], name="expiry", expireAfterSeconds=60)]
        )

    async def spend(self, what: str, limit: int, *, now: datetime) -> None:
        """Count one. Raises: TooManyCodes, with the seconds until the window ends."""
        seconds = int(WINDOW.total_seconds())
        window = int(now.timestamp()) // seconds
        until = datetime.fromtimestamp((window + 1) * seconds, tz=now.tzinfo)
        if await self._counted(f"{what}:{window}", until) > limit:
            raise TooManyCodes(max(1, int((until - now).total_seconds())))

    async def forget(self, what: str) -> None:
        """Count anew, and keep nothing of this."""
        # ";" follows ":", so this is a range of the index of ids.
        await self._collection.delete_many({"_id": {"$gte": f"{what}:", "$lt": f"{what};"}})

    async def _counted(self, id: str, until: datetime) -> int:
        update = {"$inc": {"count": 1}, "$setOnInsert": {"until": until}}
        for last_try in (False, True):
            try:
                row = await self._collection.find_one_and_update(
                    {"_id": id}, update, upsert=True, return_document=ReturnDocument.AFTER
                )
                return int(row["count"])
            except DuplicateKeyError:
                # Two first requests of a window met; the second finds the row there.
                if last_try:
                    raise
        raise AssertionError("unreachable")
