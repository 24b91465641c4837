"""Counts again what has changed: from dirty facts to cells, level by level, to reports. Idempotent at every step.

The order makes it exact whoever dies when (ADR 0019):
    facts    mark the cells that they name, then clear their `dirty`, unless it has grown meanwhile
    cells    count, write, mark what lies above and the report, then settle, unless marked again meanwhile
    reports  the same
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from microwish.rounds import Rounds
from microwish.store.mongo import ASCENDING, Database, Document, IndexModel
from microwish.store.views import View
from wish_service.views.cells import LEVELS, CellKey, Counted, ReportKey
from wish_service.views.facts import LEAF_DIGITS
from wish_service.views.figures import Cell, body_of
from wish_service.views.tally import Tally

FACTS_AT_ONCE = 2_000
CELLS_AT_ONCE = 100
REPORTS_AT_ONCE = 20


def cell_of(row: Document) -> Cell:
    """A kept cell; one that was marked but not counted yet holds nothing."""
    kept = row.get("tally")
    return Cell(row["area"], row["month"], row["category"], Tally.from_document(kept) if kept else Tally())


class Recount:
    """The cells and reports of one generation of facts, and how they follow the facts."""

    def __init__(self, db: Database, facts: View, *, pause_seconds: float, poll_seconds: float) -> None:
        self._db = db
        self._facts = facts
        # Changes that come close together are counted together.
        self.rounds = Rounds("recount", self.sweep, seconds=poll_seconds, busy_seconds=pause_seconds)
        self._open()

    def _open(self) -> None:
        generation = self._facts.generation
        area = IndexModel([("root", ASCENDING), ("area", ASCENDING), ("month", ASCENDING)], name="area")
        level = IndexModel([("root", ASCENDING), ("level", ASCENDING), ("area", ASCENDING)], name="level_of")
        self.cells = Counted(self._db.get_collection(f"stats_cells.g{generation}"), area, level)
        self.reports = Counted(self._db.get_collection(f"stats_reports.g{generation}"))

    async def open(self) -> None:
        """Follow the live generation of facts (open them before), and see to indexes."""
        self._open()
        await self.cells.ensure_indexes()
        await self.reports.ensure_indexes()

    async def sweep(self) -> bool:
        """Count everything that is dirty by now; whether there was anything."""
        busy = False
        while await self._take_facts():
            busy = True
        for level in LEVELS:
            while await self._recount_cells(level):
                busy = True
        for level in LEVELS:
            while await self._recount_reports(level):
                busy = True
        return busy

    async def _take_facts(self) -> int:
        dirty = self._facts.rows.find({"dirty_since": {"$exists": True}}, {"dirty": 1, "touch": 1})
        found = await dirty.sort("dirty_since", ASCENDING).limit(FACTS_AT_ONCE).to_list(FACTS_AT_ONCE)
        await self.cells.mark({CellKey.parse(key) for fact in found for key in fact["dirty"]})
        seen: dict[int, list[str]] = defaultdict(list)
        for fact in found:
            seen[fact["touch"]].append(fact["_id"])
        clear = {"$unset": {"dirty": "", "dirty_since": ""}}
        for touch, ids in seen.items():
            await self._facts.rows.update_many({"_id": {"$in": ids}, "touch": touch}, clear)
        return len(found)

    async def _recount_cells(self, level: int) -> int:
        stale = await self.cells.stale(level, CELLS_AT_ONCE)
        tallies = await self.tallies([cell["_id"] for cell in stale], level)
        await self.cells.keep([(cell["_id"], cell["marks"], {"tally": tallies[cell["_id"]]}) for cell in stale])
        keys = [CellKey.parse(cell["_id"]) for cell in stale]
        await self.cells.mark({key.parent for key in keys if key.parent})
        await self.reports.mark({ReportKey(key.root, key.area) for key in keys})
        await self.cells.settle((cell["_id"], cell["marks"]) for cell in stale)
        return len(stale)

    async def tallies(self, ids: Sequence[str], level: int) -> dict[str, Document]:
        """What these cells of one level hold, counted now: communities from facts, others from one level below."""
        tallies: dict[str, Tally] = {key: Tally() for key in ids}
        if level == LEAF_DIGITS:
            async for fact in self._facts.rows.find({"cells": {"$in": list(ids)}}, {"cells": 1, "counts": 1}):
                for key in tallies.keys() & set(fact["cells"]):
                    tallies[key].add_fact(fact["counts"], CellKey.parse(key).month)
        else:
            async for child in self.cells.rows.find({"parent": {"$in": list(ids)}}, {"parent": 1, "tally": 1}):
                if "tally" in child:
                    tallies[child["parent"]].add(Tally.from_document(child["tally"]))
        return {key: tally.to_document() for key, tally in tallies.items()}

    async def _recount_reports(self, level: int) -> int:
        stale = await self.reports.stale(level, REPORTS_AT_ONCE)
        counted = [(report["_id"], report["marks"], {"body": await self._body(report)}) for report in stale]
        await self.reports.keep(counted)
        keys = [ReportKey(report["root"], report["area"]) for report in stale]
        await self.reports.mark({key.parent for key in keys if key.parent})
        await self.reports.settle((report["_id"], report["marks"]) for report in stale)
        return len(stale)

    async def _body(self, report: Document) -> dict[str, Any]:
        root, area = report["root"], report["area"]
        below = await self.reports.rows.find({"parent": report["_id"]}, {"area": 1, "body": 1}).to_list(None)
        cells = [cell_of(row) async for row in self.cells.rows.find({"root": root, "area": area})]
        return body_of(cells, [one for one in below if "body" in one], area, leaf=len(area) == LEAF_DIGITS)
