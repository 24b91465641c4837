"""Lists of organisations: what everybody may know of them."""

import re
from collections.abc import Sequence

from adoption_service.domain.organisation import OrganisationState
from adoption_service.store.organisations import OrganisationStore
from adoption_service.views.cursors import decode, encode
from microwish.events.adoption import MemberRole, OrganisationKind
from microwish.store.mongo import ASCENDING, Document


async def listed(
    organisations: OrganisationStore,
    *,
    kind: OrganisationKind | None = None,
    state: OrganisationState | None = None,
    q: str | None = None,
    without_manager: bool = False,
    to_verify: bool = False,
    scopes: Sequence[str] | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> tuple[list[Document], str | None]:
    """Organisations in the order of their ids, and the cursor to the next page.

    scopes: prefixes of their scope. q: words in the name. without_manager: only those that nobody manages. to_verify:
    only those that wait for staff; of one that wants another area, staff of that area.
    Raises: Invalid for a cursor that was not made here.
    """
    wanted: list[Document] = []
    if kind:
        wanted.append({"kind": kind.value})
    if state:
        wanted.append({"state": state.value})
    words = (q or "").replace("\0", " ").split()  # no pattern may hold a NUL
    wanted += [{"name": {"$regex": re.escape(word), "$options": "i"}} for word in words]
    if without_manager:
        wanted.append({"members.role": {"$ne": MemberRole.MANAGER.value}})
    if to_verify:
        new, changed = {"state": OrganisationState.PENDING.value}, {"change.id": {"$exists": True}}
        wanted.append({"$or": [{**new, **_within("scope", scopes)}, {**changed, **_within("change.scope", scopes)}]})
    else:
        wanted.append(_within("scope", scopes))
    if key := decode(cursor, 1):
        wanted.append({"_id": {"$gt": key[0]}})
    query = {"$and": wanted}
    rows = [row async for row in organisations.collection.find(query).sort("_id", ASCENDING).limit(limit + 1)]
    more = len(rows) > limit
    return rows[:limit], encode(rows[limit - 1]["_id"]) if more else None


def _within(field: str, prefixes: Sequence[str] | None) -> Document:
    """Division codes that begin with one of these; None: any."""
    if prefixes is None:
        return {}
    return {"$or": [{field: {"$regex": f"^{re.escape(one)}"}} for one in prefixes] or [{"_id": None}]}
