"""What time does, looked at every `timer_poll_seconds` in the worker role; safe with several replicas."""

import asyncio

from microwish.logs import get_logger
from microwish.when import Clock, When
from wish_service.store.tasks import Tasks
from wish_service.store.wishes import Wishes
from wish_service.use_cases.pass_time import pass_time
from wish_service.use_cases.settle_tasks import settle_tasks

log = get_logger(__name__)


class Timers:
    """Reminders and the tasks of staff."""

    def __init__(self, wishes: Wishes, tasks: Tasks, *, clock: Clock, poll_seconds: float) -> None:
        self._wishes = wishes
        self._tasks = tasks
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def run(self) -> None:
        """Until cancelled. What fails in one round is tried again in the next: everything due is still due."""
        while True:
            try:
                await self.tick()
            except Exception as error:  # noqa: BLE001 - the store may be away; nothing is lost by waiting
                log.warning("timers_failed", error=type(error).__name__)
            await asyncio.sleep(self._poll_seconds)

    async def tick(self) -> None:
        """One round."""
        when = When.now(self._clock)
        await pass_time(self._wishes, when=when)
        await settle_tasks(self._wishes, self._tasks, when=when)
