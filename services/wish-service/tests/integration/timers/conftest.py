"""One service for all tests of timers. It serves alone; each test lets time pass, and timers run, by its own hand."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from microwish.ids import uuid7
from wish_service.settings import WishSettings

from .kit import Hand, Timed


@pytest.fixture(scope="session")
async def timed(settings_for: Callable[..., WishSettings], world_of: Callable[..., Any]) -> AsyncIterator[Timed]:
    """The service, its clock, and two people."""
    clock = Hand()
    settings = settings_for(uuid7()[-12:], session_seconds=10**8, timer_poll_seconds=0.05)
    async with world_of(settings, consume=False, clock=clock) as world:
        yield Timed(world, clock, settings, await world.person(), await world.staff())
