"""The wall as it changes, told to everybody who listens: one change stream per replica, fanned out from memory.

Each listener gets what matters to its list: `posted` (a new wish), `changed`, `gone` (not in this list any more; only
the id), and `reset` (start over: read the list anew). The id of each is a position in the change stream, by which a
listener that comes back, to this replica or another, is told what it missed. A listener that reads slower than the
wall changes is cut off; it comes back the same way.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from fastapi.sse import format_sse_event

from microwish.store.changes import Changes, PositionLost, RowChange, is_position
from microwish.telemetry import counter, gauge
from microwish.web.problems import Problem
from wish_service.views.read_wall import WallQuery, mismatches
from wish_service.web.present import public_wish

REMEMBERED = 1_000
"""Changes kept in memory for those who come back soon."""
QUEUE = 200
"""Events that may wait for one listener."""
CATCH_UP_AT_MOST = 1_000
CATCH_UP_SECONDS = 5.0
CATCH_UPS_AT_ONCE = 4
JOIN_SECONDS = 5.0
RECONNECT_MS = 3_000

_listening = gauge("live_listeners", "Open event streams of the wall")
_cut = counter("live_listeners_cut", "Event streams that were cut because their reader was too slow")


@dataclass(frozen=True, slots=True)
class Told:
    """One change, written out once for all listeners. shown: None if the wish isn't public."""

    change: RowChange
    shown: bytes | None
    gone: bytes

    def to(self, query: WallQuery) -> bytes | None:
        """What somebody with this list hears of it."""
        if self.change.row is None:
            return self.gone
        outside = mismatches(self.change.row, query)
        if not outside:
            return self.shown
        # It can only have left the list by what has changed of it.
        return self.gone if all(any(map(_of(path), self.change.touched)) for path in outside) else None


def told(change: RowChange) -> Told | None:
    """The change as events; None if the public never saw the row."""
    row = change.row
    gone = format_sse_event(event="gone", data_str=_json({"id": change.id}), id=change.position)
    if row is None:
        return Told(change, None, gone)
    if "posted_at" not in row.get("wish", {}):
        return None
    new = not change.touched or not change.touched.isdisjoint({"wish", "wish.posted_at"})
    shown = None
    if row.get("public"):
        event = "posted" if new else "changed"
        shown = format_sse_event(event=event, data_str=_json(public_wish(row)), id=change.position)
    return Told(change, shown, gone)


def _of(path: str) -> Callable[[str], bool]:
    return lambda touched: touched == path or touched.startswith(f"{path}.")


def _reset(position: str | None) -> bytes:
    return format_sse_event(event="reset", data_str="{}", id=position)


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


@dataclass(eq=False)
class Listener:
    """One open stream. after: what it has, or is being told otherwise. cut: it was too slow."""

    query: WallQuery
    after: str
    waiting: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    cut: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, event: bytes | None) -> bool:
        """Put an event (None: the end) in its queue; False if there is no room."""
        try:
            self.waiting.put_nowait(event)
        except asyncio.QueueFull:
            self.cut.set()
            return False
        return True


class LiveWall:
    """Who listens, and what was told lately.

    most_listeners: how many may listen to this replica. heartbeat_seconds: how often something is sent at least.
    """

    def __init__(self, changes: Changes, *, most_listeners: int, heartbeat_seconds: float) -> None:
        self._changes = changes
        self._most_listeners = most_listeners
        self._heartbeat_seconds = heartbeat_seconds
        self._listeners: set[Listener] = set()
        self._lately: deque[Told] = deque(maxlen=REMEMBERED)
        self._remembered_from: str | None = None
        self._catching_up = asyncio.Semaphore(CATCH_UPS_AT_ONCE)
        self._closed = False
        changes.subscribe(self._take, self._start_over)

    @property
    def position(self) -> str | None:
        """Up to where the wall has been followed; None before anything was heard of it."""
        return self._changes.position

    async def join(self, query: WallQuery) -> Listener:
        """Listen from now on. Raises: Problem 503 `busy` when there are too many, or when the wall isn't followed."""
        try:
            async with asyncio.timeout(JOIN_SECONDS):
                position = await self._changes.followed()
        except TimeoutError:
            raise Problem(503, "busy") from None
        if self._closed or len(self._listeners) >= self._most_listeners:
            raise Problem(503, "busy")
        if self._remembered_from is None:
            self._remembered_from = position
        listener = Listener(query, position)
        self._listeners.add(listener)
        _listening.set(len(self._listeners))
        return listener

    def leave(self, listener: Listener) -> None:
        """Listen no more."""
        self._listeners.discard(listener)
        _listening.set(len(self._listeners))

    def close(self) -> None:
        """End every stream after what it has been told; nobody may join."""
        self._closed = True
        for listener in [*self._listeners]:
            self._tell(listener, None)

    async def events(self, listener: Listener, last: str | None) -> AsyncIterator[bytes]:
        """What the listener is sent: what it missed since `last`, what happens from now on, and signs of life."""
        yield format_sse_event(retry=RECONNECT_MS, id=None if last else listener.after)
        if last is not None:
            try:
                async for event in self._missed(listener, last):
                    yield event
            except PositionLost:
                yield _reset(listener.after)
        while True:
            try:
                async with asyncio.timeout(self._heartbeat_seconds):
                    event_or_end = await listener.waiting.get()
            except TimeoutError:
                if listener.waiting.empty():
                    yield format_sse_event(comment="", id=max(self.position or "", listener.after))
                continue
            if event_or_end is None:
                return
            yield event_or_end

    async def _missed(self, listener: Listener, last: str) -> AsyncIterator[bytes]:
        """What happened behind `last`, up to where the listener began to be told. Raises: PositionLost."""
        now = listener.after
        if not is_position(last):
            raise PositionLost(last)
        if last > now:  # told by a replica that is ahead of this one
            listener.after = last
            try:
                async with asyncio.timeout(CATCH_UP_SECONDS):
                    await self._changes.followed(last)
            except TimeoutError:
                listener.after = now
                raise PositionLost(last) from None
        elif self._remembered_from is not None and last >= self._remembered_from:
            for known in [*self._lately]:
                event = known.to(listener.query) if last < known.change.position <= now else None
                if event is not None:
                    yield event
        else:
            async with self._catching_up:
                missed = self._changes.since(last, now, at_most=CATCH_UP_AT_MOST, seconds=CATCH_UP_SECONDS)
                async for change in missed:
                    one = told(change)
                    event = one.to(listener.query) if one else None
                    if event is not None:
                        yield event

    def _take(self, change: RowChange) -> None:
        one = told(change)
        if one is None:
            return
        if self._remembered_from is None or len(self._lately) == REMEMBERED:
            self._remembered_from = self._lately[0].change.position if self._lately else change.position
        self._lately.append(one)
        for listener in [*self._listeners]:
            event = one.to(listener.query) if change.position > listener.after else None
            if event is not None:
                self._tell(listener, event)

    def _start_over(self) -> None:
        self._lately.clear()
        self._remembered_from = None
        for listener in [*self._listeners]:
            self._tell(listener, _reset(None))

    def _tell(self, listener: Listener, event: bytes | None) -> None:
        if not listener.hear(event):
            _cut.inc()
            self.leave(listener)
