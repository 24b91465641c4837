"""The truth about who holds which wish: `claims`, one document per wish, and `adoptions_ended` for history."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from adoption_service.domain.adoption import Adoption, AdoptionState
from adoption_service.domain.claims import Claims, ClaimsState, Decided, Decision, Entry
from adoption_service.domain.errors import NotFound
from adoption_service.domain.handover import void_what_ended
from adoption_service.domain.partnership import partners_changed
from adoption_service.store.by_id import AdoptionsById
from adoption_service.store.claims_documents import (
    STUB,
    adoption_document,
    change_of,
    claims_of,
    timeline_entry,
)
from adoption_service.store.past_half import PastHalf
from adoption_service.store.wordless import kept_wordless
from microwish.events import Envelope, Event
from microwish.messaging.streams import Outcome
from microwish.store.aggregate import Aggregates, Change, Idempotency
from microwish.store.grouped import GroupedFinds, Landed
from microwish.store.lease import OutboxRelay
from microwish.store.mongo import ASCENDING, Database, Document, DuplicateKeyError, IndexModel, ensure_indexes
from microwish.store.outbox import literal
from microwish.when import When

BATCH = 100
WAITING = (("queue", "queue"), ("offers", "offers.organisation_id"), ("recommended", "recommended.organisation_id"))
"""Arrays by which an organisation is concerned without holding, and where its id stands in them."""


ROLES = ("organisation", "partners", "asked", "handover.to")
"""What an organisation can be to an adoption: it leads, is a partner, was asked to join in, or to take it over."""

JOINT = [
    IndexModel([("adoptions.partners.id", ASCENDING)], name="partner", sparse=True),
    IndexModel([("adoptions.asked.id", ASCENDING)], name="asked", sparse=True),
    IndexModel([("adoptions.handover.to.id", ASCENDING)], name="handover", sparse=True),
    IndexModel([("ended.partners.id", ASCENDING)], name="ended_partner", sparse=True),
    # What stalls: active, past half its term, of a place.
    IndexModel(
        [("adoptions.state", ASCENDING), ("adoptions.half_at", ASCENDING), ("community", ASCENDING)], name="past_half"
    ),
]


class AdoptionIdTaken(Exception):
    """An adoption by this id exists: the same Idempotency-Key named another wish."""


class ClaimsStore:
    """Reads and guarded writes of claims. Every write is atomic with the events it causes."""

    def __init__(self, db: Database, *, relay: OutboxRelay | None = None) -> None:
        self.collection = db.get_collection("claims")
        self.ended = db.get_collection("adoptions_ended")
        self.aggregates = Aggregates(self.collection, relay=relay)
        self._together = GroupedFinds(self.collection, {"timeline": 0, "outbox": 0, "keys": 0})
        self._past_half = PastHalf(self.collection)
        self._by_id = AdoptionsById(self.collection, self.ended)

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
            *JOINT,
            _present("wake_at"),
            _present("ended_since"),
            *(_of_some(*path) for path in WAITING),
        )
        by_organisation = [("organisation.id", ASCENDING), ("claimed_at", ASCENDING)]
        await ensure_indexes(
            self.ended,
            [
                IndexModel(by_organisation, name="organisation"),
                IndexModel([("wish_id", ASCENDING)], name="wish"),
                IndexModel([("handler_id", ASCENDING)], name="handler"),
                IndexModel([("partners.id", ASCENDING)], name="partner", sparse=True),
            ],
        )

    async def find(self, wish_id: str) -> Claims | None:
        """The claims of a wish, if anything is known of it."""
        document = await self._together.find(wish_id)
        return claims_of(document) if document else None

    async def take_slot(self, wish_id: str, adoption: Adoption, event: Event, entry: Entry, *, when: When) -> bool:
        """Give a slot to this adoption if the wish is open, its organisation holds none of it, and one is free.

        One write, whose conditions and effect are one: never more holders than slots (invariant 1), never one
        organisation twice (2). Claims of the moment go to the database together (ADR 0028). True: it was given. False:
        the conditions did not hold, or it isn't known whether they did: `find_with` tells. Raises: AdoptionIdTaken.
        """
        organisation_id = adoption.organisation.id
        expressions: dict[str, Any] = {
            "adoptions": {"$concatArrays": ["$adoptions", [literal(adoption_document(adoption))]]},
            # The claim consumes its owner's offer, ends its waiting and answers a recommendation.
            "offers": _others("$offers", organisation_id),
            "queue": {"$filter": {"input": "$queue", "cond": {"$ne": ["$$this", literal(organisation_id)]}}},
            "recommended": _others({"$ifNull": ["$recommended", []]}, organisation_id),
            "timeline": {"$concatArrays": ["$timeline", [literal(timeline_entry(entry, when))]]},
            # May be too early afterwards, never too late; `look` puts it right.
            "wake_at": {"$min": ["$wake_at", literal(adoption.wake_at)]},
        }
        where = {
            "state": ClaimsState.OPEN.value,
            "adoptions.organisation.id": {"$ne": organisation_id},
            "adoptions.partners.id": {"$ne": organisation_id},
            "ended.id": {"$ne": adoption.id},
            "moved": {"$ne": adoption.id},
            "$expr": self._free_for(organisation_id, when.recorded_at),
        }
        # Who is asked to join in is told of with the claim itself.
        events = [event, partners_changed(wish_id, adoption, entry.by)] if adoption.asked else [event]
        try:
            landed = await self.aggregates.write_together(
                wish_id, where, Change(events=events), when=when, expressions=expressions
            )
        except DuplicateKeyError as duplicate:
            raise AdoptionIdTaken(adoption.id) from duplicate
        return landed is Landed.YES

    async def find_with(self, wish_id: str, adoption_id: str) -> tuple[Claims | None, Adoption | None]:
        """The claims of a wish now, and its adoption by this id if it ever came to be, wherever it has gone since."""
        document = await self._together.find(wish_id)
        if document is None:
            return None, None
        claims = claims_of(document)
        found = next((one for one in (*claims.adoptions, *claims.ended) if one.id == adoption_id), None)
        if found is None and adoption_id in document["moved"]:
            _, found = await self.adoption(adoption_id)
        return claims, found

    def _free_for(self, organisation_id: str, now: datetime) -> Document:
        """A slot reserved for this organisation, or one that is left over by those offered one or waiting before it.

        Never without a free slot, whatever the clocks of two replicas say of an offer's end.
        """
        live = {"$gt": ["$$offer.until", literal(now)]}
        own = {"$eq": ["$$offer.organisation_id", literal(organisation_id)]}
        place = {"$indexOfArray": ["$queue", literal(organisation_id)]}
        ahead = {"$cond": [{"$in": [literal(organisation_id), "$queue"]}, place, {"$size": "$queue"}]}
        held: Document = {"$size": "$adoptions"}
        left = {"$lt": [{"$add": [held, {"$size": _offers(live)}, ahead]}, "$slots"]}
        return {"$and": [{"$lt": [held, "$slots"]}, {"$or": [{"$gt": [{"$size": _offers(live, own)}, 0]}, left]}]}

    async def adoption(self, adoption_id: str) -> tuple[str, Adoption]:
        """An adoption, with the id of its wish: one that holds, one that just ended, or one of the past.

        Raises: NotFound.
        """
        found = await self._by_id.find(adoption_id)
        if found is None:
            raise NotFound(adoption_id)
        return found

    async def decide(
        self, wish_id: str, decision: Decision, *, when: When, idempotency: Idempotency | None = None
    ) -> Claims:
        """Write what a decision on the claims says, decided anew if somebody else wrote meanwhile.

        Raises: NotFound (of the store), KeyReused, OutboxFull, Contended, and what the decision raises.
        """

        def change(document: Document) -> Change | None:
            return _decided_change(document, decision, when)

        return claims_of(await self.aggregates.change(wish_id, change, when=when, idempotency=idempotency))

    async def look(self, wish_id: str, decision: Decision, *, when: When) -> Claims:
        """As `decide`, for a wish of which `due` says that a timer has gone off.

        Where nothing is due, its `wake_at` is what a claim left, which can't reckon it anew: it is put right, or the
        wish would be looked at for ever. Raises: as `decide`.
        """

        def change(document: Document) -> Change | None:
            claims = claims_of(document)
            decided = decision(claims)
            if decided is None and document.get("wake_at") == claims.wake_at:
                return None
            return kept_wordless(document, change_of(document, void_what_ended(decided or Decided(claims)), when))

        return claims_of(await self.aggregates.change(wish_id, change, when=when))

    async def react(self, event: Envelope, decision: Decision, *, when: When) -> Outcome:
        """Let an event of the wish act on its claims, once and in order."""

        def change(document: Document) -> Change | None:
            return _decided_change(document, decision, when)

        return await self.aggregates.react(event.subject, "wish", event, change, when=when, stub=STUB)

    async def count_past_half(self, organisation_id: str, now: datetime, *, limit: int) -> int:
        """How many active adoptions of the organisation are past half their term, counted up to `limit`."""
        return min(await self._past_half.count(organisation_id, now), limit)

    async def due(self, now: datetime) -> list[str]:
        """Wishes of which a timer has gone off, the earliest first; at most a batch."""
        found = self.collection.find({"wake_at": {"$lte": now}}, {"_id": 1}).sort("wake_at", ASCENDING).limit(BATCH)
        return [document["_id"] async for document in found]

    async def with_active_of(self, organisation_id: str) -> AsyncIterator[str]:
        """Wishes of which the organisation has an active adoption, has joined one, or is asked about one."""
        async for document in self.collection.find(
            {"$or": [_active(role, organisation_id) for role in ROLES]}, {"_id": 1}
        ):
            yield document["_id"]

    def concerning(self, organisation_id: str) -> Document:
        """The filter of wishes that it waits for, was offered, or was recommended."""
        return {"$or": [{path: organisation_id, f"{array}.0": {"$exists": True}} for array, path in WAITING]}

    async def with_waiting_of(self, organisation_id: str) -> AsyncIterator[str]:
        """Wishes in whose waiting list the organisation stands, of which it was offered a slot, or recommended."""
        async for document in self.collection.find(self.concerning(organisation_id), {"_id": 1}):
            yield document["_id"]

    async def handled_by(self, person_id: str, organisation_id: str) -> AsyncIterator[str]:
        """Wishes of which the person handles an active adoption of the organisation."""
        theirs = {"organisation.id": organisation_id, "handler_id": person_id, "state": AdoptionState.ACTIVE.value}
        async for document in self.collection.find({"adoptions": {"$elemMatch": theirs}}, {"_id": 1}):
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


def _decided_change(document: Document, decision: Decision, when: When) -> Change | None:
    decided = decision(claims_of(document))
    if decided is None:
        return None
    return kept_wordless(document, change_of(document, void_what_ended(decided), when))


def _offers(*conditions: Document) -> Document:
    return {"$filter": {"input": "$offers", "as": "offer", "cond": {"$and": list(conditions)}}}


def _active(role: str, organisation_id: str) -> Document:
    """Claims of which the organisation has this role in an active adoption."""
    return {"adoptions": {"$elemMatch": {f"{role}.id": organisation_id, "state": AdoptionState.ACTIVE.value}}}


def _others(rows: Any, organisation_id: str) -> Document:
    """Those rows that are of other organisations."""
    return {"$filter": {"input": rows, "cond": {"$ne": ["$$this.organisation_id", literal(organisation_id)]}}}


def _present(field: str) -> IndexModel:
    return IndexModel([(field, ASCENDING)], name=field, partialFilterExpression={field: {"$exists": True}})


def _of_some(array: str, path: str) -> IndexModel:
    """Of the few wishes where the array has members."""
    return IndexModel([(path, ASCENDING)], name=array, partialFilterExpression={f"{array}.0": {"$exists": True}})
