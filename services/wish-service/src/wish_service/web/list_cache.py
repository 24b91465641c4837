"""Pages of public lists, ready to be sent, until anything in the view changes.

Guarantee: no page is answered from a read that began before the last change that was told here. A read that was under
way when a change was told is not kept. While changes are not followed, nothing is kept.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from microwish.telemetry import counter
from wish_service.web.caching import Ready

MOST_PAGES = 2_000
MOST_BYTES = 32_000_000
MOST_SECONDS = 10.0
"""A page is read anew after this time whatever was told: a community's new code is no change of a row."""

_asked = counter("list_cache", "Pages of public lists, by whether they were ready", ("outcome",))
_miss, _joined = (_asked.labels(outcome) for outcome in ("read", "joined"))

Read = Callable[[], Awaitable[Ready]]


class ListCache:
    """Keeps the pages asked for last, by the query string that asked for them.

    fresh: whether changes are followed right now; `clear` is to be called for each of them.
    """

    def __init__(
        self, fresh: Callable[[], bool], *, most_pages: int = MOST_PAGES, most_bytes: int = MOST_BYTES
    ) -> None:
        self._fresh = fresh
        self._most_pages = most_pages
        self._most_bytes = most_bytes
        self._pages: OrderedDict[bytes, tuple[Ready, float]] = OrderedDict()
        self._reading: dict[bytes, asyncio.Task[Ready]] = {}
        self._running: set[asyncio.Task[Ready]] = set()
        self._size = 0
        self._generation = 0

    def get(self, key: bytes) -> Ready | None:
        """The page if it is ready."""
        kept = self._pages.get(key)
        if kept is None or time.monotonic() > kept[1] or not self._fresh():
            return None
        self._pages.move_to_end(key)
        return kept[0]

    async def page(self, key: bytes, read: Read) -> Ready:
        """The page, read unless it is ready; those who ask for the same at once wait for one read."""
        page = self.get(key)
        if page is not None:
            return page
        if not self._fresh():
            return await read()
        reading = self._reading.get(key)
        if reading is None:
            _miss.inc()
            reading = self._reading[key] = asyncio.create_task(self._read(key, read, self._generation))
            self._running.add(reading)  # the loop itself doesn't hold it
            reading.add_done_callback(self._running.discard)
        else:
            _joined.inc()
        return await asyncio.shield(reading)

    def clear(self) -> None:
        """Something changed: forget every page, and keep none that is being read now."""
        self._generation += 1
        self._pages.clear()
        self._reading.clear()
        self._size = 0

    async def _read(self, key: bytes, read: Read, generation: int) -> Ready:
        # Of the generation in which it was asked for: a change may be told before this begins to run.
        try:
            page = await read()
        finally:
            if generation == self._generation:
                del self._reading[key]
        if generation == self._generation and self._fresh():
            self._keep(key, page)
        return page

    def _keep(self, key: bytes, page: Ready) -> None:
        self._let_go(key)
        self._pages[key] = (page, time.monotonic() + MOST_SECONDS)
        self._size += len(page.body) + len(key)
        while len(self._pages) > self._most_pages or self._size > self._most_bytes:
            self._let_go(next(iter(self._pages)))

    def _let_go(self, key: bytes) -> None:
        gone = self._pages.pop(key, None)
        if gone is not None:
            self._size -= len(gone[0].body) + len(key)
