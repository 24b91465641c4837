"""The waiting list: order, who may be offered a slot, offers that end; and never more offers than slots."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adoption_service.domain import recommendations, tending, waiting, wish_events
from adoption_service.domain.adoption import Adoption
from adoption_service.domain.claims import EPOCH, Claims, ClaimsState, Decided, Offer, why_refused
from adoption_service.domain.errors import (
    AlreadyHeld,
    DomainError,
    NotRecommended,
    NotYetClaimable,
    QueueFull,
    Reserved,
    SlotFree,
    Taken,
    WishClosed,
)
from adoption_service.domain.lease import Lease
from adoption_service.domain.tending import Act
from adoption_service.domain.waiting import Offering
from microwish.events import Actor, Role
from microwish.events.adoption import OrganisationKind, OrganisationRef
from microwish.events.wish import WishRecommended, WishRevised, WishWithdrawn
from microwish.when import When

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LEASE = Lease(timedelta(days=15), timedelta(days=3), timedelta(days=7), timedelta(days=3))
TERM = timedelta(hours=48)
MEMBER = Actor(person_id="h", role=Role.MEMBER)
STAFF = Actor(person_id="s", role=Role.STAFF)
SEALED = "v1.k1.AAAA"


def at(hours: float = 0) -> When:
    moment = NOW + timedelta(hours=hours)
    return When(moment, moment)


def held(organisation: str, hours: float = 0) -> Adoption:
    start = at(hours).at
    who = OrganisationRef(id=organisation, name="和风", kind=OrganisationKind.COMPANY)
    due = start + LEASE.term
    return Adoption(f"by-{organisation}", who, "h", SEALED, SEALED, SEALED, start, start, due, None)


def opened(*holders: str, slots: int = 1, queue: tuple[str, ...] = (), offers: tuple[Offer, ...] = ()) -> Claims:
    adoptions = tuple(held(one) for one in holders)
    return Claims("w", ClaimsState.OPEN, slots, "310117001002", "r", adoptions, queue=queue, offers=offers)


def offered(organisation: str, hours: float) -> Offer:
    return Offer(organisation, at(hours).at)


def look(claims: Claims, hours: float = 0, entitled: Mapping[str, bool] | None = None) -> Decided | None:
    known = dict.fromkeys("abcdef", True) if entitled is None else entitled
    return waiting.pass_time(claims, at(hours), Offering(TERM, known))


def told(decided: Decided | None) -> list[str]:
    """What the events say, in short."""
    lines = []
    for event in decided.events if decided else ():
        said = event.model_dump()
        about = said.get("organisation_id") or ",".join(said.get("organisation_ids", []))
        lines.append(f"{type(event).__name__} {about} {said.get('end', '')}".strip())
    return lines


def test_who_comes_first_is_offered_first() -> None:
    claims = opened("x")
    for organisation in ("a", "b"):
        decided = waiting.join(claims, organisation, Act(MEMBER, at()))
        assert decided is not None
        claims = decided.claims
    assert claims.queue == ("a", "b")
    assert look(claims) is None, "nothing is free"
    freed = tending.release(claims, "by-x", Act(MEMBER, at(1)), reason=SEALED).claims
    assert freed.wake_at == EPOCH, "to be looked at, at once"
    decided = look(freed, 2)
    assert decided is not None
    assert decided.claims.offers == (offered("a", 50),)
    assert told(decided) == ["SlotOffered a", "QueueChanged b"]
    assert decided.claims.wake_at == at(50).at


def test_an_offer_that_ran_out_ends_once_and_the_next_has_its_full_time() -> None:
    claims = opened(queue=("b",), offers=(offered("a", 48),))
    decided = look(claims, 400)
    assert decided is not None
    assert told(decided) == ["OfferEnded a expired", "SlotOffered b", "QueueChanged"]
    assert decided.claims.offers == (offered("b", 448),)
    assert look(decided.claims, 400) is None
    assert [line.code for line in decided.entries] == ["expired", None]


def test_who_may_not_claim_is_passed_over_and_an_offer_of_theirs_ends() -> None:
    claims = opened(queue=("b", "c", "d"), offers=(offered("a", 48),))
    decided = look(claims, 1, {"a": False, "b": False, "c": True})
    assert told(decided) == [
        "OfferEnded a not_entitled",
        "OfferEnded b not_entitled",
        "SlotOffered c",
        "QueueChanged d",
    ]
    assert look(replace(claims, queue=()), 1, {"a": True}) is None


def test_it_stops_at_who_is_not_known_and_stays_due() -> None:
    claims = opened(slots=2, queue=("a", "b", "c"))
    decided = look(claims, 0, {"a": True})
    assert told(decided) == ["SlotOffered a", "QueueChanged b,c"]
    assert decided is not None
    assert decided.claims.wake_at == EPOCH
    assert look(decided.claims, 0, {}) is None


def test_who_holds_it_together_with_another_waits_no_longer() -> None:
    partner = OrganisationRef(id="a", name="晨光", kind=OrganisationKind.COMPANY)
    claims = opened(slots=2, queue=("a", "b"))
    claims = replace(claims, adoptions=(replace(held("x"), partners=(partner,)),))
    assert told(look(claims)) == ["SlotOffered b", "QueueChanged"]


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        (Claims("w"), NotYetClaimable),
        (replace(opened(), state=ClaimsState.CLOSED), WishClosed),
        (opened("a"), AlreadyHeld),
        (opened(), SlotFree),
        (opened(slots=2, queue=("b",)), SlotFree),
        (opened("x", queue=tuple(f"o{one}" for one in range(100))), QueueFull),
    ],
)
def test_who_can_not_join(claims: Claims, reason: type[Exception]) -> None:
    with pytest.raises(reason):
        waiting.join(claims, "a", Act(MEMBER, at()))


@pytest.mark.parametrize(
    "claims", [opened("x", queue=("b", "a")), opened(offers=(offered("a", 1),)), opened(queue=("a",))]
)
def test_joining_twice_changes_nothing(claims: Claims) -> None:
    assert waiting.join(claims, "a", Act(MEMBER, at())) is None


def test_one_joins_behind_a_slot_that_is_reserved() -> None:
    for claims in (opened(offers=(offered("b", 1),)), opened(queue=("b",))):
        decided = waiting.join(claims, "a", Act(MEMBER, at()))
        assert decided is not None
        assert decided.claims.queue[-1] == "a"


def test_leaving_gives_place_or_offer_back() -> None:
    act = Act(MEMBER, at())
    assert waiting.leave(opened("x"), "a", act) is None
    assert told(waiting.leave(opened("x", queue=("b", "a")), "a", act)) == ["QueueChanged b"]
    claims = opened(queue=("b",), offers=(offered("a", 1),))
    declined = waiting.leave(claims, "a", act)
    assert told(declined) == ["OfferEnded a declined"]
    assert declined is not None
    assert declined.claims.wake_at == EPOCH, "the next is offered at once"
    expired = waiting.leave(opened(offers=(offered("a", -1),)), "a", act)
    assert told(expired) == ["OfferEnded a expired"], "nobody gave it back"


def test_a_suspended_organisation_is_taken_out() -> None:
    assert told(waiting.expel(opened("x", queue=("b", "a")), "a")) == ["OfferEnded a not_entitled", "QueueChanged b"]
    assert told(waiting.expel(opened(offers=(offered("a", 1),)), "a")) == ["OfferEnded a not_entitled"]
    assert waiting.expel(opened("x", queue=("b",)), "a") is None


def test_the_end_of_a_wish_ends_waiting_and_offers() -> None:
    claims = opened(slots=3, queue=("c",), offers=(offered("a", 30), offered("b", 20)))
    ending = WishWithdrawn(wish_id="w", community="310117001002", by=STAFF, reason=SEALED)
    decided = wish_events.take(claims, ending, at(24), LEASE)
    assert told(decided) == ["OfferEnded a closed", "OfferEnded b expired", "QueueChanged"]
    assert decided is not None
    assert (decided.claims.queue, decided.claims.offers, decided.claims.wake_at) == ((), (), None)


def test_raised_slots_are_for_those_who_wait() -> None:
    raised = WishRevised(wish_id="w", community="310117001002", by=STAFF, slots=3)
    decided = wish_events.take(opened("x", queue=("a", "b", "c")), raised, at(), LEASE)
    assert decided is not None
    assert decided.claims.wake_at == EPOCH
    assert told(look(decided.claims)) == ["SlotOffered a", "SlotOffered b", "QueueChanged c"]


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        (opened("x", queue=("b",)), Taken),
        (opened(queue=("b",)), Reserved),
        (opened(queue=("me", "b")), None),
        (opened(queue=("b", "me")), Reserved),
        (opened(slots=2, queue=("b",)), None),
        (opened(slots=2, queue=("b",), offers=(offered("c", 1),)), Reserved),
        (opened(queue=("b",), offers=(offered("me", 1),)), None),
        (opened(queue=("b",), offers=(offered("me", 0),)), Reserved),
    ],
)
def test_a_free_slot_is_for_those_who_wait(claims: Claims, reason: type[Exception] | None) -> None:
    found = why_refused(claims, "me", now=NOW)
    assert (type(found) if found else None) is reason


def recommended(claims: Claims, organisation: str, hours: float = 0) -> Claims:
    event = WishRecommended(wish_id="w", community="310117001002", by=STAFF, organisation_id=organisation)
    decided = wish_events.take(claims, event, at(hours), LEASE)
    return decided.claims if decided else claims


def test_a_recommendation_is_remembered_until_it_is_answered() -> None:
    claims = recommended(recommended(recommended(opened(), "a"), "b", 1), "a", 2)
    assert [(one.organisation_id, one.at) for one in claims.recommended] == [("b", at(1).at), ("a", at(2).at)]
    declined = recommendations.decline(claims, "a", Act(MEMBER, at(3)), reason=SEALED)
    assert told(declined) == ["RecommendationDeclined a"]
    assert declined.entries[0].why == SEALED
    with pytest.raises(NotRecommended):
        recommendations.decline(declined.claims, "a", Act(MEMBER, at(4)), reason=None)
    assert declined.claims.settled("b").recommended == ()
    assert recommended(opened("a"), "a").recommended == ()
    assert recommended(Claims("w"), "a").recommended == ()


STEPS = st.sampled_from(["claim", "join", "leave", "expel", "release", "time", "raise"])


@settings(max_examples=200)
@given(slots=st.integers(1, 3), steps=st.lists(st.tuples(STEPS, st.sampled_from("abcdef"), st.integers(0, 60))))
def test_no_sequence_offers_more_than_there_is_or_leaves_a_wake_up_for_nothing(
    slots: int, steps: list[tuple[str, str, int]]
) -> None:
    claims, hours = opened(slots=slots), 0
    for step, who, later in steps:
        hours += later
        claims = _after(claims, step, who, hours)
        assert claims.held + len(claims.offers) <= claims.slots
        concerned = [*claims.queue, *(one.organisation_id for one in claims.offers if one.until > at(hours).at)]
        assert len(concerned) == len(set(concerned))
        assert not {one.organisation.id for one in claims.adoptions} & set(concerned)
        looked = _after(claims, "time", who, hours)
        assert looked.wake_at is None or looked.wake_at > at(hours).at, "nothing is due any more"
        assert not looked.can_offer


def _after(claims: Claims, step: str, who: str, hours: int) -> Claims:
    """The claims after a step; a refused one changes nothing."""
    act = Act(MEMBER, at(hours))
    if step == "claim":
        if why_refused(claims, who, now=act.when.at) is not None:
            return claims
        settled = claims.settled(who)
        return replace(settled, adoptions=(*settled.adoptions, held(who, hours)))
    try:
        decided = {
            "join": lambda: waiting.join(claims, who, act),
            "leave": lambda: waiting.leave(claims, who, act),
            "expel": lambda: waiting.expel(claims, who),
            "release": lambda: tending.release(claims, f"by-{who}", act, reason=SEALED),
            "time": lambda: _both(claims, act.when),
            "raise": lambda: Decided(replace(claims, slots=claims.slots + 1)),
        }[step]()
    except DomainError:
        return claims
    return decided.claims if decided else claims


def _both(claims: Claims, when: When) -> Decided:
    done = tending.pass_time(claims, when) or Decided(claims)
    return done.then(waiting.pass_time(done.claims, when, Offering(TERM, dict.fromkeys("abcdef", True))))
