"""Export the wishes of an area, whatever became of them, page by page and on record."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from microwish.identity.people import Person
from microwish.store.mongo import Document
from microwish.when import Clock
from wish_service.domain.access import served_areas
from wish_service.domain.errors import Fault, InvalidInput, OtherCommunity
from wish_service.store.exports import Exports, Selection
from wish_service.store.seals import Seals

PAGE = 500
"""Wishes in memory at once, whatever the size of the export."""
SHEET_ROWS = 200_000
"""What one sheet of an .xlsx may hold, so that it stays below the 2 GiB of a zip that every program opens."""

Encode = Callable[[Sequence[Document]], tuple[bytes, int]]
"""Turns a page into a part of the file, and says how many wishes of it were wanted. Runs in a thread."""


@dataclass(frozen=True)
class ExportWishes:
    """What is asked for; None: any. community: a division-code prefix. words: all have to occur. Times in UTC."""

    format: Literal["csv", "xlsx"]
    community: str | None = None
    states: tuple[str, ...] | None = None
    category: str | None = None
    words: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def begin_export(
    id: str, command: ExportWishes, person: Person, exports: Exports, seals: Seals, *, clock: Clock
) -> Selection:
    """See that it may be done, and put it on record before anything leaves.

    Raises: OtherCommunity; InvalidInput for more than a sheet holds.
    """
    now = clock()
    # Wishes that come while the file is written would make it endless.
    until = min(command.until or now, now)
    areas = _areas(command.community, person)
    selection = Selection(areas, command.states, command.category, command.since, until)
    if command.format == "xlsx" and await exports.count(selection, at_most=SHEET_ROWS + 1) > SHEET_ROWS:
        raise InvalidInput([Fault("community", "field.export_too_large", {"limit": SHEET_ROWS})])
    filters = {
        "areas": areas,
        "states": command.states,
        "category": command.category,
        "since": command.since,
        "until": command.until,
        # A search may name a person.
        "words": seals.for_export(id, command.words) if command.words else None,
    }
    await exports.begun(id, person, {"format": command.format, "filters": filters}, at=now)
    return selection


async def export_wishes(
    id: str, selection: Selection, encode: Encode, exports: Exports, *, clock: Clock, page: int = PAGE
) -> AsyncGenerator[bytes, None]:
    """The parts of the file. No more than a page of wishes is in memory; how many left is on record at the end."""
    rows, complete = 0, False
    try:
        async with aclosing(_pages(selection, exports, page)) as pages:
            async for documents in pages:
                part, wanted = await asyncio.to_thread(encode, documents)
                rows += wanted
                yield part
        complete = True
    finally:
        await asyncio.shield(exports.ended(id, rows=rows, complete=complete, at=clock()))


async def _pages(selection: Selection, exports: Exports, size: int) -> AsyncGenerator[list[Document], None]:
    for area in selection.parts:
        after, full = None, True
        while full:
            documents = await exports.page(selection, area, after=after, limit=size)
            full = len(documents) == size
            if documents:
                after = (documents[-1]["submitted_at"], documents[-1]["_id"])
                yield documents


def _areas(asked: str | None, person: Person) -> tuple[str, ...] | None:
    """What the person serves of the area asked for, no division inside another. Raises: OtherCommunity."""
    served = served_areas(person)
    if served is None:
        return None if asked is None else (asked,)
    if asked is None:
        within = set(served)
    elif any(asked.startswith(area) for area in served):
        within = {asked}
    else:
        within = {area for area in served if area.startswith(asked)}
    if asked is not None and not within:
        raise OtherCommunity(person.id)
    return tuple(
        sorted(area for area in within if not any(area != other and area.startswith(other) for other in within))
    )
