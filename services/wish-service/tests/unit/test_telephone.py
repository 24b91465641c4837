"""Who is told by telephone (电话告知), of what, and where the tasks of it go."""

import copy
import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest

from microwish.events.adoption import AdoptionLapsed, AdoptionReleased, AdoptionRevoked, RevocationCause
from microwish.events.wish import TaskKind
from microwish.when import When
from wish_service.domain import ending, moving, receipt, review, tasks
from wish_service.domain.follow_up import settled
from wish_service.domain.tasks import task_of
from wish_service.domain.timers import TaskState, TimerKind
from wish_service.domain.wish import Wish

from .life import DAY, FRIDAY, SEALED, STAFF, Life, same


@pytest.fixture
def elder(wish: Callable[..., Wish]) -> Life:
    """Somebody without an account, to be reached by a landline alone."""
    made = wish(resident_id=None, on_behalf=True)
    return Life(dataclasses.replace(made, contact=dataclasses.replace(made.contact, landline=True)))


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


def test_every_end_and_every_answer_of_staff_is_told(elder: Life) -> None:
    before, on_wall, confirmed = elder, copy.copy(elder), copy.copy(elder)
    before.begin()
    on_wall.post()
    confirmed.post()
    confirmed.wish = dataclasses.replace(confirmed.wish, slots=2)
    confirmed.adopt()
    confirmed.report()
    confirmed.take(receipt.confirm(confirmed.wish, "a1", STAFF, confirmed.when, note=SEALED))
    into, when = dataclasses.replace(on_wall.wish, id="w2"), elder.when
    ways = {
        "WishReturned": (before, review.return_to_resident(before.wish, SEALED, STAFF, when)),
        "WishRejected": (before, review.reject(before.wish, SEALED, STAFF, when)),
        "WishMerged": (on_wall, review.merge(on_wall.wish, into, STAFF, when)),
        "WishTakenDown": (on_wall, ending.take_down(on_wall.wish, SEALED, STAFF, when)),
        "WishClosed": (on_wall, ending.close(on_wall.wish, SEALED, STAFF, when)),
        "WishFulfilled": (confirmed, ending.close(confirmed.wish, None, STAFF, when)),
    }
    for about, (life, decision) in ways.items():
        after = copy.copy(life)
        after.take(decision)
        assert after.tasks[-1] == (about, "opening")
        reached = copy.copy(life)
        reached.wish = dataclasses.replace(life.wish, resident_id="p1")
        reached.take(dataclasses.replace(decision, wish=dataclasses.replace(decision.wish, resident_id="p1")))
        assert about not in [told for told, _ in reached.tasks]


@pytest.mark.parametrize("gone", [AdoptionReleased, AdoptionLapsed])
def test_a_holder_that_lets_go_or_is_too_late_is_told(
    elder: Life, gone: type[AdoptionReleased | AdoptionLapsed]
) -> None:
    elder.post()
    elder.adopt()
    elder.tell(gone(**same("a1")))
    assert elder.tasks[1:] == [("WishAdopted", "closing"), (gone.__name__, "opening")]


def test_a_claim_that_crossed_the_end_of_the_wish_is_not_announced(elder: Life) -> None:
    elder.post()
    elder.take(ending.withdraw(elder.wish, None, STAFF, elder.when))
    elder.adopt()
    elder.tell(AdoptionRevoked(**same("a1"), cause=RevocationCause.WITHDRAWN))
    assert elder.tasks == [("WishPosted", "opening")]


def test_a_holder_that_goes_is_news_only_while_the_wish_goes_on(elder: Life) -> None:
    elder.post()
    elder.adopt()
    elder.tell(AdoptionRevoked(**same("a1"), cause=RevocationCause.STAFF))
    assert elder.tasks == [("WishPosted", "opening"), ("WishAdopted", "closing"), ("AdoptionRevoked", "opening")]
    elder.adopt("a2")
    elder.take(ending.take_down(elder.wish, SEALED, STAFF, elder.when))
    elder.tell(AdoptionRevoked(**same("a2"), cause=RevocationCause.TAKEN_DOWN))
    assert [about for about, _ in elder.tasks][3:] == ["WishAdopted", "WishTakenDown"]


def test_whoever_can_be_reached_by_message_is_not_called(wish: Callable[..., Wish]) -> None:
    life = Life(wish())
    life.post()
    life.adopt()
    assert life.tasks == []


def test_a_mobile_without_account_is_told_by_telephone_until_its_contact_is_published(elder: Life) -> None:
    elder.begin()
    mobile = dataclasses.replace(elder.wish.contact, landline=False)
    elder.take(review.correct_contact(elder.wish, mobile, STAFF, elder.when))
    elder.take(review.return_to_resident(elder.wish, SEALED, STAFF, elder.when))
    assert elder.tasks == [("WishReturned", "opening")]
    elder.take(review.revise(elder.wish, review.Revision(slots=2), STAFF, elder.when))
    elder.take(review.approve(elder.wish, "标题", "说明", STAFF, elder.when))
    assert elder.tasks == [("WishReturned", "opening")]  # the rest goes to the mobile


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
    assert elder.timers == [(TimerKind.UNCLAIMED, elder.now + 7 * DAY)]


def test_a_task_whose_wish_moved_while_it_was_opened_still_follows(elder: Life) -> None:
    elder.post()
    here = elder.wish.community
    read = [(task.id, task.state) for task in elder.wish.tasks]
    there = here.model_copy(update={"code": "310117005001"})
    elder.take(moving.moved(elder.wish, there, STAFF, elder.when, told=SEALED))
    assert settled(elder.wish, read, place=here.code) is None
    elder.take(settled(elder.wish, read, place=there.code))
    assert elder.tasks == [("WishPosted", "open")]


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
    reached = [*read, (elder.wish.tasks[1].id, TaskState.OPENING)]
    elder.take(settled(elder.wish, reached, place=elder.wish.community.code))
    assert elder.tasks == [("WishPosted", "open"), ("WishAdopted", "closing"), ("DeliveryReported", "opening")]
