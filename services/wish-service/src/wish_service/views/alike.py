"""Where the open wishes of a community are found by pairs of characters of their public text.

A row is `{_id, wish: {version, place, grams}}`; the grams go when the wish ends, so that the index holds open wishes
alone. What a wish says and how it stands is read from the wall. Nothing unpublished is here (ADR 0013).
"""

from datetime import datetime

from microwish.events import Envelope, Event, UnknownEvent
from microwish.events.wish import WishMoved, WishPosted, WishRevised
from microwish.messaging.streams import Outcome
from microwish.store.mongo import ASCENDING, DESCENDING, Database, Document, IndexModel
from microwish.store.outbox import literal
from microwish.store.views import REMOVE, Expression, View
from wish_service.domain.similarity import grams_to_find
from wish_service.domain.states import ON_THE_ROAD
from wish_service.views.facts_of_events import ENDS, Changes

INDEX = "grams"


def alike_view(db: Database) -> View:
    """The view; `open` it before use."""
    keys = [("wish.place", ASCENDING), ("wish.grams", ASCENDING)]
    return View(db, "alike", indexes=[IndexModel(keys, name=INDEX)])


def alike_changes(event: Event, _at: datetime) -> Changes:
    """Fields of the part `wish`; empty for an event that changes neither its public words nor its place."""
    if isinstance(event, WishPosted):
        return {"place": event.place.code, "grams": grams_to_find(event.title, event.detail)}
    if isinstance(event, WishMoved):
        return {"place": event.place.code}
    if isinstance(event, WishRevised) and (event.title or event.detail):
        # The words before stay: they make a candidate at most, which the look at its text then rules out.
        more = literal(grams_to_find(event.title or "", event.detail or ""))
        return {"grams": Expression({"$setUnion": [{"$ifNull": ["$wish.grams", []]}, more]})}
    if type(event) in ENDS:
        return {"grams": REMOVE}
    return {}


class FeedingAlike:
    """Applies the events of the wish's own stream."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def take(self, event: Envelope) -> Outcome:
        """Every event counts its version; few change anything."""
        try:
            changes = alike_changes(event.payload(), event.time)
        except UnknownEvent:
            changes = {}  # a newer publisher's event: its version counts, its meaning is not known here
        return await self._view.apply(event.subject, "wish", event.version, changes)


def candidates_pipeline(community: str, grams: list[str], limit: int) -> list[Document]:
    """The open wishes of the community that share most grams: `[{_id}]`, at most `limit`."""
    shared = {"$size": {"$setIntersection": ["$wish.grams", literal(grams)]}}
    return [
        {"$match": {"wish.place": community, "wish.grams": {"$in": grams}}},
        {"$project": {"shared": shared}},
        {"$sort": {"shared": DESCENDING, "_id": DESCENDING}},
        {"$limit": limit},
        {"$project": {"_id": 1}},
    ]


async def candidates(alike: View, community: str, grams: list[str], *, limit: int) -> list[str]:
    """Ids of open public wishes that may be similar, the most promising first."""
    if not grams:
        return []
    found = await alike.rows.aggregate(candidates_pipeline(community, grams, limit)).to_list(limit)
    return [row["_id"] for row in found]


async def open_on_the_wall(wall: View, ids: list[str]) -> list[Document]:
    """Those of these wishes that are on the wall now and not fulfilled: `{_id, status, wish: {title, …}}`."""
    query = {"_id": {"$in": ids}, "public": True, "status": {"$in": [status.value for status in ON_THE_ROAD]}}
    fields = {"status": 1, "wish.title": 1, "wish.detail": 1, "wish.category": 1}
    return await wall.rows.find(query, fields).to_list(len(ids)) if ids else []
