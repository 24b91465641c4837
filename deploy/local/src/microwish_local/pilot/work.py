"""Many jobs in a few hands: the earliest first, and what follows from a job is queued when it is done."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

Job = TypeVar("Job")
Rank = tuple[float, ...]
"""Jobs of a lower rank are taken first."""
Ranked = tuple[Rank, Job]


async def work_off(
    jobs: Iterable[Ranked[Job]], do: Callable[[Job], Awaitable[Ranked[Job] | None]], *, hands: int
) -> None:
    """Do all jobs, `hands` at a time. `do` gives the job that follows with its rank, or None.

    The first failure ends everything and is raised.
    """
    waiting: asyncio.PriorityQueue[tuple[Rank, int, Job]] = asyncio.PriorityQueue()
    arrival = itertools.count()  # settles ties, since jobs themselves are not comparable
    for rank, job in jobs:
        waiting.put_nowait((rank, next(arrival), job))

    async def hand() -> None:
        while True:
            _, _, job = await waiting.get()
            following = await do(job)
            if following is not None:
                waiting.put_nowait((following[0], next(arrival), following[1]))
            waiting.task_done()

    try:
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(hand()) for _ in range(hands)]
            await waiting.join()
            for worker in workers:
                worker.cancel()
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


def in_order(jobs: Iterable[Job]) -> list[Ranked[Job]]:
    """The jobs as they come."""
    return [((float(number),), job) for number, job in enumerate(jobs)]
