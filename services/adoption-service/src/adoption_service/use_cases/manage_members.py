"""Who acts for an organisation: added, invited, handed the manager's role, gone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from adoption_service.domain import membership
from adoption_service.domain.claims import Entry
from adoption_service.domain.errors import Forbidden, Invalid
from adoption_service.domain.organisation import Member, Organisation
from adoption_service.store.erasures import Erasures
from adoption_service.store.organisations import OrganisationStore, Rewrite, departed_documents, member_documents
from adoption_service.use_cases.acting import member_actor, staff_actor
from adoption_service.use_cases.invite_member import Invite, invite
from adoption_service.views.contacts import Contacts
from microwish.events import Actor
from microwish.events.adoption import MemberChanged, MemberRole
from microwish.identity.people import Person
from microwish.privacy.phones import is_mobile
from microwish.privacy.sealing import BlindIndex, CannotOpen, Sealer
from microwish.store.aggregate import Idempotency
from microwish.store.mongo import Document
from microwish.when import When


@dataclass(frozen=True)
class Membership:
    """What these use cases work with. invitation: how long one waits."""

    organisations: OrganisationStore
    contacts: Contacts
    erasures: Erasures
    sealer: Sealer
    blind_index: BlindIndex
    invitation: timedelta


@dataclass(frozen=True)
class AddMember:
    """phone: normalised. name: as the resident will read it; None takes the one the person gave themselves.

    id: of the invitation, if nobody has signed in with the phone yet.
    """

    organisation_id: str
    phone: str
    role: MemberRole
    name: str | None
    id: str


async def add_member(
    command: AddMember, manager: Person, kept: Membership, *, when: When, idempotency: Idempotency | None = None
) -> Document:
    """Add a person who has signed in once, or change their role; who has not is invited, by a verified organisation.

    Raises: NotFound, NotMember, NotManager, NotVerified, Invalid (name missing), LastManager, TooManyInvitations,
    KeyReused.
    """
    (await kept.organisations.get(command.organisation_id)).manager(manager.id)
    by = member_actor(manager)

    def may(organisation: Organisation, invites: bool) -> None:
        organisation.manager(manager.id)
        if invites:
            # Strangers are written to in the name of organisations that staff know, not of whoever registers one.
            organisation.may_claim()

    return await _add(command, by, kept, may, when=when, idempotency=idempotency)


async def name_manager(
    command: AddMember,
    reason: str,
    staff: Person,
    kept: Membership,
    *,
    when: When,
    idempotency: Idempotency | None = None,
) -> Document:
    """Staff of its scope name a manager where none is left, or none can be reached; who and why is in its timeline.

    Raises: NotFound, Forbidden, Invalid (name missing), TooManyInvitations, KeyReused.
    """
    if not staff.serves((await kept.organisations.get(command.organisation_id)).scope):
        raise Forbidden
    why = kept.sealer.seal(reason, about=f"organisation:{command.organisation_id}")

    def may(organisation: Organisation, _invites: bool) -> None:
        if not staff.serves(organisation.scope):
            raise Forbidden

    return await _add(command, staff_actor(staff), kept, may, when=when, idempotency=idempotency, why=why)


async def hand_on_manager(
    organisation_id: str,
    person_id: str,
    manager: Person,
    organisations: OrganisationStore,
    *,
    when: When,
    idempotency: Idempotency | None = None,
) -> Document:
    """Make another member the manager and become a handler oneself, in one write.

    Raises: NotFound, NotMember, NotManager, Invalid (person_id), KeyReused.
    """

    def hand_on(organisation: Organisation) -> Rewrite:
        by, after, events = member_actor(manager), organisation, []
        for member in membership.handed_on(organisation, manager.id, person_id):
            after = membership.with_member(after, member)
            events.append(_changed(organisation.id, by, member.person_id, member.role))
        about = {"person_id": person_id, "role": MemberRole.MANAGER.value}
        return Rewrite(_members(after), events, Entry("ManagerHandedOn", by), about=about)

    return await organisations.rewrite(organisation_id, hand_on, when=when, idempotency=idempotency)


async def remove_member(
    organisation_id: str, person_id: str, person: Person, organisations: OrganisationStore, *, when: When
) -> Document:
    """End a membership: a manager anybody's, everybody their own. What the member handles gets another handler.

    Raises: NotFound, NotMember, NotManager, LastManager.
    """

    def remove(organisation: Organisation) -> Rewrite:
        if person.id != person_id:
            organisation.manager(person.id)
        by = member_actor(person)
        after = membership.left(organisation, person_id, person.id, when.recorded_at)
        events = [_changed(organisation.id, by, person_id, None)]
        return Rewrite(_members(after), events, Entry("MemberChanged", by), about={"person_id": person_id})

    return await organisations.rewrite(organisation_id, remove, when=when)


async def _add(
    command: AddMember,
    by: Actor,
    kept: Membership,
    may: Callable[[Organisation, bool], None],
    *,
    when: When,
    idempotency: Idempotency | None,
    why: str | None = None,
) -> Document:
    found = await kept.contacts.person_by_phone(command.phone)
    known = found if found is not None and not await kept.erasures.has(found[0]) else None
    name = command.name or (_opened(kept.sealer, known[1], known[0]) if known else None)
    if not name:
        raise Invalid("name", "field.name_needed")
    if known is None:
        if not is_mobile(command.phone):
            raise Invalid("phone", "field.mobile_needed")
        asked = Invite(command.id, command.organisation_id, command.phone, command.role, name, kept.invitation)
        return await invite(
            asked,
            by,
            kept.organisations,
            kept.sealer,
            kept.blind_index,
            may,
            when=when,
            idempotency=idempotency,
            why=why,
        )
    sealed = kept.sealer.seal(name, about=f"organisation:{command.organisation_id}")
    member = Member(known[0], command.role, sealed)

    def add(organisation: Organisation) -> Rewrite:
        may(organisation, False)
        after = membership.with_member(organisation, member)
        events = [_changed(organisation.id, by, member.person_id, member.role)]
        about = {"person_id": member.person_id, "role": member.role.value}
        return Rewrite(_members(after), events, Entry("MemberChanged", by, why=why), about=about)

    return await kept.organisations.rewrite(command.organisation_id, add, when=when, idempotency=idempotency)


def _members(organisation: Organisation) -> Document:
    return {
        "members": member_documents(organisation.members),
        "departed": departed_documents(organisation.departed),
    }


def _changed(organisation_id: str, by: Actor, person_id: str, role: MemberRole | None) -> MemberChanged:
    return MemberChanged(organisation_id=organisation_id, by=by, person_id=person_id, role=role)


def _opened(sealer: Sealer, name: str | None, contact_id: str) -> str | None:
    if name is None:
        return None
    try:
        return sealer.open(name, about=f"contact:{contact_id}")
    except CannotOpen:
        return None
