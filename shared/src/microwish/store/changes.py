"""What changes in a view, as it changes: one change stream per process, reopened whenever it breaks.

A position is the text of a resume token. Positions of one collection can be compared: a later one is greater
(MongoDB manual, "Change Events", resume tokens: hex-encoded, sortable).
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from microwish.logs import get_logger
from microwish.store.mongo import Collection, Document, OperationFailure, is_outage, of_majority

log = get_logger(__name__)

WAIT_MS = 500
"""How long the server holds an empty answer back: by then at the latest it is known that the stream is alive."""
CATCH_UP_WAIT_MS = 20
FRESH_SECONDS = 3.0
REOPEN_SECONDS = 0.5
LOOK_SECONDS = 0.05
_POSITION = re.compile(r"[0-9A-F]{16,512}")
_KINDS = ["insert", "update", "replace", "delete"]


class PositionLost(Exception):
    """The position is none of this collection, or older than what the database remembers."""


@dataclass(frozen=True)
class RowChange:
    """One change of one row, behind `position`.

    row: as it is now, which may be later than the change; None if it is gone. touched: the paths that changed, empty
    for a new row.
    """

    position: str
    id: str
    row: Document | None
    touched: frozenset[str]


class Changes:
    """Follows a collection. Handlers are called in the order of the changes and must not wait.

    rows: the collection to follow, asked again after each pause, as a view may get a new generation.
    hidden: paths of rows that no handler needs.
    """

    def __init__(self, rows: Callable[[], Collection], *, hidden: Sequence[str] = ()) -> None:
        self._rows = rows
        self._hidden = hidden
        self._followed = ""
        self._heard_at = float("-inf")
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._on_change: list[Callable[[RowChange], None]] = []
        self._on_gap: list[Callable[[], None]] = []
        self.position: str | None = None

    def subscribe(self, on_change: Callable[[RowChange], None], on_gap: Callable[[], None]) -> None:
        """Call the one for each change, the other when changes may have been missed."""
        self._on_change.append(on_change)
        self._on_gap.append(on_gap)

    def fresh(self) -> bool:
        """Whether everything that was written more than FRESH_SECONDS ago has been told."""
        return time.monotonic() - self._heard_at < FRESH_SECONDS

    async def followed(self, position: str = "") -> str:
        """Wait until this position has been reached (the empty one: any at all); the one that is reached then."""
        while self.position is None or self.position < position:
            await asyncio.sleep(LOOK_SECONDS)
        return self.position

    def start(self) -> None:
        """Follow from now on, in the background."""
        self._stopping = False
        self._task = asyncio.create_task(self._run(), name="changes")

    async def stop(self) -> None:
        """Stop following; takes up to WAIT_MS."""
        self._stopping = True
        if self._task is not None:
            await self._task

    async def since(self, position: str, until: str, *, at_most: int, seconds: float) -> AsyncIterator[RowChange]:
        """The changes behind one position, up to and with another. Raises: PositionLost, also if there are too many."""
        deadline, count, reached = time.monotonic() + seconds, 0, position
        try:
            async with self._watch(position, wait_ms=CATCH_UP_WAIT_MS) as stream:
                while reached < until:
                    change = await stream.try_next()
                    reached = _text(stream.resume_token) or reached
                    count += change is not None
                    if count > at_most or time.monotonic() > deadline:
                        raise PositionLost(position)
                    if change is not None and change["_id"]["_data"] <= until:
                        yield _row_change(change)
        except OperationFailure as error:
            if is_outage(error):
                raise
            raise PositionLost(position) from error

    async def _run(self) -> None:
        while not self._stopping:
            try:
                await self._follow()
            except Exception as error:
                self._heard_at = float("-inf")
                if is_outage(error):
                    log.warning("changes_not_followed", view=self._followed, error=type(error).__name__)
                else:
                    self.position = None  # what was written since is not known any more
                    log.error("changes_lost", view=self._followed, exc_info=error)
            if not self._stopping:
                await asyncio.sleep(REOPEN_SECONDS)

    async def _follow(self) -> None:
        if self._followed != self._rows().name:
            self._followed, self.position = self._rows().name, None
        if self.position is None:
            self._tell_gap()
        async with self._watch(self.position, wait_ms=WAIT_MS) as stream:
            while not self._stopping and self._followed == self._rows().name:
                change = await stream.try_next()
                self.position = _text(stream.resume_token) or self.position
                if change is not None:
                    self._tell(_row_change(change))
                self._heard_at = time.monotonic()

    def _tell(self, change: RowChange) -> None:
        for take in self._on_change:
            take(change)

    def _tell_gap(self) -> None:
        for take in self._on_gap:
            take()

    def _watch(self, position: str | None, *, wait_ms: int) -> Any:
        pipeline: list[Mapping[str, Any]] = [{"$match": {"operationType": {"$in": _KINDS}}}]
        if self._hidden:
            pipeline.append({"$unset": [f"fullDocument.{path}" for path in self._hidden]})
        return of_majority(self._rows()).watch(
            pipeline,
            full_document="updateLookup",
            resume_after=None if position is None else {"_data": position},
            max_await_time_ms=wait_ms,
        )


def is_position(text: str) -> bool:
    """Whether it could be a position at all."""
    return _POSITION.fullmatch(text) is not None


def _row_change(change: Mapping[str, Any]) -> RowChange:
    told = change.get("updateDescription") or {}
    touched = frozenset([*told.get("updatedFields", ()), *told.get("removedFields", ())])
    return RowChange(change["_id"]["_data"], change["documentKey"]["_id"], change.get("fullDocument"), touched)


def _text(token: Mapping[str, Any] | None) -> str | None:
    return None if token is None else str(token["_data"])
