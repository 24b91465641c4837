"""Having a wish for review, each act one conditional update by the database's clock.

In the wish's document: review_claim: {by, until} or null. It is no state and causes no event; it is let go by every
decision, and ends by itself.
"""

from collections.abc import Collection
from typing import Any

from microwish.store.aggregate import Aggregates
from microwish.store.mongo import ASCENDING, Document, IndexModel, ReturnDocument, ensure_indexes
from microwish.store.outbox import literal
from wish_service.domain.states import Status
from wish_service.domain.wish import Wish
from wish_service.store.documents import from_document

_UNDER_REVIEW: Document = {"status": Status.SUBMITTED.value}
_LIVE: Document = {"$expr": {"$gt": ["$review_claim.until", "$$NOW"]}}
_OVER: Document = {"$expr": {"$lte": ["$review_claim.until", "$$NOW"]}}
_OLDEST_FIRST = [("review_from", ASCENDING), ("_id", ASCENDING)]


class ReviewClaims:
    """Takes and gives back. Guarantee: at any moment of the database's clock a wish is one person's at most."""

    def __init__(self, wishes: Aggregates, *, seconds: int) -> None:
        self._rows = wishes.collection
        self._milliseconds = seconds * 1000

    async def ensure_indexes(self) -> None:
        """What somebody has for review is found at once."""
        claimed = {"review_claim.by": {"$exists": True}}
        index = IndexModel([("review_claim.by", ASCENDING)], name="reviewed_by", partialFilterExpression=claimed)
        await ensure_indexes(self._rows, [index])

    async def take(self, wish_id: str, person_id: str) -> Wish | None:
        """Have this wish for review from now on, or longer; None if it doesn't wait or somebody else has it."""
        free = {"$or": [{"review_claim": None}, {"review_claim.by": person_id}, _OVER]}
        return await self._claim({"_id": wish_id, **free}, person_id)

    async def take_next(self, areas: Collection[str] | None, person_id: str) -> Wish | None:
        """The wish of these divisions (None: all) that the person has already, else the longest waiting free one.

        However many ask at once, each gets another. Whoever asks again after a lost answer gets the same.
        """
        within: Document = {} if areas is None else {"areas": {"$in": list(areas)}}
        mine = await self._claim({**within, "review_claim.by": person_id, **_LIVE}, person_id)
        return mine or await self._claim({**within, "$or": [{"review_claim": None}, _OVER]}, person_id)

    async def give_back(self, wish_id: str, person_id: str) -> bool:
        """Let go of it; False if it wasn't the person's."""
        query = {"_id": wish_id, "review_claim.by": person_id}
        result = await self._rows.update_one(query, [{"$set": {"review_claim": None, **_NEXT_REVISION}}])
        return result.modified_count == 1

    async def _claim(self, query: Document, person_id: str) -> Wish | None:
        claim = {"by": literal(person_id), "until": {"$add": ["$$NOW", self._milliseconds]}}
        document = await self._rows.find_one_and_update(
            {**_UNDER_REVIEW, **query},
            [{"$set": {"review_claim": claim, **_NEXT_REVISION}}],
            sort=_OLDEST_FIRST,
            return_document=ReturnDocument.AFTER,
        )
        return from_document(document) if document else None


# Who is deciding at this moment has to look again.
_NEXT_REVISION: dict[str, Any] = {"revision": {"$add": ["$revision", 1]}}
