"""How to reach people: the newest contact of each person, wish and organisation; erased ones stay erased."""

from dataclasses import dataclass

from microwish.events import Envelope, UnknownEvent
from microwish.events.contact import ContactSaved
from microwish.messaging.streams import Outcome
from microwish.privacy.sealing import Sealer
from microwish.store.mongo import ASCENDING, Database, Document, IndexModel
from microwish.store.views import View

_OF_ONE_PHONE = 1000
_KEPT = ("kind", "person_id", "phone", "openid", "phone_index")


@dataclass(frozen=True)
class KnownContact:
    """A contact in clear, for the moment of sending only. `erased`: the person asked to be forgotten."""

    id: str
    phone: str | None = None
    openid: str | None = None
    erased: bool = False
    phone_index: str | None = None


class Contacts:
    """The view `contacts`. Phones rest sealed; names and addresses are not kept, messages don't need them."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._sealer = sealer
        self.view = View(db, "contacts", indexes=[IndexModel([("contact.phone_index", ASCENDING)], name="phone")])

    async def apply(self, event: Envelope) -> Outcome:
        """Take the newest contact; a type of a newer release means nothing here."""
        try:
            payload = event.payload()
        except UnknownEvent:
            return Outcome.OLD
        assert isinstance(payload, ContactSaved)
        fields = {name: event.data.get(name) for name in _KEPT}
        return await self.view.newest(payload.contact_id, "contact", event.version, fields)

    async def erase(self, contact_id: str, version: int = 0) -> str | None:
        """Forget it; its phone index, so that what was shown there can be forgotten too."""
        row = await self.view.rows.find_one({"_id": contact_id})
        await self.view.erase(contact_id, "contact", version)
        index: str | None = (row or {}).get("contact", {}).get("phone_index")
        return index

    async def find(self, contact_id: str) -> KnownContact | None:
        """The contact in clear, or None while nothing of it has come. Raises: CannotOpen."""
        row = await self.view.find(contact_id)
        return self._opened(row) if row else None

    async def phone_indexes(self, contact_ids: list[str]) -> dict[str, str]:
        """The phone indexes of these contacts."""
        rows = self.view.rows.find({"_id": {"$in": contact_ids}}, {"contact.phone_index": 1})
        return {row["_id"]: row["contact"].get("phone_index") or "" async for row in rows}

    async def with_phone(self, phone_index: str) -> list[str]:
        """The contacts whose phone this is: a person's, and those of wishes and invitations."""
        rows = self.view.rows.find({"contact.phone_index": phone_index}, {"_id": 1}).limit(_OF_ONE_PHONE)
        return [row["_id"] async for row in rows]

    async def has_phone(self, contact_id: str, phone_index: str) -> bool:
        """Whether this is that contact's phone."""
        found = await self.view.rows.find_one({"_id": contact_id, "contact.phone_index": phone_index}, {"_id": 1})
        return found is not None

    def _opened(self, row: Document) -> KnownContact:
        contact = row["contact"]
        about = f"contact:{row['_id']}"

        def opened(name: str) -> str | None:
            token = contact.get(name)
            return self._sealer.open(token, about=about) if token else None

        erased = bool(contact.get("erased"))
        return KnownContact(row["_id"], opened("phone"), opened("openid"), erased, contact.get("phone_index"))
