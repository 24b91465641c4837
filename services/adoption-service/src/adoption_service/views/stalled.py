"""What stalls: active adoptions past half their term of which nobody has noted progress since."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from adoption_service.domain.adoption import Adoption, AdoptionState
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.claims_documents import adoption_of
from adoption_service.views.cursors import decode, encode, moment_in
from microwish.store.mongo import Document

DAY = timedelta(days=1)

# A missing note sorts before every date.
UNHEARD_OF: Document = {"$lt": [{"$max": "$notes.at"}, "$half_at"]}
"""Whether the last note is from before the middle of the term, or there is none."""


@dataclass(frozen=True)
class Stalled:
    """An adoption of which nothing was heard in the second half of its term."""

    wish_id: str
    community: str
    adoption: Adoption

    def days_past(self, now: datetime) -> int:
        """Whole days since the middle of its term."""
        return (now - self.adoption.half_at) // DAY


async def stalled(
    claims: ClaimsStore,
    prefixes: Sequence[str] | None,
    *,
    now: datetime,
    cursor: str | None = None,
    limit: int = 20,
) -> tuple[list[Stalled], str | None]:
    """Those of wishes in these places, the longest past half first, and the cursor to the next page.

    prefixes: of division codes; None for everywhere. Raises: Invalid for a cursor that was not made here.
    """
    pipeline: list[Document] = [
        {"$match": past_half(prefixes, now)},
        {"$unwind": "$adoptions"},
        {"$replaceRoot": {"newRoot": {"$mergeObjects": ["$adoptions", {"wish_id": "$_id", "place": "$community"}]}}},
        {"$match": {"$and": [_past_half(now), _after(decode(cursor, 2)), {"$expr": UNHEARD_OF}]}},
        {"$sort": {"half_at": 1, "id": 1}},
        {"$limit": limit + 1},
    ]
    rows = [row async for row in claims.collection.aggregate(pipeline)]
    page, more = rows[:limit], len(rows) > limit
    following = encode(page[-1]["half_at"].isoformat(), page[-1]["id"]) if more else None
    return [Stalled(row["wish_id"], row["place"], adoption_of(row)) for row in page], following


def past_half(prefixes: Sequence[str] | None, now: datetime) -> Document:
    """Claims in these places with an active adoption past half its term; held by the index of that name."""
    found: Document = {"adoptions": {"$elemMatch": _past_half(now)}}
    if prefixes is not None:
        found["$or"] = [{"community": {"$regex": f"^{re.escape(prefix)}"}} for prefix in prefixes] or [{"_id": None}]
    return found


def _past_half(now: datetime) -> Document:
    return {"state": AdoptionState.ACTIVE.value, "half_at": {"$lte": now}}


def _after(key: list[str] | None) -> Document:
    if key is None:
        return {}
    moment = moment_in(key[0])
    return {"$or": [{"half_at": {"$gt": moment}}, {"half_at": moment, "id": {"$gt": key[1]}}]}
