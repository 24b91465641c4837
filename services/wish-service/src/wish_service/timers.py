"""What time does, looked at every `timer_poll_seconds` in the worker role; safe with several replicas."""

from microwish.rounds import Rounds
from microwish.when import Clock, When
from wish_service.store.tasks import Tasks
from wish_service.store.wishes import Wishes
from wish_service.use_cases.pass_time import pass_time
from wish_service.use_cases.settle_tasks import settle_tasks


class Timers:
    """Reminders and the tasks of staff."""

    def __init__(self, wishes: Wishes, tasks: Tasks, *, clock: Clock, poll_seconds: float) -> None:
        self._wishes = wishes
        self._tasks = tasks
        self._clock = clock
        self.rounds = Rounds("timers", self.tick, seconds=poll_seconds)

    async def tick(self) -> None:
        """One round."""
        when = When.now(self._clock)
        await pass_time(self._wishes, when=when)
        await settle_tasks(self._wishes, self._tasks, when=when)
