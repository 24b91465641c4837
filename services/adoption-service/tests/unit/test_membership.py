"""Invitations, the manager's role handed on, who takes over what somebody handled; limits and pending changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adoption_service.domain import membership
from adoption_service.domain.errors import Invalid, LastManager, NotFound, NotManager, TooManyInvitations
from adoption_service.domain.organisation import Departed, Invitation, Limit, Member, Organisation, OrganisationState
from adoption_service.web.organisation_schemas import NewManager
from microwish.events.adoption import MemberRole, OrganisationKind

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MANAGER, HANDLER = MemberRole.MANAGER, MemberRole.HANDLER
FIRST, SECOND, OTHER = Member("m", MANAGER, "n"), Member("m2", MANAGER, "n"), Member("h", HANDLER, "n")


def organisation(*members: Member) -> Organisation:
    state, kind = OrganisationState.VERIFIED, OrganisationKind.COMPANY
    return Organisation("o", "和风", kind, state, "310117", members or (FIRST, OTHER), "p")


def invitation(n: int = 1, *, at: datetime = NOW, role: MemberRole = HANDLER) -> Invitation:
    return Invitation(f"i{n}-{at:%d%H}", role, "n", "p", f"index{n}", at, at + timedelta(days=30))


def test_a_phone_that_is_invited_again_keeps_its_invitation_and_is_not_written_to_twice_a_day() -> None:
    first = membership.invite(organisation(), invitation())
    soon = membership.invite(first.organisation, invitation(at=NOW + timedelta(hours=1), role=MANAGER))
    assert (soon.told, soon.invitation.id, soon.invitation.role) == (False, first.invitation.id, MANAGER)
    assert soon.invitation.until == NOW + timedelta(days=30, hours=1)
    assert soon.organisation.invitations == (soon.invitation,)
    later = membership.invite(soon.organisation, invitation(at=NOW + timedelta(days=1)))
    assert (later.told, later.invitation.id) == (True, first.invitation.id)


def test_fifty_invitations_may_wait() -> None:
    full = organisation()
    for n in range(50):
        full = membership.invite(full, invitation(n)).organisation
    with pytest.raises(TooManyInvitations):
        membership.invite(full, invitation(50))
    assert membership.invite(full, invitation(7, at=NOW + timedelta(days=2))).told
    with pytest.raises(NotFound):
        membership.without_invitations(full, ["i99"])


@pytest.mark.parametrize(
    ("known", "invited", "becomes"),
    [(None, HANDLER, HANDLER), (HANDLER, MANAGER, MANAGER), (MANAGER, HANDLER, MANAGER)],
)
def test_who_joins_keeps_the_higher_role(known: MemberRole | None, invited: MemberRole, becomes: MemberRole) -> None:
    before = organisation(SECOND) if known is None else organisation(SECOND, Member("p", known, "n"))
    waiting = invitation(role=invited)
    after = membership.joined(replace(before, invitations=(waiting,)), waiting, "p")
    assert (after.member("p").role, after.invitations) == (becomes, ())


def test_handing_on_the_role() -> None:
    assert membership.handed_on(organisation(), "m", "h") == (
        replace(OTHER, role=MANAGER),
        replace(FIRST, role=HANDLER),
    )
    both = organisation(FIRST, SECOND)
    assert membership.handed_on(both, "m", "m2") == (replace(FIRST, role=HANDLER),)
    with pytest.raises(NotManager):
        membership.handed_on(organisation(), "h", "m")
    for to in ("m", "x"):
        with pytest.raises(Invalid):
            membership.handed_on(organisation(), "m", to)


def test_who_leaves_is_remembered_until_no_claim_from_before_can_come() -> None:
    after = membership.left(organisation(), "h", "m", NOW)
    assert after.members == (FIRST,)
    assert after.departed == (Departed("h", "m", NOW + membership.STRAGGLERS),)
    assert membership.with_member(after, OTHER).departed == ()  # who comes back hands nothing on
    with pytest.raises(LastManager):
        membership.left(organisation(), "m", "m", NOW)
    assert membership.forgotten(organisation(FIRST), "m", NOW).members == ()


@pytest.mark.parametrize(
    ("members", "acted", "takes_over"),
    [
        ((FIRST, SECOND), "m2", "m2"),
        ((FIRST, SECOND), "gone", "m"),
        ((OTHER, SECOND), None, "m2"),
        ((OTHER,), "h", None),
    ],
)
def test_a_manager_takes_over(members: tuple[Member, ...], acted: str | None, takes_over: str | None) -> None:
    found = membership.successor(organisation(*members), Departed("x", acted, NOW))
    assert (found.person_id if found else None) == takes_over


def test_a_lifted_limit_holds_until_its_day() -> None:
    lifted = replace(organisation(), limit=Limit(12, NOW))
    assert lifted.allowed(NOW - timedelta(seconds=1), 5) == 12
    assert lifted.allowed(NOW, 5) == 5
    assert organisation().allowed(NOW, 5) == 5


@pytest.mark.parametrize(
    "given", [{}, {"person_id": "p", "phone": "13912345678"}, {"phone": "13912345678"}, {"phone": "1", "reason": "r"}]
)
def test_a_manager_is_named_in_one_of_two_ways(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        NewManager.model_validate(given)
