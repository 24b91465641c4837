"""A task of staff (办一办): somebody to call, or a wish that stalls. Opened once, done once.

Its wish decides that there is one (`follow_up.py`); its own document is the truth of whether it was done, and by whom.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from microwish.events import Actor, Community, Event
from microwish.events.wish import StaffTaskDone, StaffTaskOpened, TaskKind
from wish_service.domain.errors import TaskAlreadyDone
from wish_service.domain.follow_up import SYSTEM
from wish_service.domain.timers import WishTask
from wish_service.domain.wish import Wish

STREET_DIGITS = 9


@dataclass(frozen=True)
class TaskLine:
    """One line of a task's timeline. `why` is sealed for `wish:<wish id>`."""

    at: datetime
    what: str
    by: Actor
    why: str | None = None


@dataclass(frozen=True)
class Task:
    """A task. community: whose staff see to it; place: where its wish is; about: the event to tell by telephone.

    seen_version: the wish's version that `community` and `place` are of.
    """

    id: str
    kind: TaskKind
    wish_id: str
    community: str
    place: Community
    opened_at: datetime
    seen_version: int
    about: str | None = None
    adoption_id: str | None = None
    due_at: datetime | None = None
    done_at: datetime | None = None
    timeline: tuple[TaskLine, ...] = ()


def task_of(wish: Wish, kept: WishTask) -> Task:
    """The task that a wish has opened. A review that is overdue is the street's to see to, all else the community's."""
    overdue = kept.kind is TaskKind.REVIEW_OVERDUE
    return Task(
        id=kept.id,
        kind=kept.kind,
        wish_id=wish.id,
        community=wish.community.code[:STREET_DIGITS] if overdue else wish.community.code,
        place=wish.community,
        opened_at=kept.opened_at,
        seen_version=wish.version,
        about=kept.about,
        adoption_id=kept.reason.adoption_id if kept.reason else None,
        due_at=kept.due_at,
        timeline=(TaskLine(kept.opened_at, "StaffTaskOpened", SYSTEM),),
    )


def opened(task: Task) -> Event:
    """The event that tells of a new task."""
    return StaffTaskOpened(
        task_id=task.id, wish_id=task.wish_id, community=task.community, kind=task.kind, by=SYSTEM, due_at=task.due_at
    )


def done(task: Task, by: Actor, at: datetime, note: str | None) -> tuple[Task, Event]:
    """The task after somebody has seen to it, or its reason has gone (by the system). Raises: TaskAlreadyDone."""
    if task.done_at is not None:
        raise TaskAlreadyDone(task.id)
    event = StaffTaskDone(
        task_id=task.id, wish_id=task.wish_id, community=task.community, kind=task.kind, by=by, note=note
    )
    line = TaskLine(at, "StaffTaskDone", by, note)
    return replace(task, done_at=at, timeline=(*task.timeline, line)), event


def moved(task: Task, to: Task) -> Task | None:
    """The task at the place where its wish is now; None if it is done, there already, or further than `to` knows."""
    if task.done_at is not None or task.place == to.place or task.seen_version >= to.seen_version:
        return None
    return replace(task, community=to.community, place=to.place, seen_version=to.seen_version)
