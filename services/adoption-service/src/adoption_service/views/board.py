"""The board: wishes with what is free of them, fed by wish.v1 and this service's own adoption.v1. No personal data.

{_id: wish id, wish: {version, state, title, detail, category, community, place, slots, posted_at},
 claims: {version, holders: {adoption id: {organisation_id, name, kind}}}, held, free, status}
"""

import re
from typing import Any

from adoption_service.views.cursors import Page, decode, encode, moment_in
from microwish.events import Category, Envelope, UnknownEvent
from microwish.events.adoption import (
    AdoptionLapsed,
    AdoptionReleased,
    AdoptionRevoked,
    WishAdopted,
)
from microwish.events.wish import (
    WishClosed,
    WishFulfilled,
    WishMerged,
    WishMoved,
    WishPosted,
    WishRejected,
    WishRevised,
    WishTakenDown,
    WishWithdrawn,
)
from microwish.messaging.streams import Outcome
from microwish.store.mongo import ASCENDING, DESCENDING, Database, Document, IndexModel
from microwish.store.views import REMOVE, View

ENDED = (WishMerged, WishWithdrawn, WishTakenDown, WishClosed, WishFulfilled, WishRejected)
GONE = (AdoptionReleased, AdoptionLapsed, AdoptionRevoked)

_HOLDERS = {"$ifNull": ["$claims.holders", {}]}
DERIVE: list[Document] = [
    {"$set": {"held": {"$size": {"$objectToArray": _HOLDERS}}}},
    {"$set": {"free": {"$max": [0, {"$subtract": [{"$ifNull": ["$wish.slots", 0]}, "$held"]}]}}},
    {
        "$set": {
            "status": {
                "$switch": {
                    "branches": [
                        {"case": {"$eq": ["$wish.state", "ended"]}, "then": "ended"},
                        {"case": {"$ne": ["$wish.state", "posted"]}, "then": "unposted"},
                        {"case": {"$gt": ["$free", 0]}, "then": "claimable"},
                    ],
                    "default": "taken",
                }
            }
        }
    },
]


class Board:
    """The view and its queries."""

    def __init__(self, db: Database) -> None:
        newest = [("wish.posted_at", DESCENDING), ("_id", DESCENDING)]
        self.view = View(
            db,
            "board",
            derive=DERIVE,
            indexes=[
                IndexModel([("status", ASCENDING), *newest], name="newest"),
                IndexModel([("status", ASCENDING), ("wish.category", ASCENDING), *newest], name="category"),
                IndexModel([("status", ASCENDING), ("wish.community", ASCENDING), *newest], name="community"),
            ],
        )

    async def take_wish(self, event: Envelope) -> Outcome:
        """Apply an event of the wish."""
        return await self.view.apply(event.subject, "wish", event.version, _wish_changes(event))

    async def take_claims(self, event: Envelope) -> Outcome:
        """Apply an event of its claims."""
        return await self.view.apply(event.subject, "claims", event.version, _claims_changes(event))

    async def find(self, wish_id: str) -> dict[str, Any] | None:
        """One wish, if it was ever posted."""
        row = await self.view.rows.find_one({"_id": wish_id, "wish.title": {"$exists": True}})
        return public_row(row) if row else None

    async def titles(self, wish_ids: list[str]) -> dict[str, dict[str, Any]]:
        """Several wishes by id; those that were never posted are missing."""
        found = self.view.rows.find({"_id": {"$in": wish_ids}, "wish.title": {"$exists": True}})
        return {row["_id"]: public_row(row) async for row in found}

    async def claimable(
        self,
        *,
        communities: list[str] | None = None,
        categories: list[Category] | None = None,
        q: str | None = None,
        cursor: str | None = None,
        limit: int = 20,
    ) -> Page:
        """Wishes with a free slot, the newest first. communities: prefixes. q: words in title or detail.

        Raises: Invalid for a cursor that was not made here.
        """
        filters: list[Document] = [{"status": "claimable"}]
        if communities:
            filters.append({"$or": [{"wish.community": {"$regex": f"^{re.escape(one)}"}} for one in communities]})
        if categories:
            filters.append({"wish.category": {"$in": [one.value for one in categories]}})
        for word in (q or "").replace("\0", " ").split():  # no pattern may hold a NUL
            text = {"$regex": re.escape(word), "$options": "i"}
            filters.append({"$or": [{"wish.title": text}, {"wish.detail": text}]})
        if key := decode(cursor, 2):
            filters.append(_after(key))
        order = [("wish.posted_at", DESCENDING), ("_id", DESCENDING)]
        rows = [row async for row in self.view.rows.find({"$and": filters}).sort(order).limit(limit + 1)]
        more = len(rows) > limit
        rows = rows[:limit]
        last = encode(rows[-1]["wish"]["posted_at"].isoformat(), rows[-1]["_id"]) if more else None
        return Page([public_row(row) for row in rows], last)


def public_row(row: Document) -> dict[str, Any]:
    """A wish of the board as the public sees it."""
    wish, holders = row["wish"], row.get("claims", {}).get("holders", {})
    return {
        "id": row["_id"],
        "title": wish["title"],
        "detail": wish["detail"],
        "category": wish["category"],
        "community": {"code": wish["community"], "name": wish["place"]},
        "status": row["status"],
        "slots": wish["slots"],
        "held": row["held"],
        "free": row["free"],
        "holders": [
            {"organisation_id": one["organisation_id"], "name": one["name"], "kind": one["kind"]}
            for one in holders.values()
        ],
        "posted_at": wish["posted_at"],
    }


def _after(key: list[str]) -> Document:
    moment = moment_in(key[0])
    return {"$or": [{"wish.posted_at": {"$lt": moment}}, {"wish.posted_at": moment, "_id": {"$lt": key[1]}}]}


def _wish_changes(event: Envelope) -> dict[str, Any]:
    try:
        payload = event.payload()
    except UnknownEvent:
        return {}
    if isinstance(payload, WishPosted):
        place = {"community": payload.place.code, "place": payload.place.name}
        text = {"title": payload.title, "detail": payload.detail, "category": payload.category.value}
        return {"state": "posted", "slots": payload.slots, "posted_at": event.time, **place, **text}
    if isinstance(payload, WishRevised):
        revised = {"title": payload.title, "detail": payload.detail, "slots": payload.slots}
        category = payload.category.value if payload.category else None
        return {name: value for name, value in {**revised, "category": category}.items() if value is not None}
    if isinstance(payload, WishMoved):
        return {"community": payload.place.code, "place": payload.place.name}
    return {"state": "ended"} if isinstance(payload, ENDED) else {}


def _claims_changes(event: Envelope) -> dict[str, Any]:
    try:
        payload = event.payload()
    except UnknownEvent:
        return {}
    if isinstance(payload, WishAdopted):
        who = payload.organisation
        holder = {"organisation_id": who.id, "name": who.name, "kind": who.kind.value}
        return {f"holders.{payload.adoption_id}": holder}
    return {f"holders.{payload.adoption_id}": REMOVE} if isinstance(payload, GONE) else {}
