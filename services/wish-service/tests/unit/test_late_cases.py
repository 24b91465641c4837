"""What crosses on its way between the services has one outcome each (design, section 3)."""

import dataclasses
from collections.abc import Callable

import pytest

from microwish.events.adoption import AdoptionLapsed, AdoptionRevoked, DeliveryReported, RevocationCause
from microwish.when import When
from wish_service.domain import ending, receipt
from wish_service.domain.adoptions import Adoption, AdoptionState
from wish_service.domain.errors import NotDelivered, WrongState
from wish_service.domain.reactions import react
from wish_service.domain.states import ENDED, Status
from wish_service.domain.wish import Decision, Wish

from .life import FRIDAY, RESIDENT, SEALED, adopted, same

CROSSED = sorted(ENDED - {Status.REJECTED})
"""The ends that a wish on the wall can come to."""


def told(decision: Decision | None) -> Wish:
    assert decision is not None
    assert decision.events == ()  # a fact of adoption-service is never answered with an event
    return decision.wish


@pytest.mark.parametrize("status", CROSSED)
def test_a_claim_that_crossed_the_end_is_revoked_and_brings_nothing_back(
    status: Status, wish: Callable[..., Wish], when: When
) -> None:
    claimed = told(react(wish(status=status), adopted("a1", when.at), when))
    assert (claimed.status, claimed.adoption("a1").state) == (status, AdoptionState.ACTIVE)
    revoked = told(react(claimed, AdoptionRevoked(**same("a1"), cause=RevocationCause.WITHDRAWN), when))
    assert (revoked.status, revoked.adoption("a1").state) == (status, AdoptionState.REVOKED)
    assert [line.what for line in revoked.timeline] == ["WishAdopted", "AdoptionRevoked"]


@pytest.mark.parametrize("status", CROSSED)
def test_a_delivery_that_crossed_the_end_stands_and_may_be_confirmed(
    status: Status, wish: Callable[..., Wish], adoption: Callable[..., Adoption], when: When
) -> None:
    start = wish(status=status, adoptions=(adoption("a1"),))
    delivered = told(react(start, DeliveryReported(**same("a1"), delivered_at=when.at), when))
    assert (delivered.status, delivered.adoption("a1").state) == (status, AdoptionState.DELIVERED)
    with pytest.raises(WrongState):
        receipt.dispute(delivered, "a1", SEALED, RESIDENT, when)
    done = receipt.confirm(delivered, "a1", RESIDENT, when)
    assert (done.wish.status, done.wish.adoption("a1").state) == (status, AdoptionState.CONFIRMED)
    assert [type(event).__name__ for event in done.events] == ["DeliveryConfirmed"]


def test_a_withdrawal_is_refused_once_a_delivery_is_known_here(
    wish: Callable[..., Wish], adoption: Callable[..., Adoption], when: When
) -> None:
    waiting = wish(status=Status.DELIVERED, posted_at=FRIDAY, adoptions=(adoption("a1", AdoptionState.DELIVERED),))
    with pytest.raises(WrongState):
        ending.withdraw(waiting, None, RESIDENT, when)


@pytest.mark.parametrize("state", [AdoptionState.RELEASED, AdoptionState.LAPSED, AdoptionState.REVOKED])
def test_an_answer_to_an_adoption_that_has_ended_changes_nothing(
    state: AdoptionState, wish: Callable[..., Wish], adoption: Callable[..., Adoption], when: When
) -> None:
    start = wish(status=Status.POSTED, posted_at=FRIDAY, adoptions=(adoption("a1", state),))
    for answer in (receipt.confirm, lambda *given: receipt.dispute(given[0], given[1], SEALED, *given[2:])):
        with pytest.raises(NotDelivered):
            answer(start, "a1", RESIDENT, when)


def test_a_lapse_or_a_report_that_crossed_a_confirmation_changes_nothing_but_the_timeline(
    wish: Callable[..., Wish], adoption: Callable[..., Adoption], when: When
) -> None:
    done = wish(status=Status.FULFILLED, adoptions=(adoption("a1", AdoptionState.CONFIRMED),))
    for event in (AdoptionLapsed(**same("a1")), DeliveryReported(**same("a1"), delivered_at=when.at)):
        after = told(react(done, event, when))
        assert dataclasses.replace(after, timeline=()) == dataclasses.replace(done, timeline=())
        assert [line.what for line in after.timeline] == [type(event).__name__]
