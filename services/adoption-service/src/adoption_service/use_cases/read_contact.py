"""The handler of an active adoption reads how to reach the resident; the reading is recorded first."""

from dataclasses import dataclass

from adoption_service.domain import tending
from adoption_service.domain.claims import Claims, Decided
from adoption_service.domain.errors import ContactErased, ContactNotHere
from adoption_service.domain.tending import Act
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.organisations import OrganisationStore
from adoption_service.use_cases.acting import member_actor, member_of_adoption
from adoption_service.views.contacts import Contacts
from microwish.identity.people import Person
from microwish.privacy.sealing import Sealer
from microwish.when import When


@dataclass(frozen=True)
class OpenContact:
    """How to reach the resident, in clear, and the code to say at the door."""

    name: str | None
    phone: str | None
    address: str | None
    door_code: str


async def read_contact(
    adoption_id: str,
    person: Person,
    claims: ClaimsStore,
    organisations: OrganisationStore,
    contacts: Contacts,
    sealer: Sealer,
    *,
    when: When,
) -> OpenContact:
    """Disclose the contact, after ContactRead is durable (invariant 7).

    Raises: NotFound, NotMember, NotHandler, ContactClosed, ContactNotHere, ContactErased.
    """
    wish_id, adoption, _ = await member_of_adoption(adoption_id, person, claims, organisations)
    tending.may_read_contact(adoption, person.id)
    contact = await contacts.of_wish(wish_id)
    if contact is None:
        raise ContactNotHere
    if contact.get("erased"):
        raise ContactErased
    act = Act(member_actor(person), when)

    def record(found: Claims) -> Decided:
        return tending.read_contact(found, adoption_id, act, reader_name=adoption.handler_name)

    await claims.decide(wish_id, record, when=when)
    about = f"contact:{wish_id}"
    name, phone, address = (
        sealer.open(sealed, about=about) if (sealed := contact.get(field)) else None
        for field in ("name", "phone", "address")
    )
    return OpenContact(name, phone, address, sealer.open(adoption.door_code, about=f"wish:{wish_id}"))
