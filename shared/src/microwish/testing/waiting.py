"""Waiting for a condition with a deadline, instead of sleeping and hoping."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

Value = TypeVar("Value")

PAUSE_SECONDS = 0.02


@overload
async def eventually(look: Callable[[], Awaitable[Value | None]], *, seconds: float = ...) -> Value: ...
@overload
async def eventually(look: Callable[[], Value | None], *, seconds: float = ...) -> Value: ...
async def eventually(look: Callable[[], Any], *, seconds: float = 30.0) -> Any:
    """The first truthy value of `look`; fails with the last one it saw when the time is over.

    An AssertionError inside `look` counts as "not yet".
    """
    deadline = time.monotonic() + seconds
    last: object = None
    while True:
        try:
            found = look()
            value = await found if inspect.isawaitable(found) else found
            if value:
                return value
            last = value
        except AssertionError as not_yet:
            last = not_yet
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s; last seen: {last!r}")
        await asyncio.sleep(PAUSE_SECONDS)
