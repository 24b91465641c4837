"""An organisation's adoptions, read from the truth: its members see what they just did."""

from collections.abc import Sequence
from typing import Any

from adoption_service.domain.adoption import Adoption, AdoptionState
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.claims_documents import adoption_of
from adoption_service.views.cursors import decode, encode, moment_in
from microwish.store.mongo import Document

ROLES = ("organisation.id", "partners.id")
"""How an organisation holds an adoption: it leads, or it joined in."""

Listed = tuple[str, Adoption]
"""The wish's id and the adoption."""


async def adoptions_of(
    claims: ClaimsStore,
    organisation_ids: Sequence[str],
    *,
    states: Sequence[AdoptionState] = (),
    cursor: str | None = None,
    limit: int = 20,
) -> tuple[list[Listed], str | None]:
    """Adoptions that these organisations lead or joined, the newest claim first, and the cursor to the next page.

    Raises: Invalid for a cursor that was not made here.
    """
    ids = list(organisation_ids)
    wanted: Document = {"$or": [{role: {"$in": ids}} for role in ROLES]}
    if states:
        wanted["state"] = {"$in": [state.value for state in states]}
    after = _after(decode(cursor, 2))
    held = {"$or": [{f"{where}.{role}": {"$in": ids}} for where in ("adoptions", "ended") for role in ROLES]}
    pipeline: list[Document] = [
        {"$match": held},
        {"$project": {"one": {"$concatArrays": ["$adoptions", "$ended"]}}},
        {"$unwind": "$one"},
        {"$replaceRoot": {"newRoot": {"$mergeObjects": ["$one", {"wish_id": "$_id"}]}}},
        {"$unionWith": {"coll": claims.ended.name, "pipeline": [{"$match": wanted}]}},
        {"$match": {"$and": [wanted, after]}},
        # One that is on its way into the history may be seen in both places.
        {"$group": {"_id": "$id", "one": {"$first": "$$ROOT"}}},
        {"$replaceRoot": {"newRoot": "$one"}},
        {"$sort": {"claimed_at": -1, "id": -1}},
        {"$limit": limit + 1},
    ]
    rows = [row async for row in claims.collection.aggregate(pipeline)]
    page = rows[:limit]
    more = len(rows) > limit
    following = encode(page[-1]["claimed_at"].isoformat(), page[-1]["id"]) if more else None
    return [(row["wish_id"], adoption_of(row)) for row in page], following


def _after(key: list[str] | None) -> dict[str, Any]:
    if key is None:
        return {}
    moment = moment_in(key[0])
    return {"$or": [{"claimed_at": {"$lt": moment}}, {"claimed_at": moment, "id": {"$lt": key[1]}}]}
