"""What a wish keeps of a person who asked to be forgotten, in every state."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from microwish.events import Actor, Role
from microwish.events.wish import TaskKind, WishRevised, WishWithdrawn
from microwish.identity.people import Person
from microwish.when import When
from wish_service.domain import erasure, receipt
from wish_service.domain.access import owns
from wish_service.domain.adoptions import Adoption, AdoptionState
from wish_service.domain.consents import Consents
from wish_service.domain.erasure import NOBODY, REASON_CODE, Blank
from wish_service.domain.errors import ContactErased
from wish_service.domain.photos import Photo, PhotoState
from wish_service.domain.reactions import contact_shown
from wish_service.domain.states import Status, Step
from wish_service.domain.timers import Reason, TaskState, Timer, TimerKind, Why, WishTask
from wish_service.domain.wish import ANONYMOUS, Wish, entry, steps_from

BY = Actor(person_id="p1", role=Role.RESIDENT)
STAFF = Actor(person_id="s1", role=Role.STAFF)
MEMBER = Actor(person_id="m1", role=Role.MEMBER)
SECRET = "v1.k1.SECRET"
BLANK = Blank("v1.k1.TITLE", "v1.k1.DETAIL", "v1.k1.REASON")

Make = Callable[..., Wish]


def full(wish: Make, adoption: Callable[..., Adoption], when: When, status: Status) -> Wish:
    """A wish in which every place that can hold something of a person does."""
    lines = (
        entry("WishSubmitted", BY, when),
        entry("WishReturned", STAFF, when, why=SECRET, reason_code="details_missing"),
        entry("WishPosted", STAFF, when, edited=SECRET),
        entry("WishMoved", STAFF, when, why="v1.k1.PLACES"),
    )
    call = WishTask("t1", TaskKind.TELEPHONE, when.at, TaskState.OPEN)
    unconfirmed = Reason(Why.UNCONFIRMED, "a1")
    timers = (
        Timer(TimerKind.CONFIRM_REMINDER, when.at, unconfirmed, 1),
        Timer(TimerKind.UNCONFIRMED, when.at, unconfirmed, 1),
    )
    return wish(
        status=status,
        title=SECRET,
        detail=SECRET,
        beneficiary=SECRET,
        relation="grandchild",
        consents=Consents(publishing=True, note=SECRET, guardian_name=SECRET, guardian_relation=SECRET),
        public_name="王阿姨",
        public_title="收音机",
        posted_at=when.at,
        adoptions=(replace(adoption("a1", AdoptionState.DELIVERED), note=SECRET, door_code=SECRET),),
        timeline=lines,
        photos=(Photo("f1", "file", when.at, PhotoState.APPROVED),),
        timers=timers,
        tasks=(call,),
    )


@pytest.mark.parametrize("status", list(Status))
def test_nothing_says_whose_it_was(status: Status, wish: Make, adoption: Any, when: When) -> None:
    before = full(wish, adoption, when, status)
    decision = erasure.erase(before, BLANK, BY, when)
    assert decision is not None
    after = decision.wish
    assert SECRET not in repr(after)
    assert "王阿姨" not in repr(after)
    assert (after.contact, after.photos, after.relation, after.public_name) == (NOBODY, (), None, ANONYMOUS)
    assert (after.public_title, after.consents.publishing, after.resident_id) == ("收音机", True, "p1")
    assert [line.what for line in after.timeline[:4]] == [line.what for line in before.timeline]
    assert [line.reason_code for line in after.timeline[:2]] == [None, "details_missing"]
    assert after.timeline[3].why == "v1.k1.PLACES"
    revised = decision.events[0]
    assert isinstance(revised, WishRevised)
    assert (revised.photo_ids, revised.anonymous) == ([], True)
    may_end = Step.WITHDRAW in steps_from(status)
    assert after.status is (Status.WITHDRAWN if may_end else status)
    last = after.timeline[-1]
    if may_end:
        assert (last.what, last.why, last.reason_code) == ("WishWithdrawn", BLANK.reason, REASON_CODE)
        assert isinstance(decision.events[1], WishWithdrawn)
    else:
        assert (last.what, len(decision.events)) == ("PersonErased", 1)
    assert erasure.erase(after, BLANK, BY, when) is None


def test_nobody_is_called_or_reminded_any_more(wish: Make, adoption: Any, when: When) -> None:
    decision = erasure.erase(full(wish, adoption, when, Status.DELIVERED), BLANK, BY, when)
    assert decision is not None
    after = decision.wish
    assert [timer.kind for timer in after.timers] == [TimerKind.UNCONFIRMED]
    assert [task.state for task in after.tasks] == [TaskState.CLOSING]
    for step in (Step.SHOW_CONTACT, Step.CALL):
        with pytest.raises(ContactErased):
            contact_shown(after, STAFF, when, step)
    person = Person("p1", frozenset())
    assert not owns(person, after)
    assert owns(person, replace(after, erased_at=None))
    # Staff may still settle what was delivered.
    assert receipt.confirm(after, "a1", STAFF, when, note=SECRET).wish.status is Status.FULFILLED


def test_what_was_never_public_tells_nobody_of_a_change(wish: Make, when: When) -> None:
    decision = erasure.erase(wish(public_name="王阿姨"), BLANK, BY, when)
    assert decision is not None
    assert [type(event) for event in decision.events] == [WishWithdrawn]


def test_what_organisations_write_afterwards_is_not_kept(wish: Make, adoption: Any, when: When) -> None:
    decision = erasure.erase(full(wish, adoption, when, Status.DELIVERED), BLANK, BY, when)
    assert decision is not None
    noted = replace(
        decision.wish,
        adoptions=(replace(decision.wish.adoptions[0], note=SECRET),),
        timeline=(
            *decision.wish.timeline,
            entry("ProgressNoted", MEMBER, when, why=SECRET, adoption=decision.wish.adoptions[0]),
        ),
    )
    kept = erasure.kept_empty(replace(decision, wish=noted), len(decision.wish.timeline))
    assert SECRET not in repr(kept.wish)
    assert kept.wish.timeline[-1].what == "ProgressNoted"


def test_published_words_are_blank_and_the_rest_stays() -> None:
    data = {"wish_id": "w1", "reason": SECRET, "thanks": SECRET, "public_name": "王阿姨", "title": "收音机"}
    blank = erasure.reworded(data, "v1.k1.NOTHING")
    assert blank == {
        "wish_id": "w1",
        "reason": "v1.k1.NOTHING",
        "thanks": "v1.k1.NOTHING",
        "public_name": ANONYMOUS,
        "title": "收音机",
    }
    assert erasure.reworded(blank, "v1.k1.NOTHING") == blank
