"""Who acts for an organisation: invitations by phone, the manager's role handed on, leaving, being forgotten.

Decisions take the organisation as it is and give what it becomes; nothing here knows of documents or messages.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from adoption_service.domain.errors import Invalid, NotFound, TooManyInvitations
from adoption_service.domain.organisation import Departed, Invitation, Member, Organisation
from microwish.events.adoption import MemberRole

INVITATIONS_MAX: Final = 50
"""How many invitations may wait at once."""
TOLD_AGAIN: Final = timedelta(days=1)
"""An invitation that is renewed sooner sends no second message."""
STRAGGLERS: Final = timedelta(seconds=60)
"""How long after a member left, or a suspension, a claim that had passed its check before may still be written."""


@dataclass(frozen=True)
class Invited:
    """invitation: as it is now. told: whether the person is to be written to."""

    organisation: Organisation
    invitation: Invitation
    told: bool


def invite(organisation: Organisation, asked: Invitation) -> Invited:
    """Keep an invitation; the phone's earlier one is renewed, under its own id. Raises: TooManyInvitations."""
    earlier = next((one for one in organisation.invitations if one.phone_index == asked.phone_index), None)
    if earlier is None:
        if len(organisation.invitations) >= INVITATIONS_MAX:
            raise TooManyInvitations
        return Invited(replace(organisation, invitations=(*organisation.invitations, asked)), asked, True)
    told = asked.at - earlier.at >= TOLD_AGAIN
    renewed = replace(earlier, role=asked.role, name=asked.name, until=asked.until, at=asked.at if told else earlier.at)
    kept = tuple(renewed if one.id == earlier.id else one for one in organisation.invitations)
    return Invited(replace(organisation, invitations=kept), renewed, told)


def without_invitations(organisation: Organisation, ids: Iterable[str]) -> Organisation:
    """Without these invitations. Raises: NotFound for one that doesn't wait."""
    ended = set(ids)
    if missing := ended - {one.id for one in organisation.invitations}:
        raise NotFound(min(missing))
    return replace(organisation, invitations=tuple(one for one in organisation.invitations if one.id not in ended))


def joined(organisation: Organisation, invitation: Invitation, person_id: str) -> Organisation:
    """The invited person is a member. Who is one already keeps a role that is higher, and always the name."""
    after = without_invitations(organisation, [invitation.id])
    known = next((one for one in after.members if one.person_id == person_id), None)
    if known is None:
        return with_member(after, Member(person_id, invitation.role, invitation.name))
    role = MemberRole.MANAGER if MemberRole.MANAGER in (known.role, invitation.role) else known.role
    return with_member(after, replace(known, role=role))


def with_member(organisation: Organisation, member: Member) -> Organisation:
    """With this member added, or in a new role; who comes back hands nothing on. Raises: LastManager."""
    departed = tuple(one for one in organisation.departed if one.person_id != member.person_id)
    return replace(organisation, members=organisation.with_member(member), departed=departed)


def handed_on(organisation: Organisation, person_id: str, to: str) -> tuple[Member, ...]:
    """The members that change when a manager hands the role to another member: the new manager, then the old.

    Raises: NotMember, NotManager, Invalid (person_id: not a member, or oneself).
    """
    old = organisation.manager(person_id)
    if to == person_id:
        raise Invalid("person_id", "field.transfer_to_self")
    new = next((one for one in organisation.members if one.person_id == to), None)
    if new is None:
        raise Invalid("person_id", "field.person_not_member")
    changed = [] if new.role is MemberRole.MANAGER else [replace(new, role=MemberRole.MANAGER)]
    return (*changed, replace(old, role=MemberRole.HANDLER))


def left(organisation: Organisation, person_id: str, by: str | None, now: datetime) -> Organisation:
    """Without this member, whose adoptions need another handler. Raises: NotMember, LastManager."""
    members = organisation.without_member(person_id)
    return _departed(replace(organisation, members=members), person_id, by, now)


def forgotten(organisation: Organisation, person_id: str, now: datetime) -> Organisation:
    """Without this person, even if nobody is left to manage it: staff then name somebody."""
    members = tuple(one for one in organisation.members if one.person_id != person_id)
    return _departed(replace(organisation, members=members), person_id, None, now)


def successor(organisation: Organisation, gone: Departed) -> Member | None:
    """Who takes over what they handled: the manager who acted, else the longest-standing; None if none is left."""
    managers = organisation.managers
    acted = next((one for one in managers if one.person_id == gone.successor), None)
    return acted or (managers[0] if managers else None)


def _departed(organisation: Organisation, person_id: str, by: str | None, now: datetime) -> Organisation:
    others = tuple(one for one in organisation.departed if one.person_id != person_id)
    gone = Departed(person_id, by if by != person_id else None, now + STRAGGLERS)
    return replace(organisation, departed=(*others, gone))
