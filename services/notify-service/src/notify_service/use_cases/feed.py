"""Queued messages whose time has come and that no lane holds: after a crash, put off, or too many for one process."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from microwish.when import Clock
from notify_service.domain.message import State
from notify_service.store.messages import Messages
from notify_service.use_cases.assemble import Wake

BULK = "left behind"
"""The group of a lane in which messages to many go on that another process left."""
_WINDOW = 1000
"""So many of the oldest are looked at; each process chooses among them by chance, so that few meet at the same."""


class Waiting(Protocol):
    """A lane: how many of a group wait in it."""

    def waiting(self, group: str, /) -> int:
        """Items of the group that nobody works on yet."""
        ...


class Feed:
    """Keeps the lanes of this process busy, and not much more than busy: what it holds others don't look for."""

    def __init__(
        self,
        messages: Messages,
        lane: Waiting,
        wake: Wake,
        wake_code: Callable[[str], None],
        clock: Clock,
        *,
        rest_seconds: float,
        ahead: int,
    ) -> None:
        self._messages = messages
        self._lane = lane
        self._wake = wake
        self._wake_code = wake_code
        self._clock = clock
        self._rest = timedelta(seconds=rest_seconds)
        self._ahead = ahead

    async def __call__(self) -> bool:
        """Look once. True if there may be more at once."""
        now = self._clock()
        before = now - self._rest  # younger ones wait in the lane of the process that made them
        for code in await self._messages.due(State.QUEUED, now, limit=_WINDOW, before=before, lanes=["signin"]):
            self._wake_code(code)
        found = [await self._fill("normal", "", now, before), await self._fill("bulk", BULK, now, before)]
        return any(found)

    async def _fill(self, lane: str, group: str, now: datetime, before: datetime) -> bool:
        """Messages to many wait apart, so that they stand in nobody's way here either (ADR 0029)."""
        room = self._ahead - self._lane.waiting(group)
        if room <= self._ahead // 2:
            return True
        due = await self._messages.due(State.QUEUED, now, limit=_WINDOW, before=before, lanes=[lane])
        for message in random.sample(due, min(room, len(due))):
            self._wake(message, group)
        return bool(due)
