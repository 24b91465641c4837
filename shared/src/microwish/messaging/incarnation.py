"""Remembers for which incarnation of the broker something was last done, and lets one replica at a time do it."""

from contextlib import suppress

from microwish.ids import uuid7
from microwish.store.mongo import Database, DuplicateKeyError


class Incarnations:
    """The collection `incarnations`: `{_id: what, incarnation, doing?: {token, until}}`."""

    def __init__(self, db: Database) -> None:
        self._rows = db.get_collection("incarnations")

    async def of(self, what: str) -> str | None:
        """The incarnation for which `what` was last done."""
        row = await self._rows.find_one({"_id": what})
        return row.get("incarnation") if row else None

    async def all_of(self, whats: list[str]) -> dict[str, str]:
        """The same for several at once; those never done are absent."""
        rows = self._rows.find({"_id": {"$in": whats}, "incarnation": {"$exists": True}})
        return {row["_id"]: row["incarnation"] async for row in rows}

    async def done(self, what: str, incarnation: str) -> None:
        """Remember it, and let go of the lease if there was one."""
        await self._rows.update_one(
            {"_id": what}, {"$set": {"incarnation": incarnation}, "$unset": {"doing": ""}}, upsert=True
        )

    async def lease(self, what: str, *, seconds: float) -> str | None:
        """Try to be the one who does it, for so many seconds of the database's clock: a token, or None."""
        token = uuid7()
        doing = {"token": token, "until": {"$add": ["$$NOW", int(seconds * 1000)]}}
        with suppress(DuplicateKeyError):  # an upsert may not compare with the database's clock, so it is made first
            await self._rows.insert_one({"_id": what})
        free = {"_id": what, "$expr": {"$lt": ["$doing.until", "$$NOW"]}}
        result = await self._rows.update_one(free, [{"$set": {"doing": doing}}])
        return token if result.matched_count else None

    async def prolong(self, what: str, token: str, *, seconds: float) -> bool:
        """Keep the lease; False if it is somebody else's by now."""
        until = {"$add": ["$$NOW", int(seconds * 1000)]}
        result = await self._rows.update_one({"_id": what, "doing.token": token}, [{"$set": {"doing.until": until}}])
        return result.matched_count == 1

    async def release(self, what: str, token: str) -> None:
        """Give the lease back undone, so that nobody has to wait for its end."""
        await self._rows.update_one({"_id": what, "doing.token": token}, {"$unset": {"doing": ""}})
