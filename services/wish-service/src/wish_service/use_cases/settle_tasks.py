"""Open and close the tasks of staff that wishes have decided on.

A wish and a task are two documents, and nothing writes both at once. The wish's write decides; here the task's own
document catches up, under an id that the wish has derived, and then the wish remembers that it has. A crash at any
point repeats a step that changes nothing the second time (docs/adr/0010).
"""

from microwish.one_by_one import by_itself
from microwish.when import When
from wish_service.domain.follow_up import settled
from wish_service.domain.tasks import task_of
from wish_service.domain.timers import TaskState
from wish_service.store.tasks import Tasks
from wish_service.store.wishes import Wishes


async def settle_tasks(wishes: Wishes, tasks: Tasks, *, when: When) -> int:
    """Have every task's own document catch up with its wish; how many wishes were looked at. Safe by any number."""
    seen = 0
    async for wish_id in wishes.with_tasks_to_settle():
        await by_itself(_settle(wish_id, wishes, tasks, when), what="tasks", subject=wish_id)
        seen += 1
    return seen


async def _settle(wish_id: str, wishes: Wishes, tasks: Tasks, when: When) -> None:
    wish, done = await wishes.load(wish_id), []
    for kept in wish.tasks:
        if kept.state is TaskState.OPEN:
            continue
        # Also where it is to be closed: another worker may be about to open it, and must find it there.
        await tasks.open(task_of(wish, kept))
        if kept.state is TaskState.CLOSING:
            await tasks.close(kept.id, kept.closed_at or when.recorded_at)
        done.append((kept.id, kept.state))
    await wishes.change(wish.id, lambda now: settled(now, done, place=wish.community.code), when=when)
