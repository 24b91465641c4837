"""One aggregate, one document, one conditional write: its new state and the events it causes commit together.

    {_id, revision, streamversion, …state…, timeline…,
     outbox: [{id, version, topic, key, type, source, subject, time, data}], unsent_since?, relay?: {token, until},
     keys: [{key, fingerprint}], taken: {<stream name>: version}}

`revision` is the document's own lock and counts its writes; `streamversion` counts the events of its stream.
`unsent_since` is there only while the outbox isn't empty; who puts something in takes the relay's lease along.
Every value from outside is wrapped in `$literal`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from microwish.events.base import Envelope
from microwish.events.topics import Topic
from microwish.messaging.streams import Outcome
from microwish.store.grouped import GroupedInserts, GroupedUpdates, Landed, Update
from microwish.store.lease import Lease, OutboxRelay
from microwish.store.mongo import (
    ASCENDING,
    Collection,
    Document,
    DuplicateKeyError,
    IndexModel,
    ReturnDocument,
    ensure_indexes,
)
from microwish.store.outbox import Outgoing, Tombstone, counts_in_stream, literal, numbered, numbering, outbox_entries
from microwish.store.refusals import AlreadyExists, Contended, KeyReused, NotFound, OutboxFull
from microwish.when import When

OUTBOX_LIMIT = 500
KEYS_KEPT = 64
ATTEMPTS = 12


@dataclass(frozen=True)
class Idempotency:
    """A caller's key, with a fingerprint of what it stands for: person, path and body."""

    key: str
    fingerprint: str


@dataclass(frozen=True)
class Change:
    """What a decision does: fields set to plain values (dotted paths reach inside), fields removed, events."""

    set: Mapping[str, Any] = field(default_factory=dict)
    remove: Sequence[str] = ()
    events: Sequence[Outgoing] = ()


Decide = Callable[[Document], Change | None]
"""Looks at a document and says what to do; None leaves it as it is. May raise a domain error: then nothing changes."""


class Aggregates:
    """A collection of aggregates of one kind.

    Guarantees: a change is one atomic write; a document never changes without the events that tell of it; an event
    never leaves unless its change is durable. relay: is woken after each write that has something to send.
    """

    def __init__(self, collection: Collection, *, relay: OutboxRelay | None = None) -> None:
        self.collection = collection
        self._relay = relay
        self._inserts = GroupedInserts(collection)
        self._updates = GroupedUpdates(collection)

    async def ensure_indexes(self, *own: IndexModel) -> None:
        """The relay's index, which only holds documents that have something to send, and the caller's own."""
        unsent = IndexModel(
            [("unsent_since", ASCENDING)],
            name="unsent",
            partialFilterExpression={"unsent_since": {"$exists": True}},
        )
        await ensure_indexes(self.collection, [unsent, *own])

    async def find(self, id: str) -> Document | None:
        """The document, or None."""
        return await self.collection.find_one({"_id": id})

    async def load(self, id: str) -> Document:
        """The document. Raises: NotFound."""
        document = await self.find(id)
        if document is None:
            raise NotFound(id)
        return document

    async def create(
        self,
        id: str,
        state: Mapping[str, Any],
        events: Sequence[Outgoing],
        *,
        when: When,
        idempotency: Idempotency | None = None,
    ) -> Document:
        """Insert the aggregate with its first events.

        With an idempotency key the caller derives `id` from it; a retry gets the document that the first try made.
        Raises: AlreadyExists, KeyReused.
        """
        entries = numbered(outbox_entries(events, when), streamversion=0, revision=1)
        document: Document = {
            "_id": id,
            **state,
            "revision": 1,
            "streamversion": sum(counts_in_stream(entry) for entry in entries),
            "outbox": entries,
        }
        if entries:
            document["unsent_since"] = when.recorded_at
        if idempotency:
            document["created_with"] = idempotency.fingerprint
        try:
            await self._inserts.insert(document)
        except DuplicateKeyError as duplicate:
            return await self._created_before(id, idempotency, duplicate)
        self._woken(id, bool(entries), None)  # an insert knows no clock but its writer's, so it takes no lease
        return document

    async def _created_before(self, id: str, idempotency: Idempotency | None, duplicate: DuplicateKeyError) -> Document:
        existing = await self.find(id)
        if existing is None:
            raise AlreadyExists(id) from duplicate  # a unique index other than _id refused it
        if idempotency is None:
            raise AlreadyExists(id) from duplicate
        if existing.get("created_with") != idempotency.fingerprint:
            raise KeyReused(idempotency.key) from duplicate
        return existing

    async def change(self, id: str, decide: Decide, *, when: When, idempotency: Idempotency | None = None) -> Document:
        """Load, decide, write if nobody wrote in between; again from the start if somebody did.

        A request whose key is on the document already is answered with the document as it is.
        Raises: NotFound, KeyReused, OutboxFull, Contended, and whatever `decide` raises.
        """
        for _ in range(ATTEMPTS):
            document = await self.load(id)
            if idempotency and _done_before(document, idempotency):
                return document
            change = decide(document)
            if change is None:
                return document
            written = await self.write(
                id, {"revision": document["revision"]}, change, when=when, idempotency=idempotency
            )
            if written is not None:
                return written
            _refuse_if_full(document)
        raise Contended(id)

    async def write(
        self,
        id: str,
        where: Mapping[str, Any],
        change: Change,
        *,
        when: When,
        expressions: Mapping[str, Any] | None = None,
        idempotency: Idempotency | None = None,
    ) -> Document | None:
        """One guarded write without reading first: the way of a command that many contend for, such as a claim.

        where: further conditions of the filter. expressions: fields set to pipeline expressions over the document
        as it was before. Returns the document after the write, or None if the conditions didn't hold.
        """
        lease = self._lease(change)
        document = await self.collection.find_one_and_update(
            _guarded(id, where),
            _stages(change, when, {**(expressions or {}), **_leased(lease)}, idempotency),
            return_document=ReturnDocument.AFTER,
        )
        if document is not None:
            self._woken(id, bool(change.events), lease)
        return document

    async def write_together(
        self,
        id: str,
        where: Mapping[str, Any],
        change: Change,
        *,
        when: When,
        expressions: Mapping[str, Any] | None = None,
    ) -> Landed:
        """The same write, which goes to the database together with others of the moment, and whether it was done.

        Where that is PERHAPS the document itself tells, by what the write would have left in it.
        """
        lease = self._lease(change)
        stages = _stages(change, when, {**(expressions or {}), **_leased(lease)})
        landed = await self._updates.update(Update(id, _guarded(id, where), stages))
        if landed is not Landed.NO:
            self._woken(id, bool(change.events), lease)
        return landed

    async def react(
        self,
        id: str,
        stream: str,
        event: Envelope,
        decide: Decide,
        *,
        when: When,
        stub: Mapping[str, Any] | None = None,
    ) -> Outcome:
        """Let another owner's event act on this aggregate, once and in its order.

        stream: the name under which the aggregate remembers the last version it took; the memory is written with the
        effect. Where `decide` gives None the version still advances. stub: the state of an aggregate that isn't there
        yet when its first event comes; without it a missing one is a gap.
        """
        for _ in range(ATTEMPTS):
            document = await self.find(id)
            if document is None:
                if stub is None or event.version != 1:
                    return Outcome.GAP
                await self._insert_stub(id, stub)
                continue
            last = document.get("taken", {}).get(stream, 0)
            if event.version != last + 1:
                return Outcome.OLD if event.version <= last else Outcome.GAP
            change = decide(document) or Change()
            taken = Change({**change.set, f"taken.{stream}": event.version}, change.remove, change.events)
            if await self.write(id, {"revision": document["revision"]}, taken, when=when) is not None:
                return Outcome.APPLIED
            _refuse_if_full(document)
        raise Contended(id)

    async def _insert_stub(self, id: str, stub: Mapping[str, Any]) -> None:
        try:
            await self.collection.insert_one({"_id": id, **stub, "revision": 1, "streamversion": 0, "outbox": []})
        except DuplicateKeyError:
            return  # another consumer was first: its stub is as good

    def _lease(self, change: Change) -> Lease | None:
        return self._relay.lease() if change.events and self._relay is not None else None

    def _woken(self, id: str, has_events: bool, lease: Lease | None) -> None:
        if has_events and self._relay is not None:
            self._relay.wake(self.collection, id, lease)


def _guarded(id: str, where: Mapping[str, Any]) -> Document:
    """Which document a write changes, and on what conditions: an outbox that is full takes nothing more."""
    return {"_id": id, f"outbox.{OUTBOX_LIMIT - 1}": {"$exists": False}, **where}


def _stages(
    change: Change, when: When, expressions: Mapping[str, Any] | None, idempotency: Idempotency | None = None
) -> list[Document]:
    """What a write does: the change, the document's own lock, and the events, numbered as they go into the outbox."""
    entries, ahead = numbering(outbox_entries(change.events, when))
    values: dict[str, Any] = {path: literal(value) for path, value in change.set.items()}
    values |= expressions or {}
    values["revision"] = {"$add": ["$revision", 1]}
    if entries:
        values["streamversion"] = {"$add": ["$streamversion", ahead]}
        values["outbox"] = {"$concatArrays": [_left_of_outbox(change.events), entries]}
        values["unsent_since"] = {"$ifNull": ["$unsent_since", literal(when.recorded_at)]}
    if idempotency:
        kept = {"key": idempotency.key, "fingerprint": idempotency.fingerprint}
        longer = {"$concatArrays": [{"$ifNull": ["$keys", []]}, [literal(kept)]]}
        values["keys"] = {"$slice": [longer, -KEYS_KEPT]}
    stages: list[Document] = [{"$set": values}]
    if change.remove:
        stages.append({"$unset": list(change.remove)})
    return stages


def _leased(lease: Lease | None) -> dict[str, Any]:
    return {} if lease is None else {"relay": lease.if_free}


def _left_of_outbox(events: Sequence[Outgoing]) -> Any:
    """The outbox without the contacts that a tombstone among these events erases: they must not leave any more."""
    erased = [event.contact_id for event in events if isinstance(event, Tombstone)]
    if not erased:
        return "$outbox"
    of_erased = [{"$eq": ["$$this.topic", Topic.CONTACT.value]}, {"$in": ["$$this.key", literal(erased)]}]
    return {"$filter": {"input": "$outbox", "cond": {"$not": [{"$and": of_erased}]}}}


def _done_before(document: Document, idempotency: Idempotency) -> bool:
    for kept in document.get("keys", []):
        if kept["key"] == idempotency.key:
            if kept["fingerprint"] != idempotency.fingerprint:
                raise KeyReused(idempotency.key)
            return True
    return False


def _refuse_if_full(document: Document) -> None:
    if len(document["outbox"]) >= OUTBOX_LIMIT:
        raise OutboxFull(document["_id"])
