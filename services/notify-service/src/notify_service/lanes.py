"""Work waiting inside this process: woken at once, bounded, side by side; what is lost with the process a sweep finds.

Sign-in codes have a lane of their own, so that nothing else delays them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from microwish.logs import get_logger

Item = TypeVar("Item", bound=Hashable)
_CAPACITY = 10_000
_log = get_logger(__name__)


class Lane(Generic[Item]):
    """Runs `work` on items in order of arrival, some at a time. An item that waits already is not put twice."""

    def __init__(self, name: str, work: Callable[[Item], Awaitable[None]], *, side_by_side: int) -> None:
        self.name = name
        self._work = work
        self._side_by_side = side_by_side
        self._queue: asyncio.Queue[Item] = asyncio.Queue(_CAPACITY)
        self._waiting: set[Item] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def put(self, item: Item) -> None:
        """Have it worked on soon. A process that doesn't run the lane, or a full one, leaves it to the sweep."""
        if not self._tasks or item in self._waiting or self._queue.full():
            return
        self._waiting.add(item)
        self._queue.put_nowait(item)

    def start(self) -> None:
        """Begin to work."""
        self._tasks = [
            asyncio.create_task(self._run(), name=f"lane.{self.name}.{number}") for number in range(self._side_by_side)
        ]

    async def stop(self) -> None:
        """Stop after cancelling what is under way; the documents say how far it was."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    @property
    def alive(self) -> bool:
        """Whether its workers run."""
        return bool(self._tasks) and all(not task.done() for task in self._tasks)

    async def _run(self) -> None:
        while True:
            item = await self._queue.get()
            self._waiting.discard(item)
            try:
                await self._work(item)
            except Exception as error:  # noqa: BLE001  whatever went wrong, the sweep meets the item again
                _log.warning("lane_work_failed", lane=self.name, error=type(error).__name__)
