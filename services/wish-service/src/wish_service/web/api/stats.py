"""Statistics: for everybody with small groups hidden, for staff of the place exact."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from microwish.identity.people import Person
from wish_service.domain.errors import Fault, InvalidInput, OtherCommunity
from wish_service.views.stats import StatsQuery
from wish_service.web.answers.base import answers
from wish_service.web.answers.figures import ExactStats, Stats
from wish_service.web.api.desk import StaffHere
from wish_service.web.caching import cached_json
from wish_service.web.parts import Parts, PartsHere
from wish_service.web.present_stats import stats_answer
from wish_service.web.schemas import Division

router = APIRouter(tags=["statistics"])

_MonthText = Annotated[str, StringConstraints(pattern=r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$")]
Since = Annotated[_MonthText | None, Query(alias="from", description="The first month, such as 2026-02.")]
Until = Annotated[_MonthText | None, Query(alias="to", description="The last month, itself included.")]
CampaignId = Annotated[str | None, Query(min_length=1, max_length=64)]


@router.get("/api/stats", **answers(Stats))
async def stats(
    request: Request,
    parts: PartsHere,
    community: Division | None = None,
    since: Since = None,
    until: Until = None,
    campaign: CampaignId = None,
) -> Response:
    """What was asked, claimed and done: totals, per month, community, category; of a place, some months, a campaign."""
    query = await asked_for(parts, community, since, until, campaign)
    return cached_json(request, stats_answer(await parts.statistics.public(query), query, parts.communities))


@router.get("/api/stats/exact", **answers(ExactStats))
async def exact_stats(
    staff: StaffHere,
    parts: PartsHere,
    community: Division | None = None,
    since: Since = None,
    until: Until = None,
    campaign: CampaignId = None,
) -> JSONResponse:
    """The same for staff of the place, nothing hidden, and `cells`: a row for each month and category."""
    query = of_staff(await asked_for(parts, community, since, until, campaign), staff)
    answer: dict[str, Any] = stats_answer(await parts.statistics.exact(query), query, parts.communities)
    return JSONResponse(answer | {"cells": await parts.statistics.cells(query)}, headers={"Cache-Control": "no-store"})


async def asked_for(
    parts: Parts, community: str | None, since: str | None, until: str | None, campaign: str | None
) -> StatsQuery:
    """The question, if it can be asked. Raises: InvalidInput for an unknown place or campaign, or an empty period."""
    faults = []
    if community and not parts.communities.knows(community):
        faults.append(Fault("community", "field.community_unknown"))
    if since and until and until < since:
        faults.append(Fault("to", "field.before_from"))
    if campaign and await parts.campaign_board.find(campaign) is None:
        faults.append(Fault("campaign", "field.campaign_unknown"))
    if faults:
        raise InvalidInput(faults)
    return StatsQuery(parts.communities.current(community) if community else "", since, until, campaign)


def of_staff(query: StatsQuery, staff: Person) -> StatsQuery:
    """The question for staff: without a place it is about the one that they serve, for an admin about everything.

    Raises: InvalidInput when it has to be said which; OtherCommunity.
    """
    if staff.serves(query.area):
        return query
    if query.area:
        raise OtherCommunity(query.area)
    if len(staff.communities) != 1:
        raise InvalidInput([Fault("community", "field.missing")])
    return StatsQuery(staff.communities[0], query.since, query.until, query.campaign)
