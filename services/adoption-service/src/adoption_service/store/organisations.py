"""The truth about organisations: `organisations`, one document each.

{_id, name, kind, state, uscc? | branch_id?, scope, contact: {name, phone} sealed, members: [{person_id, role, name}],
 following: {communities, categories, notify}, registered_at, release_until?, timeline, …}
"""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any

from adoption_service.domain.claims import Entry
from adoption_service.domain.errors import AlreadyRegistered, NotFound
from adoption_service.domain.organisation import Member, Organisation, OrganisationState
from adoption_service.store.claims_documents import timeline_entry
from microwish.events.adoption import MemberRole, OrganisationKind
from microwish.store.aggregate import Aggregates, Change, Idempotency, Wake
from microwish.store.mongo import ASCENDING, Database, Document, IndexModel
from microwish.store.outbox import Outgoing
from microwish.store.refusals import AlreadyExists
from microwish.store.refusals import NotFound as NoDocument
from microwish.when import When

OrganisationDecision = Callable[[Organisation], "Rewrite | None"]
"""Looks at the organisation and says what to write."""


class Rewrite:
    """Fields to set (dotted paths) or remove, events to announce, and one line of the timeline."""

    def __init__(
        self, values: dict[str, Any], events: Sequence[Outgoing], entry: Entry, remove: Sequence[str] = ()
    ) -> None:
        self.values = values
        self.events = events
        self.entry = entry
        self.remove = remove


class OrganisationStore:
    """Reads and guarded writes of organisations."""

    def __init__(self, db: Database, *, wake: Wake | None = None) -> None:
        self.collection = db.get_collection("organisations")
        self.aggregates = Aggregates(self.collection, wake=wake)

    async def ensure_indexes(self) -> None:
        """Each credit code and branch identifier once; by member; for lists; those being released."""
        await self.aggregates.ensure_indexes(
            _once("uscc"),
            _once("branch_id"),
            IndexModel([("members.person_id", ASCENDING)], name="member"),
            IndexModel([("state", ASCENDING), ("_id", ASCENDING)], name="state"),
            IndexModel([("kind", ASCENDING), ("state", ASCENDING), ("_id", ASCENDING)], name="kind"),
            IndexModel([("release_until", ASCENDING)], name="release_until", sparse=True),
        )

    async def create(
        self, id: str, document: Document, events: Sequence[Outgoing], *, when: When, idempotency: Idempotency | None
    ) -> Document:
        """Register it. Raises: AlreadyRegistered, KeyReused."""
        try:
            return await self.aggregates.create(id, document, events, when=when, idempotency=idempotency)
        except AlreadyExists as exists:
            raise AlreadyRegistered from exists

    async def document(self, id: str) -> Document:
        """The document. Raises: NotFound."""
        found = await self.aggregates.find(id)
        if found is None:
            raise NotFound(id)
        return found

    async def get(self, id: str) -> Organisation:
        """The organisation. Raises: NotFound."""
        return organisation_of(await self.document(id))

    async def rewrite(
        self, id: str, decision: OrganisationDecision, *, when: When, idempotency: Idempotency | None = None
    ) -> Document:
        """Write what a decision says, decided anew if somebody else wrote meanwhile.

        Raises: NotFound, KeyReused, OutboxFull, Contended, and what the decision raises.
        """

        def change(document: Document) -> Change | None:
            rewrite = decision(organisation_of(document))
            if rewrite is None:
                return None
            timeline = [*document["timeline"], timeline_entry(rewrite.entry, when)]
            return Change({**rewrite.values, "timeline": timeline}, rewrite.remove, rewrite.events)

        try:
            return await self.aggregates.change(id, change, when=when, idempotency=idempotency)
        except NoDocument as missing:
            raise NotFound(id) from missing

    async def of_member(self, person_id: str) -> list[Document]:
        """The organisations that a person acts for, the oldest first."""
        found = self.collection.find({"members.person_id": person_id}).sort("_id", ASCENDING)
        return [document async for document in found]

    async def to_release(self) -> AsyncIterator[tuple[str, datetime]]:
        """Organisations that were suspended lately, and until when claims of theirs may still arrive."""
        async for document in self.collection.find({"release_until": {"$exists": True}}, {"release_until": 1}):
            yield document["_id"], document["release_until"]

    async def released(self, id: str, until: datetime) -> None:
        """Its adoptions are let go, if it was not suspended again meanwhile."""
        await self.collection.update_one({"_id": id, "release_until": until}, {"$unset": {"release_until": ""}})


def organisation_of(document: Document) -> Organisation:
    """The organisation of a document."""
    return Organisation(
        id=document["_id"],
        name=document["name"],
        kind=OrganisationKind(document["kind"]),
        state=OrganisationState(document["state"]),
        scope=document["scope"],
        members=tuple(Member(one["person_id"], MemberRole(one["role"]), one["name"]) for one in document["members"]),
        office_phone=document["contact"]["phone"],
    )


def member_documents(members: Sequence[Member]) -> list[Document]:
    """Members as they are stored."""
    return [{"person_id": one.person_id, "role": one.role.value, "name": one.name} for one in members]


def _once(field: str) -> IndexModel:
    return IndexModel([(field, ASCENDING)], name=field, unique=True, partialFilterExpression={field: {"$exists": True}})
