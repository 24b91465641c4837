"""Which timers and tasks follow from which step, and how they go again."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from microwish.events import Actor, Event, Role
from microwish.events.adoption import (
    AdoptionLapsed,
    AdoptionRevoked,
    DeliveryReported,
    OrganisationKind,
    OrganisationRef,
    RevocationCause,
    WishAdopted,
)
from microwish.events.wish import TaskKind
from microwish.when import When
from wish_service.domain import ending, moving, receipt, review, tasks
from wish_service.domain.adoptions import Adoption, AdoptionState
from wish_service.domain.follow_up import followed_up, pass_time, settled
from wish_service.domain.reactions import react
from wish_service.domain.states import Status
from wish_service.domain.tasks import task_of
from wish_service.domain.timers import TaskState, Terms, TimerKind
from wish_service.domain.wish import Decision, Wish

RESIDENT = Actor(person_id="p1", role=Role.RESIDENT)
STAFF = Actor(person_id="s1", role=Role.STAFF)
SEALED = "v1.k1.AAAA"
SHANGHAI = ZoneInfo("Asia/Shanghai")
TERMS = Terms(timedelta(days=7), timedelta(days=14), timedelta(days=7), 2, SHANGHAI)
DAY = timedelta(days=1)
FRIDAY = datetime(2026, 6, 12, 2, 0, tzinfo=UTC)
K = TimerKind


class Life:
    """One wish, step by step, as the store would keep it."""

    def __init__(self, wish: Wish, now: datetime = FRIDAY) -> None:
        self.wish = wish
        self.now = now
        self.told: list[Event] = []

    @property
    def when(self) -> When:
        return When(self.now, self.now)

    def take(self, decision: Decision | None, *, when: When | None = None, before: Wish | None = None) -> None:
        assert decision is not None
        kept = followed_up(before or self.wish, decision, when or self.when, TERMS)
        self.wish, self.told = kept.wish, [*self.told, *kept.events]

    def begin(self, when: When | None = None) -> None:
        decision = review.submitted(self.wish, RESIDENT, when or self.when)
        kept = followed_up(None, decision, when or self.when, TERMS)
        self.wish = kept.wish

    def post(self) -> None:
        self.begin()
        self.take(review.approve(self.wish, "标题", "说明", STAFF, self.when))

    def tell(self, event: Event) -> None:
        self.take(react(self.wish, event, self.when))

    def adopt(self, id: str = "a1") -> None:
        self.tell(adopted(id, self.now))

    def report(self, id: str = "a1") -> None:
        self.tell(DeliveryReported(**same(id), delivered_at=self.now))

    def pass_time(self, gone: timedelta) -> Decision | None:
        self.now += gone
        decision = pass_time(self.wish, self.when)
        if decision is not None:
            self.take(decision)
        return decision

    def settle(self) -> None:
        self.take(settled(self.wish, [(task.id, task.state) for task in self.wish.tasks]))

    @property
    def timers(self) -> list[tuple[TimerKind, datetime]]:
        return [(timer.kind, timer.at) for timer in self.wish.timers]

    @property
    def tasks(self) -> list[tuple[str, str]]:
        return [(task.about or task.kind.value, task.state.value) for task in self.wish.tasks]


def same(id: str) -> dict[str, Any]:
    return {"wish_id": "w1", "adoption_id": id, "organisation_id": f"o-{id}", "by": STAFF}


def adopted(id: str, now: datetime) -> WishAdopted:
    return WishAdopted(
        **same(id),
        organisation=OrganisationRef(id=f"o-{id}", name="党支部", kind=OrganisationKind.PARTY_ORGANISATION),
        handler_name=SEALED,
        office_phone=SEALED,
        door_code=SEALED,
        claimed_at=now,
        due_at=now + 15 * DAY,
    )


@pytest.fixture
def life(wish: Callable[..., Wish]) -> Life:
    return Life(wish())


@pytest.fixture
def elder(wish: Callable[..., Wish]) -> Life:
    """Somebody without an account, to be reached by a landline alone."""
    made = wish(resident_id=None, on_behalf=True)
    return Life(dataclasses.replace(made, contact=dataclasses.replace(made.contact, landline=True)))


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


def test_who_has_no_mobile_is_told_by_telephone_at_once(elder: Life) -> None:
    elder.post()
    assert elder.tasks == [("WishPosted", "opening")]
    elder.settle()
    elder.adopt()
    elder.settle()
    elder.report()
    assert elder.tasks == [("WishPosted", "open"), ("WishAdopted", "closing"), ("DeliveryReported", "opening")]
    assert {task.kind for task in elder.wish.tasks} == {TaskKind.TELEPHONE}
    elder.settle()
    elder.pass_time(7 * DAY)
    assert elder.tasks[1:] == [("DeliveryReported", "open"), ("ConfirmationReminderDue", "opening")]
    elder.take(receipt.confirm(elder.wish, "a1", STAFF, elder.when, note=SEALED))
    assert elder.tasks[1:] == [("DeliveryReported", "closing"), ("ConfirmationReminderDue", "closing")]


def test_a_holder_that_goes_is_news_only_while_the_wish_goes_on(elder: Life) -> None:
    elder.post()
    elder.adopt()
    elder.tell(AdoptionRevoked(**same("a1"), cause=RevocationCause.STAFF))
    assert elder.tasks == [("WishPosted", "opening"), ("WishAdopted", "closing"), ("AdoptionRevoked", "opening")]
    elder.adopt("a2")
    elder.take(ending.take_down(elder.wish, SEALED, STAFF, elder.when))
    elder.tell(AdoptionRevoked(**same("a2"), cause=RevocationCause.TAKEN_DOWN))
    assert [about for about, _ in elder.tasks][3:] == ["WishAdopted", "WishTakenDown"]


def test_whoever_can_be_reached_by_message_is_not_called(life: Life) -> None:
    life.post()
    life.adopt()
    assert life.tasks == []


def test_the_past_that_is_recorded_later_rings_nobody_up(elder: Life) -> None:
    old = When(FRIDAY - timedelta(hours=25), FRIDAY, recorded_by="admin")
    elder.begin(old)
    elder.take(review.approve(elder.wish, "标题", "说明", STAFF, old), when=old)
    assert elder.tasks == []


def test_tasks_go_along_when_their_wish_moves(elder: Life) -> None:
    elder.post()
    elder.settle()
    place = dataclasses.replace(elder.wish).community.model_copy(update={"code": "310117005001", "name": "广富林社区"})
    elder.take(moving.moved(elder.wish, place, STAFF, elder.when, told=SEALED))
    assert elder.tasks == [("WishPosted", "opening")]
    (task,) = elder.wish.tasks
    assert task_of(elder.wish, task).community == "310117005001"
    assert elder.timers == [(K.UNCLAIMED, elder.now + 7 * DAY)]


def test_a_worker_that_is_late_does_not_take_a_task_back_to_where_its_wish_was(elder: Life) -> None:
    elder.post()
    (kept,) = elder.wish.tasks
    here = task_of(dataclasses.replace(elder.wish, version=2), kept)
    place = here.place.model_copy(update={"code": "310117005001"})
    there = task_of(dataclasses.replace(elder.wish, version=3, community=place), kept)
    gone = tasks.moved(here, there)
    assert gone is not None
    assert gone.community == "310117005001"
    assert tasks.moved(gone, here) is None


def test_a_task_that_changed_meanwhile_is_settled_again(elder: Life) -> None:
    elder.post()
    read = [(task.id, task.state) for task in elder.wish.tasks]
    elder.adopt()
    elder.report()  # the call about the claim closes before it was opened
    elder.take(settled(elder.wish, [*read, (elder.wish.tasks[1].id, TaskState.OPENING)]))
    assert elder.tasks == [("WishPosted", "open"), ("WishAdopted", "closing"), ("DeliveryReported", "opening")]
