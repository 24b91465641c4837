"""The truth about organisations: `organisations`, one document each.

{_id, name, kind, state, uscc? | branch_id?, scope, contact: {name, phone sealed, person_id?},
 members: [{person_id, role, name}], following: {communities, categories, notify}, registered_at, timeline,
 invitations?: [{id, role, name, phone, phone_index, at, until}], limit?: {allowed, until}, change?: {id, name, scope},
 contact_was?: who was to be called until they were forgotten, release_until?: while a suspension takes adoptions back,
 departed?: [{person_id, successor, until}], …}
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adoption_service.domain.claims import Entry
from adoption_service.domain.errors import AlreadyRegistered, NotFound
from adoption_service.domain.organisation import (
    Departed,
    Invitation,
    Limit,
    Member,
    Organisation,
    OrganisationState,
    PendingChange,
)
from adoption_service.store.claims_documents import timeline_entry
from microwish.events.adoption import MemberRole, OrganisationKind
from microwish.store.aggregate import Aggregates, Change, Idempotency
from microwish.store.grouped import GroupedFinds
from microwish.store.lease import OutboxRelay
from microwish.store.mongo import ASCENDING, Database, Document, IndexModel, of_majority
from microwish.store.outbox import Outgoing
from microwish.store.refusals import AlreadyExists
from microwish.store.refusals import NotFound as NoDocument
from microwish.when import When

BATCH = 100
OrganisationDecision = Callable[[Organisation], "Rewrite | None"]
"""Looks at the organisation and says what to write."""


@dataclass(frozen=True)
class Rewrite:
    """Fields to set (dotted paths) or remove, events to announce, and one line of the timeline.

    about: what else the line says, such as whose membership changed.
    """

    values: Mapping[str, Any]
    events: Sequence[Outgoing]
    entry: Entry
    remove: Sequence[str] = ()
    about: Mapping[str, Any] = field(default_factory=dict)


class OrganisationStore:
    """Reads and guarded writes of organisations."""

    def __init__(self, db: Database, *, relay: OutboxRelay | None = None) -> None:
        self.collection = db.get_collection("organisations")
        self.aggregates = Aggregates(self.collection, relay=relay)
        # Who registered it stands in the first line of its timeline; the rest of it is long and not asked for.
        self._together = GroupedFinds(of_majority(self.collection), {"timeline": {"$slice": 1}, "outbox": 0})

    async def ensure_indexes(self) -> None:
        """Each credit code and branch identifier once; by member; for lists; those being released."""
        await self.aggregates.ensure_indexes(
            _once("uscc"),
            _once("branch_id"),
            IndexModel([("members.person_id", ASCENDING)], name="member"),
            IndexModel([("state", ASCENDING), ("_id", ASCENDING)], name="state"),
            IndexModel([("kind", ASCENDING), ("state", ASCENDING), ("_id", ASCENDING)], name="kind"),
            IndexModel([("release_until", ASCENDING)], name="release_until", sparse=True),
            IndexModel([("invitations.id", ASCENDING)], name="invitation", sparse=True),
            IndexModel([("invitations.phone_index", ASCENDING)], name="invited_phone", sparse=True),
            IndexModel([("departed.person_id", ASCENDING)], name="departed", sparse=True),
            IndexModel([("change.id", ASCENDING)], name="change", sparse=True),
            IndexModel([("contact.person_id", ASCENDING)], name="contact_person", sparse=True),
            IndexModel([("contact_was", ASCENDING)], name="contact_was", sparse=True),
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
        """The organisation as it is now, read together with others that are asked for at this moment.

        Raises: NotFound.
        """
        found = await self._together.find(id)
        if found is None:
            raise NotFound(id)
        return organisation_of(found)

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
            timeline = [*document["timeline"], {**timeline_entry(rewrite.entry, when), **rewrite.about}]
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

    async def with_invitations(self, *, after: str) -> list[Organisation]:
        """Some organisations that wait for somebody, in the order of their ids, from the one after `after`."""
        waiting = {"invitations.id": {"$exists": True}, "_id": {"$gt": after}}
        found = self.collection.find(waiting).sort("_id", ASCENDING).limit(BATCH)
        return [organisation_of(document) async for document in found]

    async def inviting(self, phone_index: str) -> list[Organisation]:
        """The organisations that wait for somebody with this phone."""
        return [organisation_of(one) async for one in self.collection.find({"invitations.phone_index": phone_index})]

    async def with_departed(self) -> list[Organisation]:
        """Some organisations with a manager, of which somebody left whose adoptions may need another handler."""
        found = self.collection.find({"departed.person_id": {"$exists": True}, "members.role": "manager"}).limit(BATCH)
        return [organisation_of(document) async for document in found]

    async def seen_to(self, id: str, gone: Departed) -> None:
        """Nothing is left of what this member handled."""
        mark = {"person_id": gone.person_id, "until": gone.until}
        await self.collection.update_one({"_id": id}, {"$pull": {"departed": mark}, "$inc": {"revision": 1}})

    async def called_at(self, person_id: str) -> list[str]:
        """Organisations that could be called at this person's phone until they were forgotten."""
        return [one["_id"] async for one in self.collection.find({"contact_was": person_id}, {"_id": 1})]

    async def naming(self, person_id: str) -> list[str]:
        """Organisations that hold a name of this person: as a member, or as the one to call."""
        named = {"$or": [{"members.person_id": person_id}, {"contact.person_id": person_id}, _registered_by(person_id)]}
        return [document["_id"] async for document in self.collection.find(named, {"_id": 1})]


def organisation_of(document: Document) -> Organisation:
    """The organisation of a document."""
    change, limit = document.get("change"), document.get("limit")
    return Organisation(
        id=document["_id"],
        name=document["name"],
        kind=OrganisationKind(document["kind"]),
        state=OrganisationState(document["state"]),
        scope=document["scope"],
        members=tuple(Member(one["person_id"], MemberRole(one["role"]), one["name"]) for one in document["members"]),
        office_phone=document["contact"]["phone"],
        invitations=tuple(_invitation(one) for one in document.get("invitations", [])),
        limit=Limit(limit["allowed"], limit["until"]) if limit else None,
        change=PendingChange(change["id"], change["name"], change["scope"]) if change else None,
        departed=tuple(Departed(**one) for one in document.get("departed", [])),
        contact_person=_contact_person(document),
    )


def member_documents(members: Sequence[Member]) -> list[Document]:
    """Members as they are stored."""
    return [{"person_id": one.person_id, "role": one.role.value, "name": one.name} for one in members]


def invitation_documents(invitations: Sequence[Invitation]) -> list[Document]:
    """Invitations as they are stored."""
    return [{**vars(one), "role": one.role.value} for one in invitations]


def departed_documents(departed: Sequence[Departed]) -> list[Document]:
    """Those who left as they are stored."""
    return [dict(vars(one)) for one in departed]


def _contact_person(document: Document) -> str | None:
    """Whose name stands as the one to call: kept with the contact, or, where it is older, who registered it."""
    registered_by = document["timeline"][0]["by"].get("person_id")
    person_id: str | None = document["contact"].get("person_id", registered_by)
    return person_id


def _registered_by(person_id: str) -> Document:
    """Contacts from before the person was kept with them."""
    return {"contact.person_id": {"$exists": False}, "timeline.0.by.person_id": person_id}


def _invitation(stored: Document) -> Invitation:
    return Invitation(**{**stored, "role": MemberRole(stored["role"])})


def _once(path: str) -> IndexModel:
    return IndexModel([(path, ASCENDING)], name=path, unique=True, partialFilterExpression={path: {"$exists": True}})
