"""Questions to the wall: lists by keyset, one wish, its public timeline."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from microwish.store.mongo import DESCENDING, Document
from microwish.store.views import View
from wish_service.views.search import grams_asked, words_of
from wish_service.views.wall import CAMPAIGN_INDEX, FILTERS, list_index
from wish_service.views.wall_rows import order_of


@dataclass(frozen=True)
class WallQuery:
    """What to show. community: a division-code prefix of 6, 9 or 12 digits. after: (posted_at, id) of the last seen."""

    status: str | None = None
    community: str | None = None
    category: str | None = None
    q: str | None = None
    after: tuple[datetime, str] | None = None
    limit: int = 20
    campaign: str | None = None

    @property
    def filters(self) -> dict[str, str]:
        """What is asked for equality, by the names of `wall.FILTERS`."""
        asked = {"area": self.community, "status": self.status, "category": self.category}
        return {name: value for name, value in asked.items() if value is not None}

    @cached_property
    def words(self) -> list[str]:
        """The words that all have to be in the public text."""
        return words_of(self.q) if self.q else []


NOT_SHOWN = {"wish.log": 0, "claims.log": 0, "wish.grams": 0, "wish.sought": 0}
"""What a list doesn't need of a row."""


async def list_wishes(wall: View, query: WallQuery) -> tuple[list[Document], bool]:
    """Public rows, newest first, and whether more follow."""
    cursor = wall.rows.find(_filter(query), NOT_SHOWN).sort("wish.order", DESCENDING).limit(query.limit + 1)
    if not query.words:
        # Several indexes would do, and what the planner finds out about one place holds for all of this shape.
        cursor = cursor.hint(CAMPAIGN_INDEX if query.campaign else list_index(query.filters))
    found = await cursor.to_list(query.limit + 1)
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


def mismatches(row: Document, query: WallQuery) -> set[str]:
    """The paths by which a row at hand doesn't belong to the list; empty if it does."""
    wish = row.get("wish", {})
    sought = wish.get("sought", {}).values()
    belongs = {
        "public": bool(row.get("public")),
        "status": query.status in {None, row.get("status")},
        "wish.category": query.category in {None, wish.get("category")},
        "wish.campaign": query.campaign in {None, wish.get("campaign")},
        "wish.areas": query.community is None or query.community in wish.get("areas", []),
        "wish.sought": all(any(word in text for text in sought) for word in query.words),
    }
    return {path for path, fits in belongs.items() if not fits}


def _filter(query: WallQuery) -> Document:
    conditions: Document = {"public": True} | {FILTERS[name]: value for name, value in query.filters.items()}
    if query.campaign:
        conditions["wish.campaign"] = query.campaign
    if query.words:
        conditions["wish.grams"] = {"$all": grams_asked(query.words)}
        conditions["$and"] = [_said(word) for word in query.words]
    if query.after:
        conditions["wish.order"] = {"$lt": order_of(*query.after)}
    return conditions


def _said(word: str) -> Document:
    inside = {"$regex": re.escape(word.replace("\0", " "))}  # no pattern may hold a NUL
    return {"$or": [{"wish.sought.title": inside}, {"wish.sought.detail": inside}]}
