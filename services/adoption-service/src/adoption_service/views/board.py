"""The board: wishes with what is free of them, fed by wish.v1 and this service's own adoption.v1. No personal data.

{_id: wish id, wish: {version, state, title, detail, category, community, place, slots, posted_at},
 claims: {version, holders: {adoption id: {organisation_id, name, kind, due_at, partners?}},
 queue: [organisation ids], offers: {organisation id: until}}, held, free, waiting, status, areas, order}

Lists are read by `read_board.py`. Who stands in the queue, or was offered a slot, is not public.
"""

from collections.abc import Container
from datetime import datetime
from itertools import combinations
from typing import Any

from microwish.events import Envelope, UnknownEvent
from microwish.events.adoption import (
    AdoptionExtended,
    AdoptionLapsed,
    AdoptionReleased,
    AdoptionRevoked,
    OfferEnded,
    PartnersChanged,
    QueueChanged,
    SlotOffered,
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
from microwish.store.outbox import literal
from microwish.store.views import REMOVE, Expression, View

ENDED = (WishMerged, WishWithdrawn, WishTakenDown, WishClosed, WishFulfilled, WishRejected)
GONE = (AdoptionReleased, AdoptionLapsed, AdoptionRevoked)


def _or_empty(path: str, empty: Any) -> Document:
    return {"$ifNull": [path, empty]}


_WHEN = {"date": "$wish.posted_at", "format": "%Y%m%d%H%M%S%L"}
_OFFERS = {"$objectToArray": _or_empty("$claims.offers", {})}
# A slot that is free, but not for everybody: it is offered to who waits, or about to be.
_SPOKEN_FOR = {"$add": [{"$size": _OFFERS}, "$waiting"]}
DERIVE: list[Document] = [
    {
        "$set": {
            "held": {"$size": {"$objectToArray": _or_empty("$claims.holders", {})}},
            "waiting": {"$size": _or_empty("$claims.queue", [])},
            "areas": {
                "$map": {
                    "input": [2, 4, 6, 9, 12],
                    "in": {"$substrBytes": [_or_empty("$wish.community", ""), 0, "$$this"]},
                }
            },
            "order": {"$concat": [{"$dateToString": _WHEN}, "$_id"]},
        }
    },
    {"$set": {"free": {"$max": [0, {"$subtract": [_or_empty("$wish.slots", 0), "$held"]}]}}},
    {
        "$set": {
            "status": {
                "$switch": {
                    "branches": [
                        {"case": {"$eq": ["$wish.state", "ended"]}, "then": "ended"},
                        {"case": {"$ne": ["$wish.state", "posted"]}, "then": "unposted"},
                        {"case": {"$gt": ["$free", _SPOKEN_FOR]}, "then": "claimable"},
                        {"case": {"$gt": ["$free", 0]}, "then": "reserved"},
                    ],
                    "default": "taken",
                }
            }
        }
    },
]
"""`areas`: the prefixes of its place; `order`: a text by which the newest is the greatest (see `order_of`)."""

FILTERS = {"area": "areas", "category": "wish.category"}
"""What lists may be filtered by besides their status, and where it stands in a row."""


def list_index(filters: Container[str]) -> str:
    """The name of the index that holds the lists with these filters, in their order."""
    return "_".join(["list", *(name for name in FILTERS if name in filters)])


def _list_indexes() -> list[IndexModel]:
    chosen = [names for count in range(len(FILTERS) + 1) for names in combinations(FILTERS, count)]
    return [_list_of([FILTERS[name] for name in names], list_index(names)) for names in chosen]


def _list_of(paths: list[str], name: str) -> IndexModel:
    return IndexModel([("status", ASCENDING), *((path, ASCENDING) for path in paths), ("order", DESCENDING)], name=name)


def order_of(posted_at: datetime, wish_id: str) -> str:
    """Where a wish stands among the others, as `order` has it."""
    return f"{posted_at:%Y%m%d%H%M%S}{posted_at.microsecond // 1000:03d}{wish_id}"


class Board:
    """The view, and single wishes of it."""

    def __init__(self, db: Database) -> None:
        self.view = View(db, "board", derive=DERIVE, indexes=_list_indexes())

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
        "waiting": row.get("waiting", 0),
        "holders": [
            {
                "organisation_id": one["organisation_id"],
                "name": one["name"],
                "kind": one["kind"],
                "due_at": one.get("due_at"),
                "partners": one.get("partners", []),
            }
            for one in holders.values()
        ],
        "posted_at": wish["posted_at"],
    }


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
        return _adopted(payload)
    if isinstance(payload, PartnersChanged):
        partners = [one.model_dump(mode="json") for one in payload.partners]
        return {f"holders.{payload.adoption_id}.partners": partners}
    if isinstance(payload, AdoptionExtended):
        return {f"holders.{payload.adoption_id}.due_at": payload.due_at}
    if isinstance(payload, SlotOffered):
        return {f"offers.{payload.organisation_id}": payload.until}
    if isinstance(payload, OfferEnded):
        return {f"offers.{payload.organisation_id}": REMOVE}
    if isinstance(payload, QueueChanged):
        return {"queue": payload.organisation_ids}
    return {f"holders.{payload.adoption_id}": REMOVE} if isinstance(payload, GONE) else {}


def _adopted(payload: WishAdopted) -> dict[str, Any]:
    """It holds a slot, so it waits no longer, and its offer is consumed."""
    who = payload.organisation
    holder = {"organisation_id": who.id, "name": who.name, "kind": who.kind.value, "due_at": payload.due_at}
    others = {"input": _or_empty("$claims.queue", []), "cond": {"$ne": ["$$this", literal(who.id)]}}
    return {
        f"holders.{payload.adoption_id}": holder,
        f"offers.{who.id}": REMOVE,
        "queue": Expression({"$filter": others}),
    }
