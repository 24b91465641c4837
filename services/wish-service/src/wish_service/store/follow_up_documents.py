"""The timers and tasks of a wish as part of its document and back."""

from typing import Any

from microwish.events.wish import TaskKind
from microwish.store.mongo import Document
from wish_service.domain.timers import Reason, TaskState, Timer, TimerKind, Why, WishTask
from wish_service.domain.wish import Wish

FIELDS = ("recommended", "timers", "tasks")
"""The fields of a wish that are kept by this module."""


def follow_up_document(wish: Wish) -> Document:
    """The part of the document.

    next_timer_at: when the first timer goes off; tasks_unsettled_since: since when a task's own document lags behind.
    Both are for indexes, and null where there is nothing.
    """
    unsettled = [task.closed_at or task.opened_at for task in wish.tasks if task.state is not TaskState.OPEN]
    return {
        "recommended": list(wish.recommended),
        "timers": [_timer_document(timer) for timer in wish.timers],
        "tasks": [_task_document(task) for task in wish.tasks],
        "next_timer_at": min((timer.at for timer in wish.timers), default=None),
        "tasks_unsettled_since": min(unsettled, default=None),
    }


def follow_up_of(document: Document) -> dict[str, Any]:
    """The fields again; a wish kept by an earlier release has none."""
    return {
        "recommended": tuple(document.get("recommended", ())),
        "timers": tuple(_timer(kept) for kept in document.get("timers", ())),
        "tasks": tuple(_task(kept) for kept in document.get("tasks", ())),
    }


def _timer_document(timer: Timer) -> Document:
    return {**vars(timer), "kind": timer.kind.value, "reason": _reason_document(timer.reason)}


def _timer(kept: Document) -> Timer:
    return Timer(**{**kept, "kind": TimerKind(kept["kind"]), "reason": _reason(kept["reason"])})


def _task_document(task: WishTask) -> Document:
    reason = _reason_document(task.reason) if task.reason else None
    return {**vars(task), "kind": task.kind.value, "state": task.state.value, "reason": reason}


def _task(kept: Document) -> WishTask:
    reason = _reason(kept["reason"]) if kept["reason"] else None
    return WishTask(**{**kept, "kind": TaskKind(kept["kind"]), "state": TaskState(kept["state"]), "reason": reason})


def _reason_document(reason: Reason) -> Document:
    return {"why": reason.why.value, "adoption_id": reason.adoption_id}


def _reason(kept: Document) -> Reason:
    return Reason(Why(kept["why"]), kept["adoption_id"])
