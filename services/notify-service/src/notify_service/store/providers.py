"""What all replicas share about each provider: whether it rests, and how many messages it takes a second.

    {_id: <provider>, rests_until?, why?, tokens, at, granted}

Both by the database's clock, so that no two replicas disagree on the time.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from microwish.store.mongo import Collection, Document, DuplicateKeyError, ReturnDocument
from microwish.store.outbox import literal

_FRESH_SECONDS = 1.0
"""How old what is known of resting providers may be."""


@dataclass(frozen=True)
class Rate:
    """A bucket: so many a second, so many at once; `kept` of them for what is urgent."""

    per_second: float
    burst: float
    kept: float = 0.0


class Providers:
    """The collection `providers`."""

    def __init__(self, rows: Collection, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rows = rows
        self._monotonic = monotonic
        self._resting: dict[str, datetime] = {}
        self._looked_at = float("-inf")

    async def rest(self, provider: str, until: datetime, *, why: str) -> None:
        """Leave it alone until then; what is longer already stays."""
        longest = {"$max": ["$rests_until", literal(until)]}
        await self._rows.update_one({"_id": provider}, [{"$set": {"rests_until": longest, "why": literal(why)}}], True)
        self._looked_at = float("-inf")

    async def resting(self, now: datetime) -> Mapping[str, datetime]:
        """Those that rest, each until when; at most a second old."""
        if self._monotonic() - self._looked_at > _FRESH_SECONDS:
            self._looked_at = self._monotonic()
            found = self._rows.find({"rests_until": {"$gt": now}}, {"rests_until": 1})
            self._resting = {row["_id"]: row["rests_until"] async for row in found}
        return {name: until for name, until in self._resting.items() if until > now}

    async def pauses(self, now: datetime) -> dict[str, tuple[datetime, str | None]]:
        """Those that rest: until when, and why; as it is now, for who looks at them."""
        found = self._rows.find({"rests_until": {"$gt": now}}, {"rests_until": 1, "why": 1})
        return {row["_id"]: (row["rests_until"], row.get("why")) async for row in found}

    async def take(self, provider: str, rate: Rate, wanted: int, *, urgent: bool = False) -> int:
        """Up to `wanted` tokens out of the bucket that all replicas share: one write, however many it grants."""
        for _ in range(2):
            try:
                row = await self._rows.find_one_and_update(
                    {"_id": provider},
                    _taking(rate, wanted, 0.0 if urgent else rate.kept),
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
                return int(row["granted"])
            except DuplicateKeyError:
                continue  # another replica made the row a moment ago
        return 0


def _taking(rate: Rate, wanted: int, kept: float) -> list[Document]:
    """Fill the bucket by the time that has passed, then take what may be taken."""
    before: Any = {"$ifNull": ["$at", "$$NOW"]}
    # A statement that began earlier may come later: time never goes back here.
    passed = {"$max": [0, {"$divide": [{"$subtract": ["$$NOW", before]}, 1000]}]}
    filled = {"$add": [{"$ifNull": ["$tokens", rate.burst]}, {"$multiply": [passed, rate.per_second]}]}
    free = {"$floor": {"$subtract": ["$tokens", kept]}}
    return [
        {"$set": {"tokens": {"$min": [rate.burst, filled]}, "at": {"$max": ["$at", "$$NOW"]}}},
        {"$set": {"granted": {"$max": [0, {"$min": [wanted, free]}]}}},
        {"$set": {"tokens": {"$subtract": ["$tokens", "$granted"]}}},
    ]
