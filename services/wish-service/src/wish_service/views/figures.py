"""The body of a report: totals, months, categories, communities and areas of one place, from its cells. Pure.

    {totals: row, months: [{month, …row}], categories: [{category, …row}], communities: [{code, …row}],
     areas: [{code, …row}] (one level below), safe: bool, family_safe: bool}

A row is what `Tally.row` says. Everything is sorted by month, category or code: never a league table.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wish_service.views.small_groups import splittable
from wish_service.views.tally import Tally, total

Body = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One cell as it is read."""

    area: str
    month: str
    category: str
    tally: Tally


def body_of(cells: Iterable[Cell], below: Iterable[Mapping[str, Any]], area: str, *, leaf: bool) -> Body:
    """The report of an area from its own cells and the reports {area, body} of the areas one level below."""
    own = body_without_places(cells)
    inner = sorted(below, key=lambda report: str(report["area"]))
    if leaf:
        communities = [{"code": area, **own["totals"]}] if own["months"] else []
    else:
        communities = [row for report in inner for row in report["body"]["communities"]]
    return {
        **own,
        "communities": communities,
        "areas": [{"code": one["area"], **one["body"]["totals"]} for one in inner if one["body"]["months"]],
        "family_safe": all(report["body"]["safe"] for report in inner),
    }


def body_without_places(cells: Iterable[Cell]) -> Body:
    """Totals, months and categories of these cells, which are all of one area."""
    months: dict[str, Tally] = defaultdict(Tally)
    categories: dict[str, Tally] = defaultdict(Tally)
    for cell in cells:
        months[cell.month].add(cell.tally)
        categories[cell.category].add(cell.tally)
    rows = _rows("category", categories)
    return {
        "totals": total(months.values()).row(),
        "months": _rows("month", months),
        "categories": rows,
        "safe": splittable(rows),
    }


def places(cells: Iterable[Cell]) -> list[dict[str, Any]]:
    """A row for each area of these cells."""
    areas: dict[str, Tally] = defaultdict(Tally)
    for cell in cells:
        areas[cell.area].add(cell.tally)
    return _rows("code", areas)


def _rows(name: str, tallies: Mapping[str, Tally]) -> list[dict[str, Any]]:
    return [{name: value, **tally.row()} for value, tally in sorted(tallies.items()) if not tally.empty]


NOTHING: Body = {
    **body_without_places([]),
    "communities": [],
    "areas": [],
    "family_safe": True,
}
"""Of a place where nothing was ever posted."""
