"""Whose turn it is: what many ask for at once must not hold up those who ask for something else."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class Turns:
    """At most `at_once` are at work on one thing; who comes later waits in order, and costs nothing meanwhile.

    Things are told apart by their keys; nothing is kept of those that nobody asks for. It holds for this process: what
    must be true of several is the store's to see to.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._things: dict[Hashable, _Thing] = {}

    def __len__(self) -> int:
        """How many things are asked for now."""
        return len(self._things)

    @asynccontextmanager
    async def at(self, key: Hashable) -> AsyncIterator[None]:
        """Wait for a turn at this thing, and have it for as long as the block runs."""
        thing = self._things.setdefault(key, _Thing(self._at_once))
        thing.asking += 1
        try:
            async with thing.turns:  # first come, first served (asyncio.Semaphore)
                yield
        finally:
            thing.asking -= 1
            if not thing.asking:
                del self._things[key]


class _Thing:
    """Something that is asked for: by how many, and the turns at it."""

    def __init__(self, at_once: int) -> None:
        self.turns = asyncio.Semaphore(at_once)
        self.asking = 0
