"""SMS providers that the tests play, each with our adapter to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any

import pytest
from providers.alibaba import KEY_SECRET, Alibaba
from providers.server import PlayedProvider, serving
from providers.sms import Played, adapter_to
from providers.tencent import SECRET_KEY, Tencent

from microwish.when import system_clock

Play = Callable[..., Awaitable[Played]]


@pytest.fixture
async def play() -> AsyncIterator[Play]:
    """Starts a provider by its name, with an adapter to it."""
    async with AsyncExitStack() as stack:

        async def start(
            name: str,
            *,
            secret: str | None = None,
            timeout: float = 20.0,
            settle: timedelta = timedelta(0),
            clock: Callable[[], datetime] = system_clock,
            **own: Any,
        ) -> Played:
            kind, right = (Alibaba, KEY_SECRET) if name == "alibaba" else (Tencent, SECRET_KEY)
            provider: PlayedProvider = kind(clock=clock, **own)
            server = await stack.enter_async_context(serving(provider))
            adapter = adapter_to(
                name, server.address, secret=secret or right, timeout=timeout, settle=settle, clock=clock
            )
            stack.push_async_callback(adapter.close)
            return Played(provider, server, adapter)

        yield start
