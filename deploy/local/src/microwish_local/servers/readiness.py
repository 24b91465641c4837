"""Waiting for a server that was just started, and the sentence to say when it doesn't come up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from microwish_local.processes import Process, StartFailed, log_tail


async def until_ready(
    process: Process, probe: Callable[[], Awaitable[bool]], *, remedy: str, deadline: float = 60.0
) -> None:
    """Ask `probe` until it says True. Raises StartFailed if the process ends or `deadline` seconds pass before."""
    end = asyncio.get_running_loop().time() + deadline
    while process.running:
        if await probe():
            return
        if asyncio.get_running_loop().time() > end:
            raise StartFailed(f"{process.name} did not become ready within {deadline:.0f} s. {remedy}")
        await asyncio.sleep(0.05)
    raise StartFailed(f"{process.name} ended while starting. {remedy}\n{log_tail(process.log)}")


async def accepts(port: int) -> bool:
    """Whether something accepts TCP connections on this port of 127.0.0.1."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
