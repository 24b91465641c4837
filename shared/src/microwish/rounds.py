"""Work that comes round again until a process stops: timers, sweeps, whatever was left to do."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from microwish.logs import get_logger
from microwish.store.mongo import is_outage

log = get_logger(__name__)

Round = Callable[[], Awaitable[bool | None]]
"""Looks once, and does what is due. True: there may be more at once."""


class Rounds:
    """Does one thing again and again, in any number of processes. What fails in a round is tried again in the next.

    name: of the task, and in the log. seconds: the pause between rounds, which `wake` ends early; after a round that
    says there is more the pause is busy_seconds.
    """

    def __init__(self, name: str, work: Round, *, seconds: float, busy_seconds: float = 0.0) -> None:
        self.name = name
        self._work = work
        self._seconds = seconds
        self._busy_seconds = busy_seconds
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin with a round at once."""
        self._task = asyncio.create_task(self.run(), name=self.name)

    async def stop(self) -> None:
        """End it, wherever it is: what is due stays due for another process or the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    @property
    def alive(self) -> bool:
        """Whether it runs, or was never started."""
        return self._task is None or not self._task.done()

    def wake(self) -> None:
        """There is something to do now."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._woken.clear()  # before the round: what comes during it is looked at in the next
            if await self._round():
                await asyncio.sleep(self._busy_seconds)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._seconds)

    async def _round(self) -> bool:
        try:
            return bool(await self._work())
        except Exception as error:
            if is_outage(error):
                log.warning("round_waits", round=self.name, error=type(error).__name__)
            else:
                log.error("round_failed", round=self.name, exc_info=error)
            return False
