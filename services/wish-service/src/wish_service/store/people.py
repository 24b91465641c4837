"""The people: who signed in or was named by staff, found by the keyed hash of their phone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from microwish.events import Actor, Event, Role
from microwish.events.wish import PersonErased, StaffAssigned
from microwish.ids import uuid7
from microwish.store.aggregate import Aggregates, Change, Decide
from microwish.store.grouped import GroupedFinds
from microwish.store.mongo import ASCENDING, Document, IndexModel
from microwish.store.outbox import Tombstone
from microwish.store.refusals import AlreadyExists, Contended
from microwish.when import When
from wish_service.domain.people import KnownPerson, contact_of
from wish_service.store.seals import Seals

_ERASING: Document = {"erasing_since": {"$type": "date"}}


@dataclass(frozen=True)
class Erasing:
    """Somebody of whom something may be left. since: when they asked; rows: of imports that hold their contact."""

    id: str
    since: datetime
    rows: Mapping[str, Sequence[int]]


class People:
    """The collection of people. A phone belongs to one person, whoever asks first and however many at once."""

    def __init__(self, aggregates: Aggregates, seals: Seals) -> None:
        self.aggregates = aggregates
        self._seals = seals
        # Every request that brings a token asks this one question: those of the same moment ask it together.
        self._marks = GroupedFinds(aggregates.collection, {"erased_at": 1})

    async def ensure_indexes(self) -> None:
        """The phone is unique; staff are listed by what they serve."""
        await self.aggregates.ensure_indexes(
            IndexModel([("phone_index", ASCENDING)], name="phone", unique=True),
            IndexModel([("communities", ASCENDING)], name="staff"),
            IndexModel([("erasing_since", ASCENDING)], name="erasing", partialFilterExpression=_ERASING),
        )

    async def find(self, id: str) -> KnownPerson | None:
        """The person; None also for one who asked to be forgotten."""
        document = await self.aggregates.find(id)
        return _person(document) if document and not _erased(document) else None

    async def by_phone(self, phone: str) -> KnownPerson | None:
        """The person with this normalised phone, or None."""
        document = await self.aggregates.collection.find_one({"phone_index": self._seals.index(phone)})
        return _person(document) if document else None

    async def with_phone(self, phone: str, *, when: When, by: Actor | None = None) -> KnownPerson:
        """The person with this normalised phone, created if nobody has it yet (ContactSaved)."""
        known = await self.by_phone(phone)
        if known:
            return known
        new_id = uuid7()
        person = KnownPerson(new_id, self._seals.for_person(new_id, phone), self._seals.index(phone))
        line = {"at": when.at, "what": "PersonKnown", "by": _actor(by or Actor(person_id=new_id, role=Role.RESIDENT))}
        state = {**_document(person), "created_at": when.at, "timeline": [line]}
        try:
            await self.aggregates.create(new_id, state, [contact_of(person)], when=when)
        except AlreadyExists:
            # Another request for the same phone was faster: the unique index let only its person in.
            return await self._must_know(phone)
        return person

    async def assign(
        self, person: KnownPerson, communities: list[str], name: str | None, *, by: Actor, when: When
    ) -> KnownPerson:
        """Let the person serve these divisions from now on; an empty list ends it (StaffAssigned, ContactSaved).

        Raises: Contended, if they were forgotten a moment ago.
        """
        sealed_name = self._seals.for_person(person.id, name) if name else None

        def decide(document: Document) -> Change:
            if _erased(document):
                raise Contended(person.id)
            now = _person(document)
            named = KnownPerson(now.id, now.phone, now.phone_index, sealed_name or now.name, tuple(communities))
            line = {"at": when.at, "what": "StaffAssigned", "by": _actor(by), "communities": communities}
            events: list[Event] = [StaffAssigned(person_id=now.id, communities=communities, by=by)]
            if sealed_name:
                events.insert(0, contact_of(named))
            return Change(
                set={"communities": communities, "name": named.name, "timeline": [*document["timeline"], line]},
                events=events,
            )

        return _person(await self.aggregates.change(person.id, decide, when=when))

    async def reassign(self, code: str, to: str, *, by: Actor, when: When) -> int:
        """Let whoever serves a division serve another in its place (StaffAssigned); returns how many. Repeatable."""
        serving = await self.aggregates.collection.find({"communities": code}, {"_id": 1}).to_list(None)
        for row in serving:
            await self.aggregates.change(row["_id"], _reassigned(code, to, by, when), when=when)
        return len(serving)

    async def erase(
        self, person: KnownPerson, wish_ids: Sequence[str], rows: Mapping[str, Sequence[int]], *, when: When
    ) -> None:
        """Leave nothing of the person but that there was one (PersonErased, and a tombstone for their contact).

        wish_ids: their wishes, whose contacts are to be forgotten too; rows: of imports that hold their contact, by
        import. Both are seen to afterwards (`erasing`). Nothing if it was done before.
        """
        by = Actor(person_id=person.id, role=Role.RESIDENT)

        def decide(document: Document) -> Change | None:
            if _erased(document):
                return None
            line = {"at": when.at, "what": "PersonErased", "by": _actor(by)}
            return Change(
                set={
                    "phone_index": f"erased:{person.id}",  # unique like any other, and no phone's
                    "communities": [],
                    "erased_at": when.at,
                    "erasing_since": when.recorded_at,
                    "erasing_rows": {import_id: list(numbers) for import_id, numbers in rows.items()},
                    "timeline": [*document["timeline"], line],
                },
                remove=["phone", "name"],
                events=[
                    PersonErased(person_id=person.id, contact_ids=[person.id, *wish_ids]),
                    Tombstone(person.id),
                ],
            )

        await self.aggregates.change(person.id, decide, when=when)

    async def gone(self, person_id: str) -> bool:
        """Whether the person asked to be forgotten."""
        document = await self._marks.find(person_id)
        return document is not None and _erased(document)

    async def erasing(self) -> list[Erasing]:
        """Those who asked to be forgotten and of whom something may be left, the longest waiting first."""
        found = self.aggregates.collection.find(_ERASING).sort("erasing_since", ASCENDING)
        return [Erasing(row["_id"], row["erasing_since"], row["erasing_rows"]) async for row in found]

    async def erased(self, person_id: str) -> None:
        """Nothing is left of the person."""
        await self.aggregates.collection.update_one(
            {"_id": person_id}, {"$unset": {"erasing_since": "", "erasing_rows": ""}}
        )

    async def staff(self, *, limit: int = 500) -> list[KnownPerson]:
        """Everybody who serves some division."""
        # The index is named, as the planner might rather go through all people in the order of their ids.
        serving = self.aggregates.collection.find({"communities": {"$gt": ""}}).hint("staff")
        return [_person(document) for document in await serving.sort("_id", ASCENDING).limit(limit).to_list(limit)]

    def phone_of(self, person: KnownPerson) -> str:
        """The phone in clear, for masking it. Raises: CannotOpen."""
        return self._seals.of_person(person.id, person.phone)

    def name_of(self, person: KnownPerson) -> str | None:
        """The name in clear, if there is one. Raises: CannotOpen."""
        return self._seals.of_person(person.id, person.name) if person.name else None

    async def _must_know(self, phone: str) -> KnownPerson:
        known = await self.by_phone(phone)
        if known is None:
            raise AlreadyExists("phone")
        return known


def _document(person: KnownPerson) -> Document:
    return {
        "phone": person.phone,
        "phone_index": person.phone_index,
        "name": person.name,
        "communities": list(person.communities),
    }


def _person(document: Document) -> KnownPerson:
    return KnownPerson(
        id=document["_id"],
        phone=document["phone"],
        phone_index=document["phone_index"],
        name=document.get("name"),
        communities=tuple(document.get("communities", ())),
    )


def _erased(document: Document) -> bool:
    return "erased_at" in document


def _actor(actor: Actor) -> Document:
    return actor.model_dump(mode="json", exclude_none=True)


def _reassigned(code: str, to: str, by: Actor, when: When) -> Decide:
    def decide(document: Document) -> Change | None:
        if code not in document["communities"]:
            return None
        communities = sorted({to if served == code else served for served in document["communities"]})
        line = {"at": when.at, "what": "StaffAssigned", "by": _actor(by), "communities": communities}
        event = StaffAssigned(person_id=document["_id"], communities=communities, by=by)
        return Change(
            set={"communities": communities, "timeline": [*document["timeline"], line]},
            events=[event],
        )

    return decide
