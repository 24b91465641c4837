"""The wishes: truth of wish-service, one document each."""

from collections.abc import AsyncIterator, Callable, Collection
from datetime import datetime

from microwish.events import Envelope
from microwish.messaging.streams import Outcome
from microwish.store.aggregate import Aggregates, Change, Idempotency
from microwish.store.mongo import ASCENDING, DESCENDING, Document, IndexModel
from microwish.store.outbox import Tombstone
from microwish.when import When
from wish_service.domain.erasure import kept_empty
from wish_service.domain.follow_up import followed_up
from wish_service.domain.reviewing import ReviewClaim
from wish_service.domain.states import Status
from wish_service.domain.timers import Terms
from wish_service.domain.wish import Decision, Wish
from wish_service.store.documents import from_document, to_document

Decide = Callable[[Wish], Decision | None]
"""Looks at a wish and takes a step, or raises a DomainError; None leaves it as it is."""


WORDS_LEFT = "words_left"
"""Marks a wish whose resident is forgotten while the journal may still hold what was written about it."""


class Wishes:
    """The collection of wishes; every change is one guarded write with its events in the same document.

    The same write arms and drops timers and opens and closes tasks of staff, by `terms` (`domain/follow_up.py`).
    """

    def __init__(self, aggregates: Aggregates, terms: Terms) -> None:
        self.aggregates = aggregates
        self._terms = terms

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
            _dated("next_timer_at"),
            _dated("tasks_unsettled_since"),
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
        wish = followed_up(None, decision, when, self._terms).wish
        document = await self.aggregates.create(
            wish.id, to_document(wish), decision.events, when=when, idempotency=idempotency
        )
        return from_document(document)

    async def change(self, id: str, decide: Decide, *, when: When, idempotency: Idempotency | None = None) -> Wish:
        """Take a step. Raises: NotFound, KeyReused, OutboxFull, Contended, and what `decide` raises."""
        document = await self.aggregates.change(id, self._as_change(decide, when), when=when, idempotency=idempotency)
        return from_document(document)

    async def react(self, id: str, event: Envelope, decide: Decide, *, when: When) -> Outcome:
        """Take an event of adoption-service's stream of this wish, in its order."""
        return await self.aggregates.react(id, "claims", event, self._as_change(decide, when), when=when)

    async def erase(self, id: str, decide: Decide, *, when: When) -> Wish:
        """Take a person out of a wish; the same write tells whoever has its contact to forget it (a tombstone).

        What was asked for under which key goes as well: it is made of the person's words. Raises: as `change`.
        """
        as_change = self._as_change(decide, when)

        def erased(document: Document) -> Change | None:
            change = as_change(document)
            if change is None:
                return None
            # The import that made it still has to know its own wish; nothing of anybody is in that.
            imported = str(document.get("created_with", "")).startswith("import:")
            keys = ("keys",) if imported else ("keys", "created_with")
            left = {**change.set, WORDS_LEFT: True}
            return Change(left, (*change.remove, *keys), (*change.events, Tombstone(id)))

        return from_document(await self.aggregates.change(id, erased, when=when))

    async def ids_of_resident(self, person_id: str) -> list[str]:
        """The ids of all wishes that belong to a person."""
        return [row["_id"] async for row in self.aggregates.collection.find({"resident_id": person_id}, {"_id": 1})]

    async def to_erase(self, person_id: str, more: Collection[str]) -> list[str]:
        """Those of a person's wishes, and of these, in which something of a person may still be."""
        left: Document = {"$or": [{"erased_at": None}, {WORDS_LEFT: True}]}
        whose: list[Document] = [{"resident_id": person_id}, {"_id": {"$in": list(more)}}]
        rows = self.aggregates.collection
        return [row["_id"] for one in whose async for row in rows.find({**one, **left}, {"_id": 1})]

    async def all_sent(self, id: str) -> bool:
        """Whether every event of the wish has left, so that its journal is whole."""
        unsent = {"_id": id, "unsent_since": {"$exists": True}}
        return await self.aggregates.collection.find_one(unsent, {"_id": 1}) is None

    async def words_gone(self, id: str) -> None:
        """What was published of the wish holds no words any more either."""
        await self.aggregates.collection.update_one({"_id": id}, {"$unset": {WORDS_LEFT: ""}})

    async def of_resident(self, person_id: str, *, limit: int = 100) -> list[Wish]:
        """A person's own wishes, newest first."""
        cursor = self.aggregates.collection.find({"resident_id": person_id})
        found = await cursor.sort([("submitted_at", DESCENDING), ("_id", DESCENDING)]).limit(limit).to_list(limit)
        return [from_document(document) for document in found]

    async def waiting_for_review(
        self, areas: Collection[str] | None, *, after: tuple[datetime, str] | None = None, limit: int = 50
    ) -> list[Wish]:
        """Submitted wishes of these divisions (None: all), the longest waiting first, behind a keyset position."""
        query: Document = {"status": Status.SUBMITTED.value, **_within(areas)}
        if after:
            # The first condition is the range of the index; the other leaves out who was handed in at the same moment.
            later = [{"review_from": {"$gt": after[0]}}, {"_id": {"$gt": after[1]}}]
            query |= {"review_from": {"$gte": after[0]}, "$or": later}
        cursor = self.aggregates.collection.find(query).hint("queue" if areas is None else "queue_of_area")
        found = await cursor.sort([("review_from", ASCENDING), ("_id", ASCENDING)]).limit(limit).to_list(limit)
        return [from_document(document) for document in found]

    async def waiting_for_confirmation(self, areas: Collection[str] | None, *, limit: int = 50) -> list[Wish]:
        """Wishes with a delivery that nobody has answered, of these divisions (None: all)."""
        query: Document = {"unconfirmed_since": {"$type": "date"}, **_within(areas)}
        cursor = self.aggregates.collection.find(query).sort([("unconfirmed_since", ASCENDING)])
        found = await cursor.limit(limit).to_list(limit)
        return [from_document(document) for document in found]

    async def ended_review(self, id: str) -> ReviewClaim | None:
        """By whom the wish was under review until some time ago, by the database's clock; None if it still is."""
        over = {"$expr": {"$lte": ["$review_claim.until", "$$NOW"]}}
        found = await self.aggregates.collection.find_one({"_id": id, "review_claim.by": {"$exists": True}, **over})
        return ReviewClaim(**found["review_claim"]) if found else None

    async def at(self, communities: Collection[str], *, limit: int) -> list[tuple[str, str]]:
        """Some wishes of these communities, whatever their state: (id, code of its community)."""
        query = {"status": {"$in": [status.value for status in Status]}, "areas": {"$in": list(communities)}}
        found = self.aggregates.collection.find(query, {"community.code": 1}).limit(limit)
        return [(row["_id"], row["community"]["code"]) async for row in found]

    async def newest_of(self, community: str, statuses: Collection[Status], *, limit: int) -> list[Wish]:
        """The wishes of a community in these states, the latest handed in first."""
        query: Document = {"status": {"$in": [status.value for status in statuses]}, "areas": community}
        cursor = self.aggregates.collection.find(query).sort([("review_from", DESCENDING), ("_id", DESCENDING)])
        return [from_document(document) for document in await cursor.limit(limit).to_list(limit)]

    async def count_waiting(self, areas: Collection[str] | None) -> int:
        """How many wishes wait for review."""
        query: Document = {"status": Status.SUBMITTED.value, **_within(areas)}
        return await self.aggregates.collection.count_documents(query)

    async def with_timer_due(self, now: datetime) -> AsyncIterator[str]:
        """Wishes of which a timer has gone off, the earliest first."""
        # The type is named so that the planner sees that the partial index holds them all.
        due = {"next_timer_at": {"$type": "date", "$lte": now}}
        async for row in self.aggregates.collection.find(due, {"_id": 1}).sort("next_timer_at", ASCENDING):
            yield row["_id"]

    async def with_tasks_to_settle(self) -> AsyncIterator[str]:
        """Wishes that have opened or closed a task whose own document has not caught up, the longest waiting first."""
        unsettled = {"tasks_unsettled_since": {"$type": "date"}}
        found = self.aggregates.collection.find(unsettled, {"_id": 1})
        async for row in found.sort("tasks_unsettled_since", ASCENDING):
            yield row["_id"]

    async def by_ids(self, ids: Collection[str]) -> dict[str, Wish]:
        """Those of these wishes that there are, by id."""
        found = self.aggregates.collection.find({"_id": {"$in": list(ids)}})
        return {document["_id"]: from_document(document) async for document in found}

    def _as_change(self, decide: Decide, when: When) -> Callable[[Document], Change | None]:
        def decided(document: Document) -> Change | None:
            before = from_document(document)
            decision = decide(before)
            if decision is None:
                return None
            if before.erased_at is not None:
                decision = kept_empty(decision, len(before.timeline))
            after = to_document(followed_up(before, decision, when, self._terms).wish)
            changed = {name: value for name, value in after.items() if document.get(name) != value}
            return Change(set=changed, events=decision.events)

        return decided


def _unconfirmed(keys: list[tuple[str, int]], name: str) -> IndexModel:
    return IndexModel(keys, name=name, partialFilterExpression={"unconfirmed_since": {"$type": "date"}})


def _dated(field: str) -> IndexModel:
    return IndexModel([(field, ASCENDING)], name=field, partialFilterExpression={field: {"$type": "date"}})


def _within(areas: Collection[str] | None) -> Document:
    return {} if areas is None else {"areas": {"$in": list(areas)}}
