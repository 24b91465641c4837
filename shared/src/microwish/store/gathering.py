"""What is asked for while the database is busy with its like goes there together; each caller gets its own answer."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

MOST_TOGETHER = 100

Asked = TypeVar("Asked")
Got = TypeVar("Got")
Together = Callable[[list[Asked]], Awaitable[list[Got | BaseException]]]
"""Sees to a group; gives each its answer, or the error that its own caller shall get, in their order."""


class Gathering(Generic[Asked, Got]):
    """`ask` answers with what became of the caller's own part of a group.

    What comes alone goes at once: nobody waits for company. Each group is begun after all of it was asked for.
    side_by_side: groups under way at once; the fewer, the larger.
    """

    def __init__(
        self,
        together: Together[Asked, Got],
        *,
        name: str,
        side_by_side: int = 1,
    ) -> None:
        self._together = together
        self._name = name
        self._side_by_side = side_by_side
        self._waiting: deque[tuple[Asked, asyncio.Future[Got]]] = deque()
        self._workers: set[asyncio.Task[None]] = set()
        self._working = 0

    async def ask(self, asked: Asked) -> Got:
        """The answer to this. Raises what the group says of it; a caller that gives up takes nobody with it."""
        answer: asyncio.Future[Got] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._working < self._side_by_side:
            self._working += 1
            worker = asyncio.create_task(self._work(), name=self._name)
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return await answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._see_to(self._next_group())
        finally:
            # In the same step as the last look at what waits: a caller who comes next begins a worker of its own.
            self._working -= 1

    async def _see_to(self, group: list[tuple[Asked, asyncio.Future[Got]]]) -> None:
        try:
            answers = await self._together([asked for asked, _ in group])
        except Exception as error:  # noqa: BLE001  each caller gets what was said of what they shared
            answers = [error] * len(group)
        for (_, answer), got in zip(group, answers, strict=True):
            if answer.done():
                continue  # its caller has given up
            if isinstance(got, BaseException):
                answer.set_exception(got)
            else:
                answer.set_result(got)

    def _next_group(self) -> list[tuple[Asked, asyncio.Future[Got]]]:
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_TOGETHER))]
