"""A manager changes what is known of the organisation: how to reach it at once, name and area once staff agree."""

from dataclasses import dataclass, replace
from typing import Any

from adoption_service.domain.claims import Entry
from adoption_service.domain.organisation import Organisation, OrganisationState, PendingChange
from adoption_service.store.organisations import OrganisationStore, Rewrite
from adoption_service.use_cases.acting import member_actor
from microwish.events import Actor
from microwish.events.adoption import OrganisationChanged
from microwish.events.contact import ContactKind, OrganisationContactSaved
from microwish.identity.people import Person
from microwish.privacy.sealing import BlindIndex, CannotOpen, Sealer
from microwish.store.aggregate import Idempotency
from microwish.store.mongo import Document
from microwish.store.outbox import Outgoing
from microwish.when import When

TRUSTED = frozenset({OrganisationState.VERIFIED, OrganisationState.SUSPENDED})
"""Staff have checked name and area: others take their place only when staff have checked those too."""


@dataclass(frozen=True)
class NewContact:
    """Whom to call. phone: normalised."""

    name: str
    phone: str


@dataclass(frozen=True)
class ChangeOrganisation:
    """What is to be different; None stays as it is. id: of the change, while it waits for staff."""

    organisation_id: str
    id: str
    name: str | None = None
    scope: str | None = None
    contact: NewContact | None = None


async def change_organisation(
    command: ChangeOrganisation,
    manager: Person,
    organisations: OrganisationStore,
    sealer: Sealer,
    blind_index: BlindIndex,
    *,
    when: When,
    idempotency: Idempotency | None = None,
) -> Document:
    """Change it. What staff have not checked yet is changed at once, and one they refused waits for them again.

    Raises: NotFound, NotMember, NotManager, KeyReused.
    """

    def change(organisation: Organisation) -> Rewrite | None:
        organisation.manager(manager.id)
        by = member_actor(manager)
        values: dict[str, Any] = {}
        events: list[Outgoing] = []
        fields: list[str] = []
        if command.contact is not None:
            contact = _contact(organisation, command.contact, sealer, blind_index)
            values["contact"] = {"name": contact.name, "phone": contact.phone, "person_id": contact.person_id}
            events.append(contact)
            fields.append("contact")
        asked = organisation.change or organisation
        wanted = PendingChange(command.id, command.name or asked.name, command.scope or asked.scope)
        facts = _facts(organisation, wanted, by) if command.name or command.scope else None
        if facts is None and not fields:
            return None
        what = facts.entry.what if facts else "ContactChanged"
        values |= facts.values if facts else {}
        events += facts.events if facts else []
        fields += [name for name in ("name", "scope") if facts and getattr(wanted, name) != getattr(organisation, name)]
        return Rewrite(values, events, Entry(what, by), facts.remove if facts else (), {"fields": fields})

    return await organisations.rewrite(command.organisation_id, change, when=when, idempotency=idempotency)


def changed(organisation: Organisation, by: Actor) -> OrganisationChanged:
    """Its public facts as they are now."""
    return OrganisationChanged(
        organisation_id=organisation.id,
        by=by,
        name=organisation.name,
        kind=organisation.kind,
        scope=organisation.scope,
    )


def _facts(organisation: Organisation, wanted: PendingChange, by: Actor) -> Rewrite | None:
    waits = organisation.change
    if waits is not None and (wanted.name, wanted.scope) == (waits.name, waits.scope):
        return None
    if (wanted.name, wanted.scope) == (organisation.name, organisation.scope):
        return Rewrite({}, [], Entry("ChangeWithdrawn", by), ["change"]) if waits is not None else None
    if organisation.state in TRUSTED:
        return Rewrite({"change": dict(vars(wanted))}, [], Entry("ChangeProposed", by))
    after = replace(organisation, name=wanted.name, scope=wanted.scope)
    values = {"name": after.name, "scope": after.scope, "state": OrganisationState.PENDING.value}
    return Rewrite(values, [changed(after, by)], Entry("OrganisationChanged", by))


def _contact(
    organisation: Organisation, contact: NewContact, sealer: Sealer, blind_index: BlindIndex
) -> OrganisationContactSaved:
    about = f"contact:{organisation.id}"
    return OrganisationContactSaved(
        contact_id=organisation.id,
        kind=ContactKind.ORGANISATION,
        person_id=_whose(organisation, contact.name, sealer),
        name=sealer.seal(contact.name, about=about),
        phone=sealer.seal(contact.phone, about=about),
        phone_index=blind_index.of(contact.phone),
    )


def _whose(organisation: Organisation, name: str, sealer: Sealer) -> str | None:
    """The member of this name: their name goes from here when they ask to be forgotten."""
    for member in organisation.members:
        try:
            if sealer.open(member.name, about=f"organisation:{organisation.id}") == name:
                return member.person_id
        except CannotOpen:
            continue
    return None
