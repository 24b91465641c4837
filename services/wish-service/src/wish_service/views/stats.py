"""Statistics from the facts: totals, per month, per community, per category. Never a league table.

Only confirmed counts as done. Months are those of the event's time in the reader's zone. Cached until a fact changes.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from microwish.store.mongo import DESCENDING, Document
from microwish.store.views import View

_DAY_SECONDS = 86_400
_SETTLED = timedelta(seconds=1)
"""A change within the same millisecond as the count could hide behind it; after this time it can't."""

_FIELDS = {
    "wish.community": 1,
    "wish.category": 1,
    "wish.posted_at": 1,
    "holders.organisation_id": 1,
    "holders.kind": 1,
    "first_claimed_at": 1,
    "first_confirmed_at": 1,
    "fulfilled": 1,
}


@dataclass
class Cell:
    """Counts of wishes: ever posted, held by somebody, with a confirmed delivery, fulfilled."""

    posted: int = 0
    claimed: int = 0
    confirmed: int = 0
    fulfilled: int = 0


@dataclass
class Tally:
    """All cells, counted in one pass over the facts."""

    totals: Cell = field(default_factory=Cell)
    months: dict[str, Cell] = field(default_factory=lambda: defaultdict(Cell))
    communities: dict[tuple[str, str], Cell] = field(default_factory=lambda: defaultdict(Cell))
    categories: dict[str, Cell] = field(default_factory=lambda: defaultdict(Cell))
    organisations: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    days_to_claim: list[float] = field(default_factory=list)
    days_to_confirm: list[float] = field(default_factory=list)


def count(facts: Iterable[Document], zone: ZoneInfo) -> Tally:
    """Every fact once, into every cell that it belongs to."""
    tally = Tally()
    for fact in facts:
        _count_one(tally, fact, zone)
    return tally


def _count_one(tally: Tally, fact: Document, zone: ZoneInfo) -> None:
    wish = fact["wish"]
    posted, claimed, confirmed = wish["posted_at"], fact.get("first_claimed_at"), fact.get("first_confirmed_at")
    place = wish["community"]
    cells = (tally.totals, tally.communities[(place["code"], place["name"])], tally.categories[wish["category"]])
    for name, at in (("posted", posted), ("claimed", claimed), ("confirmed", confirmed)):
        if at is not None:
            for cell in (*cells, tally.months[f"{at.astimezone(zone):%Y-%m}"]):
                setattr(cell, name, getattr(cell, name) + 1)
    if fact.get("fulfilled"):
        for cell in (*cells, tally.months[f"{(confirmed or posted).astimezone(zone):%Y-%m}"]):
            cell.fulfilled += 1
    for holder in fact.get("holders", []):
        tally.organisations[holder["kind"]].add(holder["organisation_id"])
    if claimed is not None:
        tally.days_to_claim.append((claimed - posted).total_seconds() / _DAY_SECONDS)
    if claimed is not None and confirmed is not None:
        tally.days_to_confirm.append((confirmed - claimed).total_seconds() / _DAY_SECONDS)


def report(tally: Tally) -> dict[str, Any]:
    """The answer of `GET /api/stats`; days are rounded to a tenth, null where nothing was counted."""
    return {
        "totals": {
            **vars(tally.totals),
            "organisations": {kind: len(ids) for kind, ids in sorted(tally.organisations.items())},
            "median_days_to_claim": _median(tally.days_to_claim),
            "median_days_to_confirm": _median(tally.days_to_confirm),
        },
        "months": [{"month": month, **vars(cell)} for month, cell in sorted(tally.months.items())],
        "communities": [
            {"code": code, "name": name, **vars(cell)} for (code, name), cell in sorted(tally.communities.items())
        ],
        "categories": [{"category": category, **vars(cell)} for category, cell in sorted(tally.categories.items())],
    }


def _median(days: list[float]) -> float | None:
    return round(median(days), 1) if days else None


class Statistics:
    """Counts when asked and something changed; otherwise answers what it counted last."""

    def __init__(self, facts: View, zone: ZoneInfo) -> None:
        self._facts = facts
        self._zone = zone
        self._seen: object = None
        self._report: dict[str, Any] = report(Tally())

    async def current(self) -> dict[str, Any]:
        """The statistics as of now."""
        newest = await self._facts.rows.find_one({}, {"touched": 1}, sort=[("touched", DESCENDING)])
        if newest is None:
            return report(Tally())
        mark = newest["touched"]
        if mark == self._seen:
            return self._report
        facts = await self._facts.rows.find({"wish.posted_at": {"$exists": True}}, _FIELDS).to_list(None)
        self._report = report(count(facts, self._zone))
        self._seen = mark if datetime.now(UTC) - mark > _SETTLED else None
        return self._report
