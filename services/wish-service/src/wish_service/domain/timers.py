"""What a wish keeps to remember time and staff by: its timers, and the tasks that it has opened.

A timer and a task stand for a reason (`follow_up.reasons`). When the reason goes, the timer is dropped and the task
closed, in the write that takes the reason away.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from microwish.events.wish import TaskKind
from wish_service.domain.workdays import workdays_after

_HALF_A_DAY = timedelta(hours=12)


class Why(StrEnum):
    """The kinds of reasons."""

    REVIEW = "review"
    """It waits for review."""
    UNCLAIMED = "unclaimed"
    """A slot is free, and nobody has come or gone since."""
    VISIT = "visit"
    """An organisation holds it and has not delivered."""
    UNCONFIRMED = "unconfirmed"
    """A delivery that nobody has answered."""


@dataclass(frozen=True)
class Reason:
    """Why somebody has to be reminded. adoption_id: for a visit or an unconfirmed delivery."""

    why: Why
    adoption_id: str | None = None


class TimerKind(StrEnum):
    """What goes off. All but the reminder of the resident open the task of the same name."""

    REVIEW_HALF_WAY = TaskKind.REVIEW_HALF_WAY.value
    REVIEW_OVERDUE = TaskKind.REVIEW_OVERDUE.value
    UNCLAIMED = TaskKind.UNCLAIMED.value
    CONFIRM_REMINDER = "confirm_reminder"
    UNCONFIRMED = TaskKind.UNCONFIRMED.value


@dataclass(frozen=True)
class Timer:
    """Goes off once at `at`. occasion: the arming of this wish that it belongs to. due_at: the day it reminds of."""

    kind: TimerKind
    at: datetime
    reason: Reason
    occasion: int
    due_at: datetime | None = None


class TaskState(StrEnum):
    """How far the wish and the task's own document agree (`use_cases/settle_tasks.py`)."""

    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"


@dataclass(frozen=True)
class WishTask:
    """A task of staff as its wish remembers it. about: the event that has to be told by telephone."""

    id: str
    kind: TaskKind
    opened_at: datetime
    state: TaskState = TaskState.OPENING
    reason: Reason | None = None
    about: str | None = None
    due_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True)
class Terms:
    """How long what may take. review_workdays: within how many working days, in `zone`, a review is promised."""

    confirm_reminder: timedelta
    confirm_task: timedelta
    unclaimed_task: timedelta
    review_workdays: int
    zone: ZoneInfo

    def review_due(self, since: datetime) -> datetime:
        """By when the review is promised."""
        return workdays_after(since, self.review_workdays, self.zone)

    def review_half_way(self, since: datetime) -> datetime:
        """After half of the working days; the middle one of an odd number counts twelve hours."""
        whole, odd = divmod(self.review_workdays, 2)
        return workdays_after(since, whole, self.zone) + odd * _HALF_A_DAY

    def armed(self, reason: Reason, since: datetime, occasion: int) -> tuple[Timer, ...]:
        """The timers of a reason that has come up."""
        if reason.why is Why.REVIEW:
            due_at = self.review_due(since)
            return (
                Timer(TimerKind.REVIEW_HALF_WAY, self.review_half_way(since), reason, occasion, due_at),
                Timer(TimerKind.REVIEW_OVERDUE, due_at, reason, occasion, due_at),
            )
        if reason.why is Why.UNCLAIMED:
            return (Timer(TimerKind.UNCLAIMED, since + self.unclaimed_task, reason, occasion),)
        if reason.why is Why.UNCONFIRMED:
            return (
                Timer(TimerKind.CONFIRM_REMINDER, since + self.confirm_reminder, reason, occasion),
                Timer(TimerKind.UNCONFIRMED, since + self.confirm_task, reason, occasion),
            )
        return ()
