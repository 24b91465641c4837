"""Questions to the wall: lists by keyset, one wish, its public timeline."""

import re
from dataclasses import dataclass
from datetime import datetime

from microwish.store.mongo import DESCENDING, Document
from microwish.store.views import View


@dataclass(frozen=True)
class WallQuery:
    """What to show. community: a division-code prefix of 6, 9 or 12 digits. after: (posted_at, id) of the last seen."""

    status: str | None = None
    community: str | None = None
    category: str | None = None
    q: str | None = None
    after: tuple[datetime, str] | None = None
    limit: int = 20


async def list_wishes(wall: View, query: WallQuery) -> tuple[list[Document], bool]:
    """Public rows, newest first, and whether more follow."""
    cursor = wall.rows.find(_filter(query), {"wish.log": 0, "claims.log": 0})
    found = await cursor.sort([("wish.posted_at", DESCENDING), ("_id", DESCENDING)]).to_list(query.limit + 1)
    return found[: query.limit], len(found) > query.limit


async def public_wish(wall: View, wish_id: str) -> Document | None:
    """The public row, or None if the wish isn't on the wall."""
    return await wall.rows.find_one({"_id": wish_id, "public": True})


def public_timeline(row: Document) -> list[Document]:
    """What happened, by time: what, when, and which organisation. No persons, no reasons."""
    wish, claims = row.get("wish", {}), row.get("claims", {})
    names = {adoption["id"]: adoption["name"] for adoption in claims.get("adoptions", [])}
    lines = [*wish.get("log", []), *claims.get("log", [])]
    return [
        {"at": line["at"], "what": line["what"], "organisation": names.get(line.get("adoption_id"))}
        for line in sorted(lines, key=lambda line: line["at"])
    ]


def _filter(query: WallQuery) -> Document:
    conditions: list[Document] = [{"public": True}]
    if query.status:
        conditions.append({"status": query.status})
    if query.community:
        conditions.append({"wish.areas": query.community})
    if query.category:
        conditions.append({"wish.category": query.category})
    if query.q:
        words = {"$regex": re.escape(query.q.replace("\0", " ")), "$options": "i"}  # no pattern may hold a NUL
        conditions.append({"$or": [{"wish.title": words}, {"wish.detail": words}]})
    if query.after:
        at, last = query.after
        conditions.append({"$or": [{"wish.posted_at": {"$lt": at}}, {"wish.posted_at": at, "_id": {"$lt": last}}]})
    return {"$and": conditions}
