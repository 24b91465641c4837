"""Campaigns (主题活动): for everybody to see, for staff of the place to make and change."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from microwish.identity.people import Person, Role
from microwish.store.refusals import NotFound
from microwish.web.problems import FieldError, Problem
from wish_service.domain.campaign import Campaign
from wish_service.use_cases.save_campaign import AskedOfCampaigns, change_campaign, make_campaign
from wish_service.web.answers.base import answers
from wish_service.web.answers.places import Campaign as CampaignAnswer
from wish_service.web.answers.places import Campaigns
from wish_service.web.api.wishes import Limit, Visitor
from wish_service.web.caching import cached_json
from wish_service.web.cursors import from_cursor, to_cursor
from wish_service.web.parts import Order, OrderHere, Parts, PartsHere
from wish_service.web.present_campaigns import campaign_answer
from wish_service.web.schemas_of_campaigns import CampaignChange, NewCampaign

router = APIRouter(prefix="/api/campaigns", tags=["campaigns"])


@router.post("", **answers(CampaignAnswer, 201))
async def make(body: NewCampaign, order: OrderHere) -> JSONResponse:
    """Staff of the place, or an admin, make a campaign."""
    campaign = await make_campaign(body.campaign(order.new_id()), asked_of_campaigns(order))
    return JSONResponse(shown(campaign, order.parts), 201, {"Location": f"/api/campaigns/{campaign.id}"})


@router.get("", **answers(Campaigns))
async def listed(
    request: Request,
    parts: PartsHere,
    running: bool = False,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Limit = 20,
) -> Response:
    """All campaigns, or those that run today: which start last come first."""
    today = today_of(parts)
    found, more = await parts.campaign_board.listed(on=today if running else None, after=_after(cursor), limit=limit)
    next_cursor = to_cursor(_midnight(found[-1].starts_on), found[-1].id) if more else None
    return cached_json(request, {"items": [shown(one, parts) for one in found], "next_cursor": next_cursor})


@router.get("/{campaign_id}", **answers(CampaignAnswer))
async def one(request: Request, campaign_id: str, parts: PartsHere, visitor: Visitor) -> Response:
    """A campaign; staff see at once what they have just changed."""
    if visitor is not None and is_staff(visitor):
        campaign = await parts.campaigns.find(campaign_id)
        if campaign is not None:
            return JSONResponse(shown(campaign, parts), headers={"Cache-Control": "private, no-store"})
    campaign = await parts.campaign_board.find(campaign_id)
    if campaign is None:
        raise NotFound(campaign_id)
    answer = cached_json(request, shown(campaign, parts))
    answer.headers["Vary"] = "Authorization, Cookie"
    return answer


@router.patch("/{campaign_id}", **answers(CampaignAnswer))
async def change(campaign_id: str, body: CampaignChange, order: OrderHere) -> dict[str, Any]:
    """Staff of the place, or an admin, change it; wishes that are in it stay."""
    campaign = await change_campaign(campaign_id, body.changes(), asked_of_campaigns(order))
    return shown(campaign, order.parts)


def shown(campaign: Campaign, parts: Parts) -> dict[str, Any]:
    """The campaign in an answer of today."""
    return campaign_answer(campaign, today_of(parts), parts.communities)


def today_of(parts: Parts) -> date:
    """The day as campaigns count days."""
    return parts.campaigns.day(parts.clock())


def is_staff(person: Person) -> bool:
    """Whether the person works for some place, or for all."""
    return person.has(Role.STAFF) or person.has(Role.ADMIN)


def asked_of_campaigns(order: Order) -> AskedOfCampaigns:
    """What the use cases on campaigns take."""
    parts = order.parts
    return AskedOfCampaigns(order.person, parts.campaigns, parts.communities, order.when, order.idempotency)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _after(cursor: str | None) -> tuple[str, str] | None:
    position = from_cursor(cursor)
    if position is None:
        return None
    moment, last = position
    if moment != _midnight(moment.date()):
        raise Problem(422, "invalid", errors=[FieldError("cursor", "field.cursor")])
    return moment.date().isoformat(), last
