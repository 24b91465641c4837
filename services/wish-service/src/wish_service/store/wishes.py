"""The wishes: truth of wish-service, one document each."""

from collections.abc import Callable, Collection
from datetime import datetime

from microwish.events import Envelope
from microwish.messaging.streams import Outcome
from microwish.store.aggregate import Aggregates, Change, Idempotency
from microwish.store.mongo import ASCENDING, DESCENDING, Document, IndexModel
from microwish.when import When
from wish_service.domain.states import Status
from wish_service.domain.wish import Decision, Wish
from wish_service.store.documents import from_document, to_document

Decide = Callable[[Wish], Decision | None]
"""Looks at a wish and takes a step, or raises a DomainError; None leaves it as it is."""


class Wishes:
    """The collection of wishes; every change is one guarded write with its events in the same document."""

    def __init__(self, aggregates: Aggregates) -> None:
        self.aggregates = aggregates

    async def ensure_indexes(self) -> None:
        """One index per list: of a resident, of the desk's two queues."""
        await self.aggregates.ensure_indexes(
            IndexModel([("resident_id", ASCENDING), ("submitted_at", DESCENDING), ("_id", DESCENDING)], name="mine"),
            IndexModel([("status", ASCENDING), ("review_from", ASCENDING), ("_id", ASCENDING)], name="queue"),
            IndexModel(
                [("status", ASCENDING), ("areas", ASCENDING), ("review_from", ASCENDING), ("_id", ASCENDING)],
                name="queue_of_area",
            ),
            _unconfirmed([("unconfirmed_since", ASCENDING)], "unconfirmed"),
            _unconfirmed([("areas", ASCENDING), ("unconfirmed_since", ASCENDING)], "unconfirmed_of_area"),
        )

    async def find(self, id: str) -> Wish | None:
        """The wish, or None."""
        document = await self.aggregates.find(id)
        return from_document(document) if document else None

    async def load(self, id: str) -> Wish:
        """The wish. Raises: NotFound."""
        return from_document(await self.aggregates.load(id))

    async def add(self, decision: Decision, *, when: When, idempotency: Idempotency | None = None) -> Wish:
        """Keep a new wish. Raises: KeyReused, AlreadyExists."""
        wish = decision.wish
        document = await self.aggregates.create(
            wish.id, to_document(wish), decision.events, when=when, idempotency=idempotency
        )
        return from_document(document)

    async def change(self, id: str, decide: Decide, *, when: When, idempotency: Idempotency | None = None) -> Wish:
        """Take a step. Raises: NotFound, KeyReused, OutboxFull, Contended, and what `decide` raises."""
        document = await self.aggregates.change(id, _as_change(decide), when=when, idempotency=idempotency)
        return from_document(document)

    async def react(self, id: str, event: Envelope, decide: Decide, *, when: When) -> Outcome:
        """Take an event of adoption-service's stream of this wish, in its order."""
        return await self.aggregates.react(id, "claims", event, _as_change(decide), when=when)

    async def of_resident(self, person_id: str, *, limit: int = 100) -> list[Wish]:
        """A person's own wishes, newest first."""
        cursor = self.aggregates.collection.find({"resident_id": person_id})
        found = await cursor.sort([("submitted_at", DESCENDING), ("_id", DESCENDING)]).to_list(limit)
        return [from_document(document) for document in found]

    async def waiting_for_review(
        self, areas: Collection[str] | None, *, after: tuple[datetime, str] | None = None, limit: int = 50
    ) -> list[Wish]:
        """Submitted wishes of these divisions (None: all), the longest waiting first, behind a keyset position."""
        query: Document = {"status": Status.SUBMITTED.value, **_within(areas)}
        if after:
            query |= {"$or": [{"review_from": {"$gt": after[0]}}, {"review_from": after[0], "_id": {"$gt": after[1]}}]}
        cursor = self.aggregates.collection.find(query)
        found = await cursor.sort([("review_from", ASCENDING), ("_id", ASCENDING)]).to_list(limit)
        return [from_document(document) for document in found]

    async def waiting_for_confirmation(self, areas: Collection[str] | None, *, limit: int = 50) -> list[Wish]:
        """Wishes with a delivery that nobody has answered, of these divisions (None: all)."""
        query: Document = {"unconfirmed_since": {"$type": "date"}, **_within(areas)}
        found = await self.aggregates.collection.find(query).sort([("unconfirmed_since", ASCENDING)]).to_list(limit)
        return [from_document(document) for document in found]

    async def count_waiting(self, areas: Collection[str] | None) -> int:
        """How many wishes wait for review."""
        query: Document = {"status": Status.SUBMITTED.value, **_within(areas)}
        return await self.aggregates.collection.count_documents(query)


def _unconfirmed(keys: list[tuple[str, int]], name: str) -> IndexModel:
    return IndexModel(keys, name=name, partialFilterExpression={"unconfirmed_since": {"$type": "date"}})


def _within(areas: Collection[str] | None) -> Document:
    return {} if areas is None else {"areas": {"$in": list(areas)}}


def _as_change(decide: Decide) -> Callable[[Document], Change | None]:
    def decided(document: Document) -> Change | None:
        decision = decide(from_document(document))
        if decision is None:
            return None
        after = to_document(decision.wish)
        changed = {name: value for name, value in after.items() if document.get(name) != value}
        return Change(set=changed, events=decision.events)

    return decided
