"""How statistics look in answers: with the names of places, and what was asked for."""

from collections.abc import Iterable, Mapping
from typing import Any

from wish_service.store.communities import Communities
from wish_service.views.figures import Body
from wish_service.views.stats import StatsQuery

_OWN = ("safe", "family_safe")
"""What a body says for the statistics themselves."""


def stats_answer(body: Body, query: StatsQuery, tree: Communities) -> dict[str, Any]:
    """The answer of `GET /api/stats` and `/api/stats/exact`: days are rounded to a tenth, null where none counted."""
    shown = {name: value for name, value in body.items() if name not in _OWN}
    return {
        "community": {"code": query.area, "name": tree.name_of(query.area)} if query.area else None,
        "from": query.since,
        "to": query.until,
        "campaign": query.campaign,
        **shown,
        "communities": _named(body["communities"], tree),
        "areas": _named(body["areas"], tree),
    }


def _named(rows: Iterable[Mapping[str, Any]], tree: Communities) -> list[dict[str, Any]]:
    return [{"code": row["code"], "name": tree.name_of(row["code"]), **row} for row in rows]
