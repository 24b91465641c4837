"""Decisions on claims: tending, time, the wish's own events; and no sequence of them breaks invariants 1 and 2."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adoption_service.domain import tending, wish_events
from adoption_service.domain.adoption import HOLDING, Adoption, AdoptionState
from adoption_service.domain.claims import Claims, ClaimsState, Offer, why_refused
from adoption_service.domain.errors import (
    AlreadyExtended,
    AlreadyHeld,
    DomainError,
    NotYetClaimable,
    Reserved,
    Taken,
    WishClosed,
)
from adoption_service.domain.lease import Lease
from adoption_service.domain.tending import Act
from microwish.events import Actor, Category, Community, Role
from microwish.events.adoption import FlagKind, OrganisationKind, OrganisationRef, RevocationCause
from microwish.events.wish import (
    DeliveryConfirmed,
    DeliveryDisputed,
    WishEvent,
    WishFulfilled,
    WishMerged,
    WishPosted,
    WishRevised,
    WishTakenDown,
    WishWithdrawn,
)
from microwish.events.wish import (
    WishClosed as WishClosedEvent,
)
from microwish.when import When

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LEASE = Lease(timedelta(days=15), timedelta(days=3), timedelta(days=7), timedelta(days=3))
MEMBER = Actor(person_id="h", role=Role.MEMBER)
SEALED = "v1.k1.AAAA"


def at(days: float = 0) -> When:
    moment = NOW + timedelta(days=days)
    return When(moment, moment)


def said(kind: type[WishEvent], **fields: Any) -> WishEvent:
    base = {"wish_id": "w", "community": "310117001002", "by": {"role": "staff"}, "reason": SEALED}
    return kind.model_validate({**base, **fields})


def posted(slots: int = 1) -> WishEvent:
    place = Community(code="310117001002", name="龙潭社区")
    return said(WishPosted, place=place, category=Category.GOODS, title="收音机", detail="想听戏", slots=slots)


def adoption(organisation: str = "o1", id: str = "a1", when: When | None = None) -> Adoption:
    start = (when or at()).recorded_at
    who = OrganisationRef(id=organisation, name="和风", kind=OrganisationKind.COMPANY)
    due = start + LEASE.term
    return Adoption(id, who, "h", SEALED, SEALED, SEALED, start, start, due, LEASE.remind_at(start, due))


def opened(*held: Adoption, slots: int = 3) -> Claims:
    return Claims("w", ClaimsState.OPEN, slots, "310117001002", "r", tuple(held))


def take(claims: Claims, event: WishEvent, when: When | None = None) -> Claims:
    decided = wish_events.take(claims, event, when or at(1), LEASE)
    return decided.claims if decided else claims


def test_posting_opens_once_and_slots_are_only_raised() -> None:
    claims = take(Claims("w"), posted(2))
    assert (claims.state, claims.slots) == (ClaimsState.OPEN, 2)
    assert take(claims, posted(9)).slots == 2
    assert take(claims, said(WishRevised, slots=5)).slots == 5
    assert take(claims, said(WishRevised, slots=1)).slots == 2


@pytest.mark.parametrize(
    ("ending", "cause"),
    [
        (said(WishWithdrawn), RevocationCause.WITHDRAWN),
        (said(WishTakenDown), RevocationCause.TAKEN_DOWN),
        (said(WishMerged, into="x"), RevocationCause.MERGED),
        (said(WishClosedEvent), RevocationCause.CLOSED),
        (said(WishFulfilled, adoption_ids=[], slots=3), RevocationCause.CLOSED),
    ],
)
def test_an_ending_revokes_active_adoptions_and_flags_delivered_ones(ending: WishEvent, cause: RevocationCause) -> None:
    active, delivered = adoption("o1", "a1"), replace(adoption("o2", "a2"), state=AdoptionState.DELIVERED)
    confirmed = replace(adoption("o3", "a3"), state=AdoptionState.CONFIRMED)
    decided = wish_events.take(opened(active, delivered, confirmed), ending, at(1), LEASE)
    assert decided is not None
    after = decided.claims
    assert after.state is ClaimsState.CLOSED
    assert [(one.id, one.state) for one in after.ended] == [("a1", AdoptionState.REVOKED)]
    assert [(one.id, one.flags) for one in after.adoptions] == [("a2", (FlagKind.DELIVERED_AFTER_END,)), ("a3", ())]
    told = [event.model_dump() for event in decided.events]
    assert [one.get("cause") for one in told if one.get("cause")] == [cause]
    assert wish_events.take(after, ending, at(2), LEASE) is None


def test_a_dispute_gives_at_least_the_grace() -> None:
    delivered = replace(adoption(), state=AdoptionState.DELIVERED)
    disputed = said(DeliveryDisputed, adoption_id="a1", organisation_id="o1")
    early, late = take(opened(delivered), disputed, at(2)), take(opened(delivered), disputed, at(30))
    assert (early.adoptions[0].state, early.adoptions[0].due_at) == (AdoptionState.ACTIVE, NOW + LEASE.term)
    assert late.adoptions[0].due_at == NOW + timedelta(days=30) + LEASE.grace


@pytest.mark.parametrize(
    ("kind", "flag"),
    [(DeliveryConfirmed, FlagKind.CONFIRMED_AFTER_END), (DeliveryDisputed, FlagKind.DISPUTED_AFTER_END)],
)
def test_an_answer_to_an_adoption_that_ended_flags_it_and_changes_nothing_else(
    kind: type[WishEvent], flag: FlagKind
) -> None:
    event = said(kind, adoption_id="a1", organisation_id="o1")
    ended = opened().with_adoption(replace(adoption(), state=AdoptionState.LAPSED))
    for before in (ended, opened()):  # just ended, and long in the history
        decided = wish_events.take(before, event, at(20), LEASE)
        assert decided is not None
        assert [one.model_dump()["flag"] for one in decided.events] == [flag]
        assert (decided.claims.held, decided.claims.state) == (before.held, before.state)
        assert [one.state for one in decided.claims.ended] == [one.state for one in before.ended]


def test_a_confirmation_confirms() -> None:
    delivered = replace(adoption(), state=AdoptionState.DELIVERED)
    after = take(opened(delivered), said(DeliveryConfirmed, adoption_id="a1", organisation_id="o1"))
    assert after.adoptions[0].state is AdoptionState.CONFIRMED


def test_time_reminds_once_then_lapses() -> None:
    claims = opened(adoption())
    assert tending.pass_time(claims, at(11)) is None
    reminded = tending.pass_time(claims, at(12))
    assert reminded is not None
    assert [type(one).__name__ for one in reminded.events] == ["LeaseReminderDue"]
    assert tending.pass_time(reminded.claims, at(13)) is None
    lapsed = tending.pass_time(reminded.claims, at(15))
    assert lapsed is not None
    assert [type(one).__name__ for one in lapsed.events] == ["AdoptionLapsed"]
    assert lapsed.claims.held == 0
    late = tending.pass_time(claims, at(16))
    assert late is not None
    assert [type(one).__name__ for one in late.events] == ["AdoptionLapsed"], "no reminder of what is over"


def test_a_lease_is_extended_once_and_reminded_of_again() -> None:
    act = Act(MEMBER, at(13))
    reminded = tending.pass_time(opened(adoption()), at(12))
    assert reminded is not None
    extended = tending.extend(reminded.claims, "a1", act, reason=SEALED, lease=LEASE).claims
    assert extended.adoptions[0].due_at == NOW + LEASE.term + LEASE.extension
    assert extended.wake_at == NOW + LEASE.term + LEASE.extension - LEASE.reminder
    with pytest.raises(AlreadyExtended):
        tending.extend(extended, "a1", act, reason=SEALED, lease=LEASE)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        (None, NotYetClaimable),
        (Claims("w"), NotYetClaimable),
        (replace(opened(), state=ClaimsState.CLOSED), WishClosed),
        (opened(adoption("me")), AlreadyHeld),
        (opened(adoption("o2"), slots=1), Taken),
        (replace(opened(slots=1), offers=(Offer("o2", NOW + timedelta(hours=1)),)), Reserved),
        (replace(opened(slots=1), offers=(Offer("o2", NOW),)), None),
        (replace(opened(slots=1), offers=(Offer("me", NOW + timedelta(hours=1)),)), None),
        (opened(adoption("o2"), slots=2), None),
    ],
)
def test_why_a_claim_is_refused(claims: Claims | None, reason: type[Exception] | None) -> None:
    found = why_refused(claims, "me", now=NOW)
    assert (type(found) if found else None) is reason


COMMANDS = st.sampled_from(
    ["claim", "deliver", "release", "extend", "revoke", "note", "confirm", "dispute", "time", "raise", "withdraw"]
)


@settings(max_examples=200, deadline=None)
@given(
    slots=st.integers(1, 3),
    steps=st.lists(st.tuples(COMMANDS, st.integers(0, 4), st.floats(0, 6)), max_size=40),
)
def test_no_sequence_of_commands_breaks_the_invariants(slots: int, steps: list[tuple[str, int, float]]) -> None:
    claims, clock = take(Claims("w"), posted(slots)), 0.0
    for serial, (command, who, wait) in enumerate(steps):
        clock += wait
        claims = _after(claims, command, f"o{who}", f"a{serial}", at(clock))
        holders = [one.organisation.id for one in claims.adoptions]
        assert claims.held + claims.live_offers(at(clock).at) <= claims.slots
        assert len(holders) == len(set(holders))
        assert all(one.state in HOLDING for one in claims.adoptions)
        assert all(one.state not in HOLDING for one in claims.ended)


def _after(claims: Claims, command: str, organisation: str, id: str, when: When) -> Claims:
    """The claims after a command; a refused one changes nothing."""
    held = claims.holder(organisation)
    target, act = held.id if held else "none", Act(MEMBER, when)
    if command == "claim":
        free = why_refused(claims, organisation, now=when.recorded_at) is None
        return replace(claims, adoptions=(*claims.adoptions, adoption(organisation, id, when))) if free else claims
    answer = {"adoption_id": target, "organisation_id": organisation}
    try:
        decided = {
            "deliver": lambda: tending.report_delivery(claims, target, act, note=None),
            "release": lambda: tending.release(claims, target, act, reason=SEALED),
            "extend": lambda: tending.extend(claims, target, act, reason=SEALED, lease=LEASE),
            "revoke": lambda: tending.revoke(claims, target, act, cause=RevocationCause.STAFF, reason=None),
            "note": lambda: tending.note_progress(claims, target, act, note=SEALED),
            "confirm": lambda: wish_events.take(claims, said(DeliveryConfirmed, **answer), when, LEASE),
            "dispute": lambda: wish_events.take(claims, said(DeliveryDisputed, **answer), when, LEASE),
            "time": lambda: tending.pass_time(claims, when),
            "raise": lambda: wish_events.take(claims, said(WishRevised, slots=claims.slots + 1), when, LEASE),
            "withdraw": lambda: wish_events.take(claims, said(WishWithdrawn), when, LEASE),
        }[command]()
    except DomainError:
        return claims
    return decided.claims if decided else claims


def test_an_adoption_says_why_it_was_disputed_or_ended_and_what_the_resident_said() -> None:
    delivered = tending.report_delivery(opened(adoption()), "a1", Act(MEMBER, at(1)), note=None).claims
    answer = {"adoption_id": "a1", "organisation_id": "o1"}
    disputed = take(delivered, said(DeliveryDisputed, **answer), at(2))
    assert disputed.adoptions[0].reason == SEALED
    again = tending.report_delivery(disputed, "a1", Act(MEMBER, at(3)), note=None).claims
    assert again.adoptions[0].reason is None
    confirmed = take(again, said(DeliveryConfirmed, thanks=SEALED, **answer), at(4))
    assert confirmed.adoptions[0].thanks == SEALED
    cause = RevocationCause.STAFF
    revoked = tending.revoke(opened(adoption()), "a1", Act(MEMBER, at(1)), cause=cause, reason=SEALED).claims
    assert (revoked.ended[0].cause, revoked.ended[0].reason) == (cause, SEALED)
    withdrawn = take(opened(adoption()), said(WishWithdrawn))
    assert (withdrawn.ended[0].cause, withdrawn.ended[0].reason) == (RevocationCause.WITHDRAWN, None)


@pytest.mark.parametrize(("day", "told"), [(2, []), (14, ["AdoptionExtended"])])
def test_a_dispute_that_gives_more_days_tells_the_others_of_the_new_day(day: float, told: list[str]) -> None:
    delivered = tending.report_delivery(opened(adoption()), "a1", Act(MEMBER, at(1)), note=None).claims
    event = said(DeliveryDisputed, adoption_id="a1", organisation_id="o1")
    decided = wish_events.take(delivered, event, at(day), LEASE)
    assert decided is not None
    assert [type(one).__name__ for one in decided.events] == told
    [again] = decided.claims.adoptions
    assert again.due_at == max(NOW + LEASE.term, at(day).at + LEASE.grace)
    assert not again.extended
