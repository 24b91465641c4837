"""Staff have told somebody by phone whom no message reaches (电话告知)."""

from collections.abc import Callable
from datetime import datetime

from notify_service.domain.errors import CallNotFound
from notify_service.store.messages import By
from notify_service.store.people import CallTasks


async def call_done(id: str, calls: CallTasks, *, by: By, may_see: Callable[[str | None], bool], now: datetime) -> None:
    """Close the task, with who called and when; one that is closed stays as it is. Raises: CallNotFound."""
    task = await calls.find(id)
    if task is None or not may_see(task["community"]):
        raise CallNotFound(id)
    await calls.done(id, person_id=by.person_id, role=by.role.value, now=now)
