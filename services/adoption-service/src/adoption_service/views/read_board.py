"""Questions to the board: lists by keyset, each on one index."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from adoption_service.views.board import FILTERS, Board, list_index, order_of, public_row
from adoption_service.views.cursors import Page, decode, encode, moment_in
from microwish.events import Category
from microwish.store.mongo import DESCENDING, Document

RANGES = 200
"""In how many ranges of an index MongoDB looks at most when they have to stay in order."""


class Availability(StrEnum):
    """What there is of an open wish for an organisation that doesn't hold it."""

    CLAIMABLE = "claimable"
    """A slot is free for everybody."""
    RESERVED = "reserved"
    """What is free is for those who wait."""
    TAKEN = "taken"
    """Every slot is held; one may wait."""


@dataclass(frozen=True)
class BoardQuery:
    """What to list. statuses: any of them. areas: lists of prefixes, of each of which one has to fit.

    An empty list of prefixes or of categories is no condition. q: words that all have to be in title or detail.
    cursor: of the page before.
    """

    statuses: Sequence[Availability] = (Availability.CLAIMABLE,)
    areas: Sequence[Sequence[str]] = ()
    categories: Sequence[Category] = ()
    q: str | None = None
    cursor: str | None = None
    limit: int = 20


async def list_board(board: Board, query: BoardQuery) -> Page:
    """Wishes, the newest first. Raises: Invalid for a cursor that was not made here."""
    found = board.view.rows.find(_filter(query)).sort("order", DESCENDING).limit(query.limit + 1)
    # Several indexes would do, and what the planner finds out about one place holds for all of this shape.
    rows = [row async for row in found.hint(_index(query))]
    page, more = rows[: query.limit], len(rows) > query.limit
    last = encode(page[-1]["wish"]["posted_at"].isoformat(), page[-1]["_id"]) if more else None
    return Page([public_row(row) for row in page], last)


def _filter(query: BoardQuery) -> Document:
    filters: list[Document] = [{"status": {"$in": [one.value for one in query.statuses]}}]
    filters += [{FILTERS["area"]: {"$in": list(prefixes)}} for prefixes in query.areas if prefixes]
    if query.categories:
        filters.append({FILTERS["category"]: {"$in": [one.value for one in query.categories]}})
    for word in (query.q or "").replace("\0", " ").split():  # no pattern may hold a NUL
        text = {"$regex": re.escape(word), "$options": "i"}
        filters.append({"$or": [{"wish.title": text}, {"wish.detail": text}]})
    if key := decode(query.cursor, 2):
        filters.append({"order": {"$lt": order_of(moment_in(key[0]), key[1])}})
    return {"$and": filters}


def _index(query: BoardQuery) -> str:
    """The index of its filters, as far as it still has the rows in order; what is left is looked at row by row."""
    chosen, ranges = [], len(query.statuses)
    counts = {"area": max((len(one) for one in query.areas), default=0), "category": len(query.categories)}
    for name, count in counts.items():
        if count and ranges * count <= RANGES:
            chosen.append(name)
            ranges *= count
    return list_index(chosen)
