"""Somebody registers an organisation and becomes its manager; staff will check it."""

from dataclasses import dataclass

from adoption_service.domain.claims import Entry
from adoption_service.domain.organisation import Member, OrganisationState
from adoption_service.store.claims_documents import timeline_entry
from adoption_service.store.organisations import OrganisationStore, member_documents
from microwish.events import Actor, Event, Role
from microwish.events.adoption import (
    FollowingChanged,
    FollowNotice,
    MemberChanged,
    MemberRole,
    OrganisationKind,
    OrganisationRegistered,
)
from microwish.events.contact import ContactKind, OrganisationContactSaved
from microwish.privacy.sealing import BlindIndex, Sealer
from microwish.store.aggregate import Idempotency
from microwish.store.mongo import Document
from microwish.when import When


@dataclass(frozen=True)
class RegisterOrganisation:
    """Exactly one of uscc (checked) and branch_id is given. contact_phone: normalised. scope: a division prefix."""

    person_id: str
    name: str
    kind: OrganisationKind
    scope: str
    contact_name: str
    contact_phone: str
    uscc: str | None = None
    branch_id: str | None = None


async def register_organisation(
    command: RegisterOrganisation,
    organisations: OrganisationStore,
    sealer: Sealer,
    blind_index: BlindIndex,
    *,
    id: str,
    when: When,
    idempotency: Idempotency | None = None,
) -> Document:
    """Keep it as pending, with its contact sealed; it follows its own scope. Raises: AlreadyRegistered, KeyReused."""
    by = Actor(person_id=command.person_id, role=Role.RESIDENT)
    contact = OrganisationContactSaved(
        contact_id=id,
        kind=ContactKind.ORGANISATION,
        person_id=command.person_id,
        name=sealer.seal(command.contact_name, about=f"contact:{id}"),
        phone=sealer.seal(command.contact_phone, about=f"contact:{id}"),
        phone_index=blind_index.of(command.contact_phone),
    )
    following = FollowingChanged(
        organisation_id=id, by=by, communities=[command.scope], categories=[], notify=FollowNotice.DIGEST
    )
    registered = OrganisationRegistered(
        organisation_id=id, by=by, name=command.name, kind=command.kind, scope=command.scope, manager_id=by.person_id
    )
    manages = MemberChanged(organisation_id=id, by=by, person_id=command.person_id, role=MemberRole.MANAGER)
    manager_name = sealer.seal(command.contact_name, about=f"organisation:{id}")
    document: Document = {
        "name": command.name,
        "kind": command.kind.value,
        "state": OrganisationState.PENDING.value,
        "scope": command.scope,
        "contact": {"name": contact.name, "phone": contact.phone, "person_id": command.person_id},
        "members": member_documents([Member(command.person_id, MemberRole.MANAGER, manager_name)]),
        "following": following.model_dump(mode="json", include={"communities", "categories", "notify"}),
        "registered_at": when.at,
        "timeline": [timeline_entry(Entry("OrganisationRegistered", by), when)],
    }
    for field, value in {"uscc": command.uscc, "branch_id": command.branch_id}.items():
        if value is not None:
            document[field] = value
    events: list[Event] = [registered, manages, following, contact]
    return await organisations.create(id, document, events, when=when, idempotency=idempotency)
