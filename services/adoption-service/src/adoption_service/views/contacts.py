"""How to reach people and wishes, as contact.v1 tells it; every field stays sealed for `contact:<id>`."""

from collections.abc import Iterable
from typing import Any

from microwish.events import Envelope, UnknownEvent
from microwish.events.contact import ContactKind, ContactSaved
from microwish.messaging.streams import Outcome
from microwish.privacy.phones import normalise_phone
from microwish.privacy.sealing import BlindIndex
from microwish.store.mongo import ASCENDING, Database, Document, IndexModel
from microwish.store.views import REMOVE, View

KEPT = frozenset({ContactKind.PERSON, ContactKind.WISH})
FIELDS = ("person_id", "name", "phone", "address", "phone_index")


class Contacts:
    """The view: {_id: contact id, contact: {version, kind, person_id, name, phone, address, phone_index}}."""

    def __init__(self, db: Database, blind_index: BlindIndex) -> None:
        self._blind_index = blind_index
        by_phone = IndexModel(
            [("contact.phone_index", ASCENDING), ("contact.kind", ASCENDING)],
            name="phone",
            partialFilterExpression={"contact.phone_index": {"$exists": True}},
        )
        self.view = View(db, "contacts", indexes=[by_phone])

    async def take(self, event: Envelope) -> Outcome:
        """Keep the newest state of a contact; organisations' are this service's own and are not kept twice."""
        try:
            payload = event.payload()
        except UnknownEvent:
            return Outcome.OLD
        if not isinstance(payload, ContactSaved) or payload.kind not in KEPT:
            return Outcome.OLD
        changes: dict[str, Any] = {"kind": payload.kind.value, "erased": REMOVE}
        for name in FIELDS:
            value = getattr(payload, name)
            changes[name] = REMOVE if value is None else value
        return await self.view.newest(event.subject, "contact", event.version, changes)

    async def erase(self, contact_id: str, version: int = 0) -> None:
        """Forget a contact, and whatever older may still come of it."""
        await self.view.erase(contact_id, "contact", version)

    async def of_wish(self, wish_id: str) -> Document | None:
        """The sealed contact of a wish; {"erased": True} if it was erased; None if it has not arrived."""
        row = await self.view.rows.find_one({"_id": wish_id})
        return row["contact"] if row else None

    async def person_by_phone(self, phone: str) -> tuple[str, str | None] | None:
        """Who signed in with this phone: the person's id, and their name (sealed for `contact:<id>`) if known."""
        people = await self._people([self._blind_index.of(normalise_phone(phone))])
        return (_person_of(people[-1]), people[-1]["contact"].get("name")) if people else None

    async def people_by_index(self, phone_indexes: Iterable[str]) -> dict[str, str]:
        """Who has these phones now: the person by phone index; phones that nobody has signed in with are missing."""
        return {row["contact"]["phone_index"]: _person_of(row) for row in await self._people(list(phone_indexes))}

    async def phone_index_of(self, person_id: str) -> str | None:
        """The phone that a person has, as its index; None if it is not known (any more)."""
        row = await self.view.rows.find_one({"_id": person_id, "contact.kind": ContactKind.PERSON.value})
        index: str | None = row["contact"].get("phone_index") if row else None
        return index

    async def _people(self, phone_indexes: list[str]) -> list[Document]:
        """The newest last: where somebody was forgotten and came back, the erasure may still be on its way."""
        wanted = {"contact.phone_index": {"$in": phone_indexes}, "contact.kind": ContactKind.PERSON.value}
        return [row async for row in self.view.rows.find(wanted).sort("_id", ASCENDING)]


def _person_of(row: Document) -> str:
    return str(row["contact"].get("person_id") or row["_id"])
