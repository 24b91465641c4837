"""Choosing an organisation by its name, where a person fills in a form."""

import re
from collections.abc import Sequence

from adoption_service.domain.organisation import OrganisationState
from adoption_service.store.organisations import OrganisationStore
from microwish.store.mongo import ASCENDING, Document

SUGGESTED = 200
"""Names that a form suggests; any other full name is found as well."""
DISTRICT_DIGITS = 6


async def names_near(organisations: OrganisationStore, prefixes: Sequence[str] | None) -> list[str]:
    """Names of verified organisations in the districts of these places, in their order; None for everywhere."""
    near: Document = {"state": OrganisationState.VERIFIED.value}
    if prefixes is not None:
        districts = {re.escape(prefix[:DISTRICT_DIGITS]) for prefix in prefixes}
        near["$or"] = [{"scope": {"$regex": f"^{one}"}} for one in sorted(districts)] or [{"_id": None}]
    found = organisations.collection.find(near, {"name": 1}).sort("_id", ASCENDING).limit(SUGGESTED)
    return sorted({document["name"] async for document in found})


async def id_of_name(organisations: OrganisationStore, name: str) -> str | None:
    """The verified organisation of exactly this name, or of this id where several share a name; None if unclear."""
    wanted = {"state": OrganisationState.VERIFIED.value, "$or": [{"name": name}, {"_id": name}]}
    found = [document["_id"] async for document in organisations.collection.find(wanted, {"_id": 1}).limit(2)]
    return found[0] if len(found) == 1 else None
