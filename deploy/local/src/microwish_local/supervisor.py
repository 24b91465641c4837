"""Keeps the parts of the stack running: started in order, started again when one dies, stopped in reverse order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from microwish_local.processes import StartFailed


class Part(Protocol):
    """Something that runs until it is stopped: a server, or a plain process."""

    name: str

    @property
    def pid(self) -> int | None:
        """The process id while it runs, else None."""

    async def start(self) -> None:
        """Start it. Raises StartFailed."""

    async def stop(self) -> None:
        """End it; nothing of it is left running."""

    async def exited(self) -> int:
        """Wait until it ends by itself; its exit status, negative for the signal that ended it."""


@dataclass(frozen=True)
class Backoff:
    """Seconds to wait before a part is started again: doubled from `first` up to `most`, forgotten after a calm run."""

    first: float = 0.5
    most: float = 10.0
    calm: float = 30.0


class Supervisor:
    """Runs parts in stages. `say` gets one line for each end and each new start that nobody asked for."""

    def __init__(self, say: Callable[[str], None], backoff: Backoff | None = None) -> None:
        self._say = say
        self._backoff = backoff or Backoff()
        self._stages: list[tuple[Part, ...]] = []
        self._watches: list[asyncio.Task[None]] = []

    @property
    def parts(self) -> list[Part]:
        """Everything supervised, in the order of starting."""
        return [part for stage in self._stages for part in stage]

    async def start(self, *stage: Part) -> None:
        """Start the parts of one stage together and watch them. Raises StartFailed when one doesn't come up."""
        self._stages.append(stage)
        outcomes = await asyncio.gather(*(part.start() for part in stage), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        self._watches += [asyncio.create_task(self._watch(part)) for part in stage]

    async def stop(self) -> None:
        """Stop every stage, the last one first; the parts of a stage together."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        self._watches.clear()
        while self._stages:
            await asyncio.gather(*(part.stop() for part in self._stages.pop()))

    async def _watch(self, part: Part) -> None:
        delay = self._backoff.first
        clock = asyncio.get_running_loop().time
        while True:
            started = clock()
            status = await part.exited()
            delay = self._backoff.first if clock() - started > self._backoff.calm else delay
            self._say(f"{part.name} ended ({_ending(status)}); it is started again in {delay:g} s.")
            delay = await self._revive(part, delay)

    async def _revive(self, part: Part, delay: float) -> float:
        """Start a part that ended, as often as it takes; the delay for its next end, in seconds."""
        while True:
            await asyncio.sleep(delay)
            delay = min(delay * 2, self._backoff.most)
            try:
                await part.start()
            except StartFailed as failure:
                self._say(f"{failure} It is tried again in {delay:g} s.")
                continue
            self._say(f"{part.name} runs again (pid {part.pid}).")
            return delay


def _ending(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"
