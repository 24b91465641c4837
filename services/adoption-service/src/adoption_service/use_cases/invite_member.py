"""People are invited by phone before they have signed in, and what becomes of an invitation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from adoption_service.domain import membership
from adoption_service.domain.claims import Entry
from adoption_service.domain.organisation import Invitation, Organisation
from adoption_service.store.organisations import (
    OrganisationStore,
    Rewrite,
    departed_documents,
    invitation_documents,
    member_documents,
)
from adoption_service.use_cases.acting import member_actor
from microwish.events import Actor, Role, Source
from microwish.events.adoption import InvitationEnd, InvitationEnded, MemberChanged, MemberInvited, MemberRole
from microwish.events.contact import ContactKind, OrganisationContactSaved
from microwish.identity.people import Person
from microwish.privacy.sealing import BlindIndex, Sealer
from microwish.store.aggregate import Idempotency
from microwish.store.mongo import Document
from microwish.store.outbox import Outgoing, Tombstone
from microwish.when import When


@dataclass(frozen=True)
class Invite:
    """phone: normalised; name: as the resident will read it; lasts: how long the invitation waits."""

    id: str
    organisation_id: str
    phone: str
    role: MemberRole
    name: str
    lasts: timedelta


async def invite(
    asked: Invite,
    by: Actor,
    organisations: OrganisationStore,
    sealer: Sealer,
    blind_index: BlindIndex,
    may: Callable[[Organisation, bool], None],
    *,
    when: When,
    idempotency: Idempotency | None = None,
    why: str | None = None,
) -> Document:
    """Keep the invitation, and have the person written to (MemberInvited, with the contact to write to).

    Raises: TooManyInvitations, and what `may` raises.
    """
    fresh = Invitation(
        id=asked.id,
        role=asked.role,
        name=sealer.seal(asked.name, about=f"organisation:{asked.organisation_id}"),
        phone=sealer.seal(asked.phone, about=f"contact:{asked.id}"),
        phone_index=blind_index.of(asked.phone),
        at=when.recorded_at,
        until=when.recorded_at + asked.lasts,
    )

    def decide(organisation: Organisation) -> Rewrite:
        may(organisation, True)
        done = membership.invite(organisation, fresh)
        about = {"invitation_id": done.invitation.id, "role": asked.role.value}
        events = _told(organisation.id, done.invitation, by) if done.told else []
        values = {"invitations": invitation_documents(done.organisation.invitations)}
        return Rewrite(values, events, Entry("MemberInvited", by, why=why), about=about)

    return await organisations.rewrite(asked.organisation_id, decide, when=when, idempotency=idempotency)


async def withdraw_invitation(
    organisation_id: str, invitation_id: str, manager: Person, organisations: OrganisationStore, *, when: When
) -> Document:
    """A manager takes an invitation back. Raises: NotFound, NotMember, NotManager."""

    def decide(organisation: Organisation) -> Rewrite:
        organisation.manager(manager.id)
        return _ended(organisation, [invitation_id], InvitationEnd.WITHDRAWN, member_actor(manager))

    return await organisations.rewrite(organisation_id, decide, when=when)


async def end_invitations(
    organisation_id: str,
    ids: Sequence[str],
    end: InvitationEnd,
    by: Actor,
    organisations: OrganisationStore,
    when: When,
) -> None:
    """End those of them that still wait; doing it again changes nothing."""

    def decide(organisation: Organisation) -> Rewrite | None:
        waiting = [one.id for one in organisation.invitations if one.id in ids]
        return _ended(organisation, waiting, end, by) if waiting else None

    await organisations.rewrite(organisation_id, decide, when=when)


async def join(
    organisation_id: str, invitation_id: str, person_id: str, organisations: OrganisationStore, *, when: When
) -> None:
    """The invited person has signed in and is a member, in the write that ends the invitation; again: no change."""

    def decide(organisation: Organisation) -> Rewrite | None:
        waiting = next((one for one in organisation.invitations if one.id == invitation_id), None)
        if waiting is None:
            return None
        by = Actor(person_id=person_id, role=Role.MEMBER)
        after = membership.joined(organisation, waiting, person_id)
        role = after.member(person_id).role
        events = [
            *_over(organisation.id, [invitation_id], InvitationEnd.JOINED, by),
            MemberChanged(organisation_id=organisation.id, by=by, person_id=person_id, role=role),
        ]
        values = {
            "invitations": invitation_documents(after.invitations),
            "members": member_documents(after.members),
            "departed": departed_documents(after.departed),
        }
        about = {"person_id": person_id, "role": role.value, "invitation_id": invitation_id}
        return Rewrite(values, events, Entry("MemberChanged", by), about=about)

    await organisations.rewrite(organisation_id, decide, when=when)


def _told(organisation_id: str, invitation: Invitation, by: Actor) -> list[Outgoing]:
    contact = OrganisationContactSaved(
        contact_id=invitation.id,
        kind=ContactKind.ORGANISATION,
        phone=invitation.phone,
        phone_index=invitation.phone_index,
    )
    told = MemberInvited(organisation_id=organisation_id, by=by, invitation_id=invitation.id, role=invitation.role)
    return [contact, told]


def _ended(organisation: Organisation, ids: Sequence[str], end: InvitationEnd, by: Actor) -> Rewrite:
    after = membership.without_invitations(organisation, ids)
    values = {"invitations": invitation_documents(after.invitations)}
    about = {"end": end.value, "invitation_id": ids[0]}
    return Rewrite(values, _over(organisation.id, ids, end, by), Entry("InvitationEnded", by), about=about)


def _over(organisation_id: str, ids: Sequence[str], end: InvitationEnd, by: Actor) -> list[Outgoing]:
    """What tells of the end, and erases the contacts on their topic."""
    said: list[Outgoing] = [
        InvitationEnded(organisation_id=organisation_id, by=by, invitation_id=one, end=end) for one in ids
    ]
    return [*said, *(Tombstone(one, Source.ORGANISATION_CONTACT) for one in ids)]
