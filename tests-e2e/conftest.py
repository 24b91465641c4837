"""What the journeys share: one stack for those that kill nothing, people who sign in, and their order."""

from __future__ import annotations

import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import SystemRandom

import pytest
import pytest_asyncio

from microwish_local.client import Client, Session
from microwish_local.environment import ADMIN_PHONE
from microwish_local.processes import Process
from microwish_local.story.cast import Cast
from microwish_local.testing_stack import RunningStack

HERE = Path(__file__).parent
FIRST = ("test_pilot.py",)
"""The district is loaded before another stack shares the processors with it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> int:
        if item.path.parent != HERE:
            return 0
        return 1 if item.path.name in FIRST else 2

    items.sort(key=turn)


@pytest_asyncio.fixture
async def client(stack: RunningStack) -> AsyncIterator[Client]:
    """Through the gateway of the shared stack."""
    async with Client(stack.base_url) as opened:
        yield opened


@pytest.fixture
def cast() -> Cast:
    """People and an organisation that no other test has."""
    return Cast.invented(SystemRandom())


@pytest_asyncio.fixture
async def admin(client: Client) -> Session:
    """The admin, who is staff of every community as well."""
    return await client.sign_in(ADMIN_PHONE)


RunCommand = Callable[..., Awaitable[tuple[int, str]]]


@pytest_asyncio.fixture
async def microwish(tmp_path: Path) -> AsyncIterator[RunCommand]:
    """Run `microwish <arguments>` as its own process: exit status and what it printed."""
    started: list[Process] = []

    async def run(*arguments: str) -> tuple[int, str]:
        log = tmp_path / f"{uuid.uuid4().hex[:8]}.log"
        process = Process("microwish", [sys.executable, "-m", "microwish_local", *arguments], log=log)
        started.append(process)
        await process.start()
        status = await process.exited()
        return status, log.read_text(encoding="utf-8")

    yield run
    for process in started:
        await process.stop(grace=5)
