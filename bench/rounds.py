"""People at once who claim wishes, each another one after each answer, for some seconds."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from bench.adoption_stack import AdoptionStack
from microwish.store.mongo import Database

STOCK = 10_000
Act = Callable[[str], Awaitable[None]]
"""Claims the wish of this id."""


class Wishes:
    """Wishes that nobody has claimed yet."""

    def __init__(self, stack: AdoptionStack, db: Database | None = None) -> None:
        self._stack, self._db = stack, db
        self.free: list[str] = []

    async def stock(self, count: int = STOCK) -> None:
        """See to enough of them."""
        while len(self.free) < count:
            self.free += await self._stack.wishes(1000, db=self._db)


async def people(wishes: Wishes, acts: Sequence[Act], *, seconds: float) -> int:
    """How many claims they made together."""
    done, until = 0, time.perf_counter() + seconds

    async def person(act: Act) -> None:
        nonlocal done
        while wishes.free and time.perf_counter() < until:
            await act(wishes.free.pop())
            done += 1

    await asyncio.gather(*(person(act) for act in acts))
    return done
