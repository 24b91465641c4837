"""Which timers and tasks follow from which step, and how they go again."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest

from microwish.events import Role
from microwish.events.adoption import AdoptionLapsed, DeliveryReported
from microwish.when import When
from wish_service.domain import ending, receipt, review
from wish_service.domain.adoptions import Adoption, AdoptionState
from wish_service.domain.reactions import react
from wish_service.domain.states import Status
from wish_service.domain.tasks import task_of
from wish_service.domain.timers import TimerKind
from wish_service.domain.wish import Decision, Wish

from .life import DAY, FRIDAY, RESIDENT, SEALED, STAFF, TERMS, Life, adopted, same

K = TimerKind


@pytest.fixture
def life(wish: Callable[..., Wish]) -> Life:
    return Life(wish())


def test_a_review_is_due_in_working_days_and_half_of_them(life: Life) -> None:
    life.begin()
    monday, tuesday = FRIDAY + 3 * DAY, FRIDAY + 4 * DAY
    assert life.timers == [(K.REVIEW_HALF_WAY, monday), (K.REVIEW_OVERDUE, tuesday)]


@pytest.mark.parametrize(("days", "hours"), [(1, 12), (2, 24 * 3), (3, 24 * 3 + 12)])
def test_the_middle_day_of_an_odd_number_counts_half(days: int, hours: int) -> None:
    terms = dataclasses.replace(TERMS, review_workdays=days)
    assert terms.review_half_way(FRIDAY) == FRIDAY + timedelta(hours=hours)


@pytest.mark.parametrize(
    "decide",
    [
        lambda wish, when: review.approve(wish, "标题", "说明", STAFF, when),
        lambda wish, when: review.return_to_resident(wish, SEALED, STAFF, when),
        lambda wish, when: review.reject(wish, SEALED, STAFF, when),
        lambda wish, when: ending.withdraw(wish, None, RESIDENT, when),
    ],
)
def test_a_decision_ends_the_promise_of_a_review_and_its_tasks(
    life: Life, decide: Callable[[Wish, When], Decision]
) -> None:
    life.begin()
    life.pass_time(4 * DAY)
    life.settle()
    assert life.tasks == [("review_half_way", "open"), ("review_overdue", "open")]
    life.take(decide(life.wish, life.when))
    assert {kind for kind, _ in life.timers} <= {K.UNCLAIMED}
    assert life.tasks == [("review_half_way", "closing"), ("review_overdue", "closing")]
    life.settle()
    assert life.tasks == []


def test_what_is_overdue_is_the_streets_to_see_to(life: Life) -> None:
    life.begin()
    life.pass_time(4 * DAY)
    half_way, overdue = (task_of(life.wish, task) for task in life.wish.tasks)
    assert (half_way.community, overdue.community) == ("310117001001", "310117001")
    assert half_way.due_at == FRIDAY + 4 * DAY


def test_a_revised_wish_is_promised_a_review_anew(life: Life) -> None:
    life.begin()
    life.pass_time(3 * DAY)
    life.take(review.revise(life.wish, review.Revision(slots=2), RESIDENT, life.when))
    assert life.timers == [(K.REVIEW_HALF_WAY, life.now + DAY), (K.REVIEW_OVERDUE, life.now + 2 * DAY)]
    assert life.tasks == [("review_half_way", "closing")]


def test_nobody_claims_it_for_a_week(life: Life) -> None:
    life.post()
    assert life.pass_time(7 * DAY - timedelta(milliseconds=1)) is None
    assert life.pass_time(timedelta(milliseconds=1)) is not None
    assert life.tasks == [("unclaimed", "opening")]
    assert life.timers == []
    assert life.pass_time(30 * DAY) is None


def test_a_claim_drops_the_timer_and_a_release_arms_it_again(life: Life) -> None:
    life.post()
    life.now += 6 * DAY
    life.adopt()
    assert life.timers == []
    assert life.pass_time(2 * DAY) is None
    life.tell(AdoptionLapsed(**same("a1")))
    assert life.timers == [(K.UNCLAIMED, life.now + 7 * DAY)]


def test_a_claim_closes_the_task_and_another_occasion_is_another_task(life: Life) -> None:
    life.post()
    life.pass_time(7 * DAY)
    life.settle()
    (first,) = life.wish.tasks
    life.adopt()
    assert life.tasks == [("unclaimed", "closing")]
    life.settle()
    life.tell(AdoptionLapsed(**same("a1")))
    life.pass_time(7 * DAY)
    (second,) = life.wish.tasks
    assert second.kind is first.kind
    assert second.id != first.id


def test_a_wish_with_free_slots_waits_anew_after_each_claim(wish: Callable[..., Wish]) -> None:
    life = Life(wish(slots=3))
    life.post()
    life.now += 5 * DAY
    life.adopt("a1")
    assert life.timers == [(K.UNCLAIMED, life.now + 7 * DAY)]


def test_an_unanswered_delivery_is_reminded_of_and_then_a_task(life: Life) -> None:
    life.post()
    life.adopt()
    life.report()
    life.pass_time(7 * DAY)
    assert [type(event).__name__ for event in life.told][-1] == "ConfirmationReminderDue"
    assert life.wish.timeline[-1].what == "ConfirmationReminderDue"
    assert life.wish.timeline[-1].by.role is Role.SYSTEM
    assert life.tasks == []
    life.pass_time(7 * DAY)
    assert life.tasks == [("unconfirmed", "opening")]


def test_a_stop_of_a_month_lets_both_go_off_once(life: Life) -> None:
    life.post()
    life.adopt()
    life.report()
    before = len(life.told)
    assert life.pass_time(30 * DAY) is not None
    assert len(life.told) == before + 1
    assert life.tasks == [("unconfirmed", "opening")]
    assert life.pass_time(30 * DAY) is None


def test_an_answer_drops_what_waits_for_it_and_a_new_delivery_arms_it(life: Life) -> None:
    life.post()
    life.adopt()
    life.report()
    life.now += 2 * DAY
    life.take(receipt.dispute(life.wish, "a1", SEALED, RESIDENT, life.when))
    assert life.timers == []
    life.now += 2 * DAY
    life.report()
    assert life.timers == [(K.CONFIRM_REMINDER, life.now + 7 * DAY), (K.UNCONFIRMED, life.now + 14 * DAY)]
    life.pass_time(14 * DAY)
    life.take(receipt.confirm(life.wish, "a1", RESIDENT, life.when))
    assert life.tasks == [("unconfirmed", "closing")]
    assert life.timers == []


def test_each_delivery_waits_by_itself(wish: Callable[..., Wish]) -> None:
    life = Life(wish(slots=2))
    life.post()
    life.adopt("a1")
    life.adopt("a2")
    life.report("a1")
    life.now += DAY
    life.report("a2")
    life.take(receipt.confirm(life.wish, "a1", RESIDENT, life.when))
    assert life.timers == [(K.CONFIRM_REMINDER, life.now + 7 * DAY), (K.UNCONFIRMED, life.now + 14 * DAY)]


def test_a_delivery_that_crossed_the_end_still_waits_for_its_answer(
    wish: Callable[..., Wish], adoption: Callable[..., Adoption]
) -> None:
    life = Life(wish(status=Status.POSTED, slots=2, posted_at=FRIDAY, adoptions=(adoption("a1"),)))
    life.take(ending.withdraw(life.wish, None, RESIDENT, life.when))
    life.report("a1")
    assert [kind for kind, _ in life.timers] == [K.CONFIRM_REMINDER, K.UNCONFIRMED]
    assert life.wish.adoption("a1").state is AdoptionState.DELIVERED


def test_timers_count_from_the_recording_of_the_past(life: Life) -> None:
    long_ago = When(FRIDAY - 150 * DAY, FRIDAY, recorded_by="admin")
    life.begin(long_ago)
    life.take(review.approve(life.wish, "标题", "说明", STAFF, long_ago), when=long_ago)
    assert life.timers == [(K.UNCLAIMED, FRIDAY + 7 * DAY)]
    life.take(react(life.wish, adopted("a1", long_ago.at), long_ago), when=long_ago)
    reported = DeliveryReported(**same("a1"), delivered_at=long_ago.at)
    life.take(react(life.wish, reported, long_ago), when=long_ago)
    assert life.timers == [(K.CONFIRM_REMINDER, FRIDAY + 7 * DAY), (K.UNCONFIRMED, FRIDAY + 14 * DAY)]
    assert life.tasks == []
