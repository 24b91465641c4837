"""Work waiting inside this process: woken at once, bounded, side by side; what is lost with the process a sweep finds.

Sign-in codes have a lane of their own, so that nothing else delays them. Inside a lane groups take turns, so that one
with ten thousand items stands in nobody's way (ADR 0029).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from microwish.logs import get_logger

Item = TypeVar("Item", bound=Hashable)
_CAPACITY = 10_000
"""Items of one group; what comes on top is left to the sweep."""
_log = get_logger(__name__)


class Lane(Generic[Item]):
    """Runs `work` on items, some at a time: one of each group in turn, those of a group in order of arrival.

    An item that waits already is not put twice.
    """

    def __init__(self, name: str, work: Callable[[Item], Awaitable[None]], *, side_by_side: int) -> None:
        self.name = name
        self._work = work
        self._side_by_side = side_by_side
        self._groups: dict[str, deque[Item]] = {}  # in the order of their turns; none is empty
        self._there = asyncio.Semaphore(0)
        self._waiting: set[Item] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def put(self, item: Item, group: str = "", /) -> None:
        """Have it worked on soon. A process that doesn't run the lane, or a full group, leaves it to the sweep."""
        if not self._tasks or item in self._waiting or len(self._groups.get(group, ())) >= _CAPACITY:
            return
        self._waiting.add(item)
        self._groups.setdefault(group, deque()).append(item)
        self._there.release()

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

    def waiting(self, group: str) -> int:
        """How many of a group wait; nobody works on them yet."""
        return len(self._groups.get(group, ()))

    @property
    def alive(self) -> bool:
        """Whether its workers run."""
        return bool(self._tasks) and all(not task.done() for task in self._tasks)

    async def _run(self) -> None:
        while True:
            item = await self._next()
            try:
                await self._work(item)
            except Exception as error:  # noqa: BLE001  whatever went wrong, the sweep meets the item again
                _log.warning("lane_work_failed", lane=self.name, error=type(error).__name__)

    async def _next(self) -> Item:
        await self._there.acquire()
        group = next(iter(self._groups))
        items = self._groups.pop(group)
        item = items.popleft()
        if items:
            self._groups[group] = items  # behind the others
        self._waiting.discard(item)
        return item
