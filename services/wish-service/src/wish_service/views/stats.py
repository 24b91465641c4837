"""Questions to the statistics. Whole places are answered from one stored report, whatever the number of wishes; months
and their cells from as many cells as there are communities, months and categories, again whatever the number of wishes.

Only confirmed counts as done. Months are those of the event's time in the installation's zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from microwish.store.mongo import ASCENDING, Document
from wish_service.views.cells import LEVELS, ReportKey
from wish_service.views.facts import ALL, LEAF_DIGITS
from wish_service.views.figures import NOTHING, Body, Cell, body_without_places, places
from wish_service.views.recount import Recount, cell_of
from wish_service.views.small_groups import has_sensitive, hidden


@dataclass(frozen=True)
class StatsQuery:
    """What to count. area: a division code, or "" for everything. since, until: months (`2026-02`), both included."""

    area: str = ""
    since: str | None = None
    until: str | None = None
    campaign: str | None = None

    @property
    def root(self) -> str:
        """Under which root its cells are."""
        return self.campaign or ALL

    @property
    def ranged(self) -> bool:
        """Whether only some months are asked for."""
        return self.since is not None or self.until is not None

    def months(self) -> Document:
        """The condition on months."""
        bounds = {name: value for name, value in (("$gte", self.since), ("$lte", self.until)) if value}
        return {"month": bounds} if bounds else {}


class Statistics:
    """Reads what `Recount` has counted."""

    def __init__(self, recount: Recount) -> None:
        self._counted = recount

    async def totals(self, campaign: str | None = None) -> dict[str, Any]:
        """The totals of everything, or of a campaign."""
        key = str(ReportKey(campaign or ALL, ""))
        found = await self._counted.reports.rows.find_one({"_id": key}, {"body.totals": 1}) or {}
        totals: dict[str, Any] = found.get("body", NOTHING)["totals"]
        return totals

    async def public(self, query: StatsQuery) -> Body:
        """The body for everybody: small groups of sensitive categories are hidden."""
        body = await self.exact(query)
        if has_sensitive(body["categories"]) and not await self._may_split(query):
            return {**body, "categories": hidden(body["categories"])}
        return body

    async def exact(self, query: StatsQuery) -> Body:
        """The body for staff of the place."""
        if query.ranged:
            return await self._of_months(query)
        found = await self._counted.reports.rows.find_one({"_id": str(ReportKey(query.root, query.area))}) or {}
        body: Body = found.get("body", NOTHING)
        return body

    async def cells(self, query: StatsQuery) -> list[dict[str, Any]]:
        """For staff: a row for each month and category of the place."""
        cells = await self._read({"root": query.root, "area": query.area, **query.months()})
        rows = [
            {"month": cell.month, "category": cell.category, **cell.tally.row()}
            for cell in cells
            if not cell.tally.empty
        ]
        return sorted(rows, key=lambda row: (row["month"], row["category"]))

    async def _may_split(self, query: StatsQuery) -> bool:
        """Whether sensitive categories are told apart here: only if no subtraction leads from answers to a small group.

        Parts of time and campaigns are never split: the rest would follow from the whole. Places are split in
        families, all below one or none of them, so that a place never follows from the others and their sum.
        """
        if query.ranged or query.campaign:
            return False
        keys = [str(ReportKey(ALL, query.area[:level])) for level in LEVELS if level <= len(query.area)]
        shown = {"body.safe": 1, "body.family_safe": 1}
        found = await self._counted.reports.rows.find({"_id": {"$in": keys}, "body": {"$exists": True}}, shown).to_list(
            None
        )
        own = str(ReportKey(ALL, query.area))
        return len(found) == len(keys) and all(_lets_split(report, own) for report in found)

    async def _of_months(self, query: StatsQuery) -> Body:
        own = await self._read({"root": query.root, "area": query.area, **query.months()})
        body = body_without_places(own)
        if len(query.area) == LEAF_DIGITS:
            communities = [{"code": query.area, **body["totals"]}] if body["months"] else []
            return {**body, "communities": communities, "areas": []}
        communities = await self._places(query, LEAF_DIGITS)
        below = min(level for level in LEVELS if level > len(query.area))
        areas = communities if below == LEAF_DIGITS else await self._places(query, below)
        return {**body, "communities": communities, "areas": areas}

    async def _places(self, query: StatsQuery, level: int) -> list[dict[str, Any]]:
        inside = {"$gte": query.area, "$lt": f"{query.area}:"}  # ":" follows "9"
        return places(await self._read({"root": query.root, "level": level, "area": inside, **query.months()}))

    async def _read(self, condition: Document) -> list[Cell]:
        found = self._counted.cells.rows.find(condition, {"area": 1, "month": 1, "category": 1, "tally": 1})
        return [cell_of(row) async for row in found.sort("_id", ASCENDING)]


def _lets_split(report: Mapping[str, Any], own: str) -> bool:
    return bool(report["body"]["safe"] and (report["_id"] == own or report["body"]["family_safe"]))
