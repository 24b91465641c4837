"""A manager says who acts for the organisation."""

from dataclasses import dataclass

from adoption_service.domain.claims import Entry
from adoption_service.domain.errors import Invalid
from adoption_service.domain.organisation import Member, Organisation
from adoption_service.store.organisations import OrganisationStore, Rewrite, member_documents
from adoption_service.use_cases.acting import member_actor
from adoption_service.views.contacts import Contacts
from microwish.events.adoption import MemberChanged, MemberRole
from microwish.identity.people import Person
from microwish.privacy.sealing import CannotOpen, Sealer
from microwish.store.aggregate import Idempotency
from microwish.store.mongo import Document
from microwish.when import When


@dataclass(frozen=True)
class AddMember:
    """phone: normalised. name: as the resident will read it; None takes the one the person gave themselves."""

    organisation_id: str
    phone: str
    role: MemberRole
    name: str | None


async def add_member(
    command: AddMember,
    manager: Person,
    organisations: OrganisationStore,
    contacts: Contacts,
    sealer: Sealer,
    *,
    when: When,
    idempotency: Idempotency | None = None,
) -> tuple[Document, str]:
    """Add a person who has signed in once, or change their role; the organisation and the person's id.

    Raises: NotFound, NotMember, NotManager, Invalid (phone unknown, name missing), LastManager, KeyReused.
    """
    (await organisations.get(command.organisation_id)).manager(manager.id)
    found = await contacts.person_by_phone(command.phone)
    if found is None:
        raise Invalid("phone", "field.person_unknown")
    person_id, own_name = found
    name = command.name or _opened(sealer, own_name, person_id)
    if not name:
        raise Invalid("name", "field.name_needed")
    member = Member(person_id, command.role, sealer.seal(name, about=f"organisation:{command.organisation_id}"))

    def add(organisation: Organisation) -> Rewrite:
        organisation.manager(manager.id)
        by = member_actor(manager)
        event = MemberChanged(organisation_id=organisation.id, by=by, person_id=person_id, role=command.role)
        members = member_documents(organisation.with_member(member))
        return Rewrite({"members": members}, [event], Entry("MemberChanged", by))

    document = await organisations.rewrite(command.organisation_id, add, when=when, idempotency=idempotency)
    return document, person_id


async def remove_member(
    organisation_id: str, person_id: str, manager: Person, organisations: OrganisationStore, *, when: When
) -> Document:
    """End a membership. Raises: NotFound, NotMember, NotManager, LastManager."""

    def remove(organisation: Organisation) -> Rewrite:
        organisation.manager(manager.id)
        by = member_actor(manager)
        event = MemberChanged(organisation_id=organisation.id, by=by, person_id=person_id)
        members = member_documents(organisation.without_member(person_id))
        return Rewrite({"members": members}, [event], Entry("MemberChanged", by))

    return await organisations.rewrite(organisation_id, remove, when=when)


def _opened(sealer: Sealer, name: str | None, contact_id: str) -> str | None:
    if name is None:
        return None
    try:
        return sealer.open(name, about=f"contact:{contact_id}")
    except CannotOpen:
        return None
