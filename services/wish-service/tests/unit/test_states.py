"""The table of a wish's life, every state × every step, against the design's section 3 written out once more."""

import dataclasses
from collections.abc import Callable

import pytest

from microwish.events import Actor, Event, Role
from microwish.events.adoption import (
    AdoptionLapsed,
    AdoptionReleased,
    AdoptionRevoked,
    DeliveryReported,
    OrganisationKind,
    OrganisationRef,
    ProgressNoted,
    RevocationCause,
    WishAdopted,
)
from microwish.when import When
from wish_service.domain import ending, picturing, reactions, receipt, recommendation, review
from wish_service.domain.adoptions import Adoption, AdoptionState
from wish_service.domain.errors import CannotMerge, WrongState
from wish_service.domain.photos import Photo, PhotoState
from wish_service.domain.reviewing import ReviewClaim
from wish_service.domain.states import ENDED, ON_THE_ROAD, PUBLIC, REACTIONS, Status, Step
from wish_service.domain.wish import Decision, Wish, steps_from, target

S, P = Status, Step
BY = Actor(person_id="p1", role=Role.RESIDENT)
STAFF = Actor(person_id="s1", role=Role.STAFF)

ALLOWED: dict[Status, dict[Step, Status]] = {
    S.SUBMITTED: {
        P.REVISE: S.SUBMITTED,
        P.CORRECT_CONTACT: S.SUBMITTED,
        P.RETURN: S.RETURNED,
        P.REJECT: S.REJECTED,
        P.APPROVE: S.POSTED,
        P.MERGE: S.MERGED,
        P.WITHDRAW: S.WITHDRAWN,
        P.SHOW_CONTACT: S.SUBMITTED,
        P.CALL: S.SUBMITTED,
    },
    S.RETURNED: {
        P.REVISE: S.SUBMITTED,
        P.CORRECT_CONTACT: S.RETURNED,
        P.MERGE: S.MERGED,
        P.WITHDRAW: S.WITHDRAWN,
        P.SHOW_CONTACT: S.RETURNED,
        P.CALL: S.RETURNED,
    },
    S.REJECTED: {P.CALL: S.REJECTED},
    S.POSTED: {
        P.CORRECT_CONTACT: S.POSTED,
        P.MERGE: S.MERGED,
        P.WITHDRAW: S.WITHDRAWN,
        P.TAKE_DOWN: S.TAKEN_DOWN,
        P.CLOSE: S.CLOSED,
        P.CONFIRM: S.POSTED,
        P.DISPUTE: S.POSTED,
        P.SHOW_CONTACT: S.POSTED,
        P.CALL: S.POSTED,
        P.RECOMMEND: S.POSTED,
    },
    S.ADOPTED: {
        P.CORRECT_CONTACT: S.ADOPTED,
        P.MERGE: S.MERGED,
        P.WITHDRAW: S.WITHDRAWN,
        P.TAKE_DOWN: S.TAKEN_DOWN,
        P.CLOSE: S.CLOSED,
        P.CONFIRM: S.ADOPTED,
        P.DISPUTE: S.ADOPTED,
        P.SHOW_CONTACT: S.ADOPTED,
        P.CALL: S.ADOPTED,
    },
    S.DELIVERED: {
        P.CORRECT_CONTACT: S.DELIVERED,
        P.CONFIRM: S.FULFILLED,
        P.DISPUTE: S.ADOPTED,
        P.SHOW_CONTACT: S.DELIVERED,
        P.CALL: S.DELIVERED,
        P.TAKE_DOWN: S.TAKEN_DOWN,
    },
    S.FULFILLED: {P.CONFIRM: S.FULFILLED, P.CALL: S.FULFILLED},
    S.MERGED: {P.CONFIRM: S.MERGED, P.CALL: S.MERGED},
    S.WITHDRAWN: {P.CONFIRM: S.WITHDRAWN, P.CALL: S.WITHDRAWN},
    S.TAKEN_DOWN: {P.CONFIRM: S.TAKEN_DOWN, P.CALL: S.TAKEN_DOWN},
    S.CLOSED: {P.CONFIRM: S.CLOSED, P.CALL: S.CLOSED},
}

# Photos come while somebody works on the wish, are looked at until it is fulfilled, and may go at any time (ADR 0015).
for _status, _steps in ALLOWED.items():
    _steps[P.REMOVE_PHOTO] = _status
    if _status in {S.SUBMITTED, S.RETURNED, S.POSTED, S.ADOPTED, S.DELIVERED, S.FULFILLED}:
        _steps[P.APPROVE_PHOTO] = _status
    if _status in {S.SUBMITTED, S.RETURNED, S.POSTED, S.ADOPTED, S.DELIVERED}:
        _steps[P.ADD_PHOTO] = _status

SEALED = "v1.k1.AAAA"


def in_state(wish: Wish, status: Status, adoption: Callable[..., Adoption]) -> Wish:
    """A wish in this state; one delivered adoption waits wherever the wish was on the wall."""
    delivered = adoption("d", AdoptionState.DELIVERED)
    kept = (Photo("f", "file-f", wish.submitted_at, PhotoState.WAITING), Photo("g", "file-g", wish.submitted_at))
    wish = dataclasses.replace(wish, photos=kept)
    if status is S.POSTED:
        return dataclasses.replace(wish, status=status, slots=2, adoptions=(delivered,), posted_at=wish.submitted_at)
    if status is S.ADOPTED:
        two = (delivered, adoption("a"))
        return dataclasses.replace(wish, status=status, slots=2, adoptions=two, posted_at=wish.submitted_at)
    return dataclasses.replace(wish, status=status, adoptions=(delivered,))


def take(step: Step, wish: Wish, when: When) -> Decision:
    other = dataclasses.replace(wish, id="w2", status=S.POSTED)
    ways: dict[Step, Callable[[], Decision]] = {
        P.REVISE: lambda: review.revise(wish, review.Revision(slots=2), BY, when),
        P.CORRECT_CONTACT: lambda: review.correct_contact(wish, wish.contact, BY, when),
        P.RETURN: lambda: review.return_to_resident(wish, SEALED, STAFF, when),
        P.REJECT: lambda: review.reject(wish, SEALED, STAFF, when),
        P.APPROVE: lambda: review.approve(dataclasses.replace(wish, adoptions=()), "标题", "说明", STAFF, when),
        P.MERGE: lambda: review.merge(wish, other, STAFF, when),
        P.WITHDRAW: lambda: ending.withdraw(wish, None, BY, when),
        P.TAKE_DOWN: lambda: ending.take_down(wish, SEALED, STAFF, when),
        P.CLOSE: lambda: ending.close(wish, SEALED, STAFF, when),
        P.CONFIRM: lambda: receipt.confirm(wish, "d", BY, when),
        P.DISPUTE: lambda: receipt.dispute(wish, "d", SEALED, BY, when),
        P.SHOW_CONTACT: lambda: reactions.contact_shown(wish, STAFF, when),
        P.ADD_PHOTO: lambda: picturing.add_photo(wish, "file-g", (4, 3), BY, when),
        P.APPROVE_PHOTO: lambda: _taken(picturing.approve_photo(wish, "f", STAFF, when)),
        P.REMOVE_PHOTO: lambda: picturing.remove_photo(wish, "f", BY, when),
        P.CALL: lambda: reactions.contact_shown(wish, STAFF, when, P.CALL),
        P.RECOMMEND: lambda: some(recommendation.recommend(wish, "o9", STAFF, when)),
    }
    return ways[step]()


def some(decision: Decision | None) -> Decision:
    assert decision is not None
    return decision


def _taken(decision: Decision | None) -> Decision:
    assert decision is not None
    return decision


COMMANDS = [step for step in Step if step not in REACTIONS]


@pytest.mark.parametrize("step", COMMANDS)
@pytest.mark.parametrize("status", list(Status))
def test_every_state_takes_exactly_the_steps_of_the_design(
    status: Status, step: Step, wish: Callable[..., Wish], adoption: Callable[..., Adoption], when: When
) -> None:
    start = in_state(wish(), status, adoption)
    expected = ALLOWED[status].get(step)
    if expected is None:
        with pytest.raises(WrongState) as refused:
            take(step, start, when)
        assert (refused.value.status, refused.value.command) == (status.value, step.value)
        return
    after = take(step, start, when).wish
    assert after.status is expected
    assert len(after.timeline) > len(start.timeline)
    assert after.timeline[-1].by.person_id is not None


def test_the_table_and_this_test_know_the_same_steps() -> None:
    assert {status: set(steps_from(status)) for status in Status} == {
        status: set(steps) for status, steps in ALLOWED.items()
    }
    assert not PUBLIC & (ENDED - {S.FULFILLED})


@pytest.mark.parametrize("step", sorted(REACTIONS))
@pytest.mark.parametrize("status", list(Status))
def test_facts_of_adoption_service_are_never_refused(status: Status, step: Step) -> None:
    target(status, step)


def told(event: type[Event], **more: object) -> Event:
    same = {"wish_id": "w1", "adoption_id": "d", "organisation_id": "o-d", "by": STAFF}
    return event(**{**same, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize(
    ("event", "ended_as"),
    [
        (told(AdoptionReleased), AdoptionState.RELEASED),
        (told(AdoptionLapsed), AdoptionState.LAPSED),
        (told(AdoptionRevoked, cause=RevocationCause.WITHDRAWN), AdoptionState.REVOKED),
    ],
)
def test_an_ended_adoption_frees_its_slot_and_hides_who_came(
    status: Status,
    event: Event,
    ended_as: AdoptionState,
    wish: Callable[..., Wish],
    adoption: Callable[..., Adoption],
    when: When,
) -> None:
    start = in_state(wish(), status, adoption)
    decision = reactions.react(start, event, when)
    assert decision is not None
    ended = decision.wish.adoption("d")
    assert ended.state is ended_as
    assert (ended.handler_name, ended.office_phone, ended.door_code) == (None, None, None)
    on_road = status in {S.POSTED, S.ADOPTED, S.DELIVERED}
    assert decision.wish.status is (S.POSTED if on_road else status)
    assert decision.events == ()


def test_what_a_person_confirmed_is_not_undone_by_a_later_fact(
    wish: Callable[..., Wish], adoption: Callable[..., Adoption], when: When
) -> None:
    start = wish(status=S.FULFILLED, adoptions=(adoption("d", AdoptionState.CONFIRMED),))
    decision = reactions.react(start, told(AdoptionRevoked, cause=RevocationCause.STAFF), when)
    assert decision is not None
    assert decision.wish.adoption("d").state is AdoptionState.CONFIRMED
    assert decision.wish.status is S.FULFILLED


def test_the_road_from_posted_to_fulfilled(wish: Callable[..., Wish], when: When) -> None:
    posted = review.approve(wish(), "标题", "说明", STAFF, when)
    assert [type(event).__name__ for event in posted.events] == ["ContactSaved", "WishPosted"]
    adopted = WishAdopted(
        wish_id="w1",
        adoption_id="a1",
        organisation_id="o1",
        by=STAFF,
        organisation=OrganisationRef(id="o1", name="党支部", kind=OrganisationKind.PARTY_ORGANISATION),
        handler_name=SEALED,
        office_phone=SEALED,
        door_code=SEALED,
        claimed_at=when.at,
        due_at=when.at,
    )
    held = reactions.react(posted.wish, adopted, when)
    assert held is not None
    assert held.wish.status is S.ADOPTED
    same = {"adoption_id": "a1", "organisation_id": "o1"}
    noted = reactions.react(held.wish, told(ProgressNoted, note=SEALED, **same), when)
    assert noted is not None
    assert noted.wish.status is S.ADOPTED
    brought = reactions.react(noted.wish, told(DeliveryReported, delivered_at=when.at, **same), when)
    assert brought is not None
    assert brought.wish.status is S.DELIVERED
    done = receipt.confirm(brought.wish, "a1", BY, when)
    assert done.wish.status is S.FULFILLED
    assert [type(event).__name__ for event in done.events] == ["DeliveryConfirmed", "WishFulfilled"]


def test_closing_with_something_confirmed_fulfils(
    wish: Callable[..., Wish], adoption: Callable[..., Adoption], when: When
) -> None:
    start = wish(status=S.ADOPTED, slots=2, adoptions=(adoption("c", AdoptionState.CONFIRMED), adoption("a")))
    decision = ending.close(start, None, BY, when)
    assert decision.wish.status is S.FULFILLED
    assert [type(event).__name__ for event in decision.events] == ["WishFulfilled"]


def test_a_merge_or_a_withdrawal_lets_go_of_a_review(wish: Callable[..., Wish], when: When) -> None:
    start = wish(review_claim=ReviewClaim("s1", when.at))
    into = dataclasses.replace(wish(), id="w2", status=S.POSTED)
    for decision in (review.merge(start, into, STAFF, when), ending.withdraw(start, None, BY, when)):
        assert decision.wish.review_claim is None


def test_only_a_wish_on_the_wall_receives_another(wish: Callable[..., Wish]) -> None:
    assert review.receive(wish(status=S.ADOPTED)).wish.received == 1
    for status in set(Status) - ON_THE_ROAD:
        with pytest.raises(CannotMerge):
            review.receive(wish(status=status))


def test_a_recommendation_names_the_organisation_in_the_timeline(wish: Callable[..., Wish], when: When) -> None:
    decision = recommendation.recommend(wish(status=S.POSTED), "o9", STAFF, when)
    assert decision is not None
    assert decision.wish.timeline[-1].organisation_id == "o9"
    assert recommendation.recommend(decision.wish, "o9", STAFF, when) is None
