"""What the journeys share: one stack for those that kill nothing, people who sign in, and their order."""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import SystemRandom

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, async_playwright

from microwish_local.client import Client, Session
from microwish_local.environment import ADMIN_PHONE
from microwish_local.processes import Process
from microwish_local.story.cast import Cast
from microwish_local.testing_stack import RunningStack

from .visitors import NewVisitor, Visitor

HERE = Path(__file__).parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""For a Chromium that starts anywhere and asks nobody anything."""
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


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    chromium = os.environ.get("MICROWISH_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine: run scripts/system.sh browser")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        await opened.close()


@pytest_asyncio.fixture
async def visitor(browser: Browser, stack: RunningStack) -> AsyncIterator[NewVisitor]:
    """Make visitors, each with cookies and a screen of their own."""
    contexts: list[BrowserContext] = []

    async def come(screen: dict[str, int]) -> Visitor:
        context = await browser.new_context(viewport=screen, locale="zh-CN", reduced_motion="reduce")  # type: ignore[arg-type]
        context.set_default_timeout(60_000)
        contexts.append(context)
        return Visitor(await context.new_page(), stack.base_url)

    yield come
    for context in contexts:
        await context.close()
