"""Lists of organisations: what everybody may know of them."""

import re
from collections.abc import Sequence

from adoption_service.domain.organisation import OrganisationState
from adoption_service.store.organisations import OrganisationStore
from adoption_service.views.cursors import decode, encode
from microwish.events.adoption import OrganisationKind
from microwish.store.mongo import ASCENDING, Document


async def listed(
    organisations: OrganisationStore,
    *,
    kind: OrganisationKind | None = None,
    state: OrganisationState | None = None,
    scopes: Sequence[str] | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> tuple[list[Document], str | None]:
    """Organisations in the order of their ids, and the cursor to the next page. scopes: prefixes of their scope.

    Raises: Invalid for a cursor that was not made here.
    """
    wanted: Document = {}
    if kind:
        wanted["kind"] = kind.value
    if state:
        wanted["state"] = state.value
    if scopes is not None:
        wanted["$or"] = [{"scope": {"$regex": f"^{re.escape(prefix)}"}} for prefix in scopes] or [{"_id": None}]
    if key := decode(cursor, 1):
        wanted["_id"] = {"$gt": key[0]}
    rows = [row async for row in organisations.collection.find(wanted).sort("_id", ASCENDING).limit(limit + 1)]
    more = len(rows) > limit
    return rows[:limit], encode(rows[limit - 1]["_id"]) if more else None
