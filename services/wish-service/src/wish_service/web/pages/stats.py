"""What was done, in figures: for everybody, and exact for staff of the place."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse

from wish_service.domain.campaign import Campaign
from wish_service.views.stats import StatsQuery
from wish_service.web.api.campaigns import is_staff
from wish_service.web.pages.frame import Visitor, page
from wish_service.web.pages.wall import communities_by_street
from wish_service.web.parts import Parts, PartsHere
from wish_service.web.present_stats import stats_answer

router = APIRouter(include_in_schema=False)

_Asked = Annotated[str, Query(max_length=64)]


@router.get("/stats")
async def stats(
    request: Request,
    parts: PartsHere,
    visitor: Visitor,
    community: _Asked = "",
    since: Annotated[str, Query(alias="from", max_length=7)] = "",
    until: Annotated[str, Query(alias="to", max_length=7)] = "",
    campaign: _Asked = "",
) -> HTMLResponse:
    """Figures by month, place and category; what can't be asked for is left out of the question."""
    whole = await parts.statistics.exact(StatsQuery())
    months = [row["month"] for row in whole["months"]]
    found = await parts.campaign_board.find(campaign) if campaign else None
    query = _query(parts, community, since, until, months, found)
    exact = visitor is not None and is_staff(visitor) and visitor.serves(query.area)
    body = await (parts.statistics.exact(query) if exact else parts.statistics.public(query))
    answer = stats_answer(body, query, parts.communities)
    return page(
        request,
        parts,
        "stats.html",
        visitor,
        stats=answer,
        chart=bars(answer),
        query=query,
        campaign=found,
        exact=exact,
        all_months=months,
        groups=communities_by_street(parts),
    )


def _query(
    parts: Parts, community: str, since: str, until: str, months: list[str], campaign: Campaign | None
) -> StatsQuery:
    first, last = (month if month in months else None for month in (since, until))
    if first and last and last < first:
        first, last = last, first
    area = parts.communities.current(community) if parts.communities.knows(community) else ""
    return StatsQuery(area, first, last, campaign.id if campaign else None)


def bars(stats: dict[str, Any]) -> list[dict[str, Any]]:
    """The months of a chart, each with its three counts as parts of the largest (0 to 1)."""
    names = ("posted", "claimed", "confirmed")
    most = max((row[name] for row in stats["months"] for name in names), default=0) or 1
    return [
        {"month": row["month"], "bars": [(name, row[name], row[name] / most) for name in names]}
        for row in stats["months"]
    ]
