"""The truth about who holds which wish: `claims`, one document per wish, and `adoptions_ended` for history."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from adoption_service.domain.adoption import Adoption, AdoptionState
from adoption_service.domain.claims import Claims, ClaimsState, Decision, Entry
from adoption_service.domain.errors import NotFound
from adoption_service.store.claims_documents import (
    STUB,
    adoption_document,
    adoption_of,
    change_of,
    claims_of,
    timeline_entry,
)
from microwish.events import Envelope, Event
from microwish.messaging.streams import Outcome
from microwish.store.aggregate import Aggregates, Change, Idempotency, Wake
from microwish.store.mongo import ASCENDING, Database, Document, DuplicateKeyError, IndexModel, ensure_indexes
from microwish.store.outbox import literal
from microwish.when import When

BATCH = 100


class AdoptionIdTaken(Exception):
    """An adoption by this id exists: the same Idempotency-Key named another wish."""


class ClaimsStore:
    """Reads and guarded writes of claims. Every write is atomic with the events it causes."""

    def __init__(self, db: Database, *, wake: Wake | None = None) -> None:
        self.collection = db.get_collection("claims")
        self.ended = db.get_collection("adoptions_ended")
        self.aggregates = Aggregates(self.collection, wake=wake)

    async def ensure_indexes(self) -> None:
        """By adoption, by organisation (also for the limit), by the next timer, and what waits to be moved."""
        active = [("adoptions.organisation.id", ASCENDING), ("adoptions.state", ASCENDING)]
        await self.aggregates.ensure_indexes(
            # One request makes one adoption, whatever wish a second one with the same key names.
            IndexModel(
                [("adoptions.id", ASCENDING)],
                name="adoption",
                unique=True,
                partialFilterExpression={"adoptions.id": {"$exists": True}},
            ),
            IndexModel([("ended.id", ASCENDING)], name="ended", sparse=True),
            IndexModel([("ended.organisation.id", ASCENDING)], name="ended_organisation", sparse=True),
            IndexModel([*active, ("adoptions.half_at", ASCENDING)], name="organisation"),
            IndexModel([("adoptions.handler_id", ASCENDING)], name="handler", sparse=True),
            _present("wake_at"),
            _present("ended_since"),
        )
        by_organisation = [("organisation.id", ASCENDING), ("claimed_at", ASCENDING)]
        await ensure_indexes(
            self.ended,
            [
                IndexModel(by_organisation, name="organisation"),
                IndexModel([("wish_id", ASCENDING)], name="wish"),
                IndexModel([("handler_id", ASCENDING)], name="handler"),
            ],
        )

    async def find(self, wish_id: str) -> Claims | None:
        """The claims of a wish, if anything is known of it."""
        document = await self.aggregates.find(wish_id)
        return claims_of(document) if document else None

    async def take_slot(self, wish_id: str, adoption: Adoption, event: Event, entry: Entry, *, when: When) -> bool:
        """Give a slot to this adoption if the wish is open, its organisation holds none of it, and one is free.

        One write, whose conditions and effect are one: never more holders than slots (invariant 1), never one
        organisation twice (2). False if the conditions did not hold. Raises: AdoptionIdTaken.
        """
        organisation_id = adoption.organisation.id
        expressions: dict[str, Any] = {
            "adoptions": {"$concatArrays": ["$adoptions", [literal(adoption_document(adoption))]]},
            # An offer is consumed by its owner's claim.
            "offers": _offers({"$ne": ["$$offer.organisation_id", literal(organisation_id)]}),
            "timeline": {"$concatArrays": ["$timeline", [literal(timeline_entry(entry, when))]]},
            "wake_at": {"$min": ["$wake_at", literal(adoption.wake_at)]},
        }
        where = {
            "state": ClaimsState.OPEN.value,
            "adoptions.organisation.id": {"$ne": organisation_id},
            "ended.id": {"$ne": adoption.id},
            "moved": {"$ne": adoption.id},
            "$expr": self._free_for(organisation_id, when.recorded_at),
        }
        try:
            written = await self.aggregates.write(
                wish_id, where, Change(events=[event]), when=when, expressions=expressions
            )
        except DuplicateKeyError as duplicate:
            raise AdoptionIdTaken(adoption.id) from duplicate
        return written is not None

    def _free_for(self, organisation_id: str, now: datetime) -> Document:
        """A slot reserved for this organisation, or one that nobody holds and nobody else was offered."""
        live = {"$gt": ["$$offer.until", literal(now)]}
        own = {"$eq": ["$$offer.organisation_id", literal(organisation_id)]}
        occupied = {"$add": [{"$size": "$adoptions"}, {"$size": _offers(live)}]}
        return {"$or": [{"$gt": [{"$size": _offers(live, own)}, 0]}, {"$lt": [occupied, "$slots"]}]}

    async def adoption(self, adoption_id: str) -> tuple[str, Adoption]:
        """An adoption, with the id of its wish: one that holds, one that just ended, or one of the past.

        Raises: NotFound.
        """
        document = await self.collection.find_one({"$or": [{"adoptions.id": adoption_id}, {"ended.id": adoption_id}]})
        if document is not None:
            return document["_id"], claims_of(document).adoption(adoption_id)
        past = await self.ended.find_one({"_id": adoption_id})
        if past is None:
            raise NotFound(adoption_id)
        return past["wish_id"], adoption_of(past)

    async def decide(
        self, wish_id: str, decision: Decision, *, when: When, idempotency: Idempotency | None = None
    ) -> Claims:
        """Write what a decision on the claims says, decided anew if somebody else wrote meanwhile.

        Raises: NotFound (of the store), KeyReused, OutboxFull, Contended, and what the decision raises.
        """

        def change(document: Document) -> Change | None:
            decided = decision(claims_of(document))
            return None if decided is None else change_of(document, decided, when)

        return claims_of(await self.aggregates.change(wish_id, change, when=when, idempotency=idempotency))

    async def react(self, event: Envelope, decision: Decision, *, when: When) -> Outcome:
        """Let an event of the wish act on its claims, once and in order."""

        def change(document: Document) -> Change | None:
            decided = decision(claims_of(document))
            return None if decided is None else change_of(document, decided, when)

        return await self.aggregates.react(event.subject, "wish", event, change, when=when, stub=STUB)

    async def count_past_half(self, organisation_id: str, now: datetime, *, limit: int) -> int:
        """How many active adoptions of the organisation are past half their term, counted up to `limit`."""
        past = {
            "organisation.id": organisation_id,
            "state": AdoptionState.ACTIVE.value,
            "half_at": {"$lte": now},
        }
        return await self.collection.count_documents({"adoptions": {"$elemMatch": past}}, limit=limit)

    async def due(self, now: datetime) -> list[str]:
        """Wishes of which a timer has gone off, the earliest first; at most a batch."""
        found = self.collection.find({"wake_at": {"$lte": now}}, {"_id": 1}).sort("wake_at", ASCENDING).limit(BATCH)
        return [document["_id"] async for document in found]

    async def with_active_of(self, organisation_id: str) -> AsyncIterator[str]:
        """Wishes of which the organisation has an active adoption."""
        mine = {"organisation.id": organisation_id, "state": AdoptionState.ACTIVE.value}
        async for document in self.collection.find({"adoptions": {"$elemMatch": mine}}, {"_id": 1}):
            yield document["_id"]

    async def move_ended(self) -> int:
        """Put adoptions whose last event is published into the history; how many were moved.

        First into the history by id, then out of the claims: a crash in between repeats the first and loses nothing.
        """
        published = {"ended_since": {"$exists": True}, "outbox": {"$size": 0}}
        moved = 0
        async for document in self.collection.find(published).limit(BATCH):
            ids = [one["id"] for one in document["ended"]]
            for one in document["ended"]:
                past = {**one, "_id": one["id"], "wish_id": document["_id"]}
                await self.ended.replace_one({"_id": one["id"]}, past, upsert=True)
            await self.collection.update_one(
                {"_id": document["_id"], "revision": document["revision"]},
                {
                    "$pull": {"ended": {"id": {"$in": ids}}},
                    "$push": {"moved": {"$each": ids}},
                    "$inc": {"revision": 1},
                    "$unset": {"ended_since": ""},
                },
            )
            moved += len(ids)
        return moved


def _offers(*conditions: Document) -> Document:
    return {"$filter": {"input": "$offers", "as": "offer", "cond": {"$and": list(conditions)}}}


def _present(field: str) -> IndexModel:
    return IndexModel([(field, ASCENDING)], name=field, partialFilterExpression={field: {"$exists": True}})
