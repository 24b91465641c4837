"""What follows from a step besides its events: timers armed and dropped, tasks of staff opened and closed.

It is worked out from the wish before and after, whatever the step was, so that no step can forget it; the store
applies it to every change, in the write that changes the wish.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from microwish.events import Actor, Role
from microwish.events.wish import ConfirmationReminderDue, TaskKind
from microwish.ids import derived_id
from microwish.when import When
from wish_service.domain.adoptions import AdoptionState, held
from wish_service.domain.states import ON_THE_ROAD, Status
from wish_service.domain.timers import Reason, TaskState, Terms, Timer, TimerKind, Why, WishTask
from wish_service.domain.wish import Decision, Entry, Wish, entry

SYSTEM: Final = Actor(role=Role.SYSTEM)

NEWS_AGE: Final = timedelta(hours=24)
"""What is older when it is recorded is not told any more (design, section 4): the paper of years rings nobody up."""

TOLD: Final = frozenset(
    {
        "WishReturned",
        "WishRejected",
        "WishPosted",
        "WishMerged",
        "WishTakenDown",
        "WishClosed",
        "WishFulfilled",
        "WishAdopted",
        "AdoptionReleased",
        "AdoptionLapsed",
        "AdoptionRevoked",
        "DeliveryReported",
        "ConfirmationReminderDue",
    }
)
"""What its resident is told of (the table of design section 4), by telephone if no message reaches them.

WishWithdrawn is not among them: who withdraws without an account has just said so to staff.
"""

_OF_A_HOLDER = frozenset({"WishAdopted", "AdoptionReleased", "AdoptionLapsed", "AdoptionRevoked"})
_OF_UNANSWERED_DELIVERY = frozenset({"DeliveryReported", "ConfirmationReminderDue"})


def reasons(wish: Wish) -> dict[Reason, object]:
    """Why somebody might have to be reminded of this wish, each with what makes it the same reason still."""
    found: dict[Reason, object] = {}
    if wish.status is Status.SUBMITTED:
        found[Reason(Why.REVIEW)] = wish.review_from
    if wish.status is Status.POSTED:
        found[Reason(Why.UNCLAIMED)] = held(wish.adoptions)
    for adoption in wish.adoptions:
        if adoption.state is AdoptionState.ACTIVE:
            found[Reason(Why.VISIT, adoption.id)] = adoption.claimed_at
        if adoption.state is AdoptionState.DELIVERED:
            found[Reason(Why.UNCONFIRMED, adoption.id)] = adoption.delivered_at
    return found


def followed_up(before: Wish | None, decision: Decision, when: When, terms: Terms) -> Decision:
    """The decision with the timers and tasks that follow from it.

    Timers count from the recording (`when.recorded_at`), also where the step is dated back.
    """
    wish = decision.wish
    earlier = reasons(before) if before else {}
    standing = reasons(wish)
    fresh = [reason for reason, mark in standing.items() if reason not in earlier or earlier[reason] != mark]
    kept = standing.keys() - set(fresh)
    news = _news(before, wish, when)
    # Only what needs a number of its own takes one, so that a step without consequences changes nothing.
    occasion = wish.occasions + 1 if fresh or news else wish.occasions
    moved = before is not None and before.community.code != wish.community.code
    armed = [timer for reason in fresh for timer in terms.armed(reason, when.recorded_at, occasion)]
    followed = replace(
        wish,
        occasions=occasion,
        timers=(*(timer for timer in wish.timers if timer.reason in kept), *armed),
        tasks=(
            *(_still(task, kept, when, moved=moved) for task in wish.tasks),
            *(_telephone(wish, line, occasion, when) for line in news),
        ),
    )
    return replace(decision, wish=followed)


def pass_time(wish: Wish, when: When) -> Decision | None:
    """Let every timer go off that is due; None if none is.

    The resident is reminded (ConfirmationReminderDue); all else becomes a task of staff.
    """
    due = [timer for timer in wish.timers if timer.at <= when.recorded_at]
    if not due:
        return None
    reminders = [timer for timer in due if timer.kind is TimerKind.CONFIRM_REMINDER]
    tasks = [_task(wish, timer, when) for timer in due if timer.kind is not TimerKind.CONFIRM_REMINDER]
    lines, events = [], []
    for timer in reminders:
        adoption = wish.adoption(timer.reason.adoption_id or "")
        lines.append(entry("ConfirmationReminderDue", SYSTEM, when, adoption=adoption))
        events.append(ConfirmationReminderDue(**wish.about, by=SYSTEM, adoption_id=adoption.id))
    left = tuple(timer for timer in wish.timers if timer not in due)
    changed = replace(wish, timers=left, tasks=(*wish.tasks, *tasks), timeline=(*wish.timeline, *lines))
    return Decision(changed, tuple(events))


def settled(wish: Wish, done: Iterable[tuple[str, TaskState]], *, place: str) -> Decision | None:
    """The wish after the tasks' own documents have caught up: (id, state) pairs as they were read.

    place: the code of the community where it was then. None if it has moved since: its tasks have to follow first.
    """
    reached = set(done)
    if not reached or wish.community.code != place:
        return None
    tasks = []
    for task in wish.tasks:
        caught_up = (task.id, task.state) in reached
        if not (caught_up and task.state is TaskState.CLOSING):
            tasks.append(replace(task, state=TaskState.OPEN) if caught_up else task)
    return Decision(replace(wish, tasks=tuple(tasks)))


def _still(task: WishTask, kept: Iterable[Reason], when: When, *, moved: bool) -> WishTask:
    if task.state is TaskState.CLOSING:
        return task
    if task.reason is None or task.reason in kept:
        return replace(task, state=TaskState.OPENING) if moved else task  # it is seen to by the staff of the new place
    return replace(task, state=TaskState.CLOSING, closed_at=when.recorded_at)


def _task(wish: Wish, timer: Timer, when: When) -> WishTask:
    kind = TaskKind(timer.kind.value)
    return WishTask(
        id=derived_id(wish.id, kind.value, str(timer.occasion), timer.reason.adoption_id or "-"),
        kind=kind,
        opened_at=when.recorded_at,
        reason=timer.reason,
        due_at=timer.due_at,
    )


def _telephone(wish: Wish, line: Entry, occasion: int, when: When) -> WishTask:
    return WishTask(
        id=derived_id(wish.id, TaskKind.TELEPHONE.value, str(occasion), line.what, line.adoption_id or "-"),
        kind=TaskKind.TELEPHONE,
        opened_at=when.recorded_at,
        reason=_reason_to_call(line),
        about=line.what,
    )


def _reason_to_call(line: Entry) -> Reason | None:
    """A call that would be late once the reason is gone: who comes, while they come; please confirm, until answered."""
    if line.what == "WishAdopted":
        return Reason(Why.VISIT, line.adoption_id)
    if line.what in _OF_UNANSWERED_DELIVERY:
        return Reason(Why.UNCONFIRMED, line.adoption_id)
    return None


def _news(before: Wish | None, wish: Wish, when: When) -> list[Entry]:
    """The new lines of the timeline that the resident has to be told by telephone."""
    if wish.reachable or when.recorded_at - when.at > NEWS_AGE:
        return []
    new = wish.timeline[len(before.timeline) :] if before else wish.timeline
    answered = any(line.what == "DeliveryConfirmed" for line in new)
    return [line for line in new if line.what in TOLD and _is_news(line, before, wish, answered=answered)]


def _is_news(line: Entry, before: Wish | None, wish: Wish, *, answered: bool) -> bool:
    if line.what == "WishFulfilled":
        return not answered  # whoever confirms without an account has just said so to staff
    if line.what in _OF_A_HOLDER and wish.status not in ON_THE_ROAD:
        return False  # the wish's own end was told; a claim that crossed it is revoked
    if line.adoption_id is None or line.what == "ConfirmationReminderDue":
        return True
    return _state_of(before, line.adoption_id) is not _state_of(wish, line.adoption_id)


def _state_of(wish: Wish | None, adoption_id: str) -> AdoptionState | None:
    adoptions = wish.adoptions if wish else ()
    return next((adoption.state for adoption in adoptions if adoption.id == adoption_id), None)
