"""Campaigns: all of them, one with its wishes, and the form in which staff make or change one."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from microwish.events.wish import CampaignColour
from microwish.identity.people import Person
from microwish.ids import derived_id, uuid7
from microwish.store.aggregate import Idempotency
from microwish.store.refusals import NotFound
from microwish.web.pages.kit import put_notice, see_other
from wish_service.domain.campaign import PALETTE, Campaign
from wish_service.domain.errors import InvalidInput, ScopeElsewhere
from wish_service.use_cases.save_campaign import change_campaign, make_campaign
from wish_service.views import read_wall
from wish_service.views.read_wall import WallQuery
from wish_service.web.api.campaigns import asked_of_campaigns, is_staff, today_of
from wish_service.web.api.desk import StaffHere
from wish_service.web.cursors import from_cursor, to_cursor
from wish_service.web.pages.frame import Errors, Visitor, checked, form_of, page, summary, told_faults
from wish_service.web.pages.wall import PER_PAGE, card, divisions_to_choose
from wish_service.web.parts import Order, OrderHere, Parts, PartsHere, fingerprint
from wish_service.web.present_campaigns import campaign_card
from wish_service.web.schemas_of_campaigns import NewCampaign

router = APIRouter(include_in_schema=False)

_LABELS = {field: f"campaign.{field}" for field in ("name", "text", "from", "to", "scope", "colour")}
MOST = 50
"""On the page of all campaigns."""


@router.get("/campaigns")
async def campaigns(request: Request, parts: PartsHere, visitor: Visitor) -> HTMLResponse:
    """The campaigns, which start last first."""
    found, _ = await parts.campaign_board.listed(limit=MOST)
    today = today_of(parts)
    cards = [campaign_card(one, today, parts.communities) for one in found]
    return page(request, parts, "campaigns.html", visitor, campaigns=cards)


@router.get("/campaigns/new")
async def new(request: Request, parts: PartsHere, staff: StaffHere) -> HTMLResponse:
    """An empty form."""
    values = {"colour": CampaignColour.RED.value, "from": today_of(parts).isoformat(), "key": uuid7()}
    if staff.communities:
        values["scope"] = staff.communities[0]
    return _form(request, parts, staff, None, values, {})


@router.post("/campaigns/new")
async def make(request: Request, order: OrderHere, _staff: StaffHere) -> Response:
    """Keep a new campaign."""
    return await _save(request, order, None)


@router.get("/campaigns/{campaign_id}")
async def one(
    request: Request,
    campaign_id: str,
    parts: PartsHere,
    visitor: Visitor,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
) -> HTMLResponse:
    """One campaign: what it is, how far it is, and its wishes."""
    at_work = visitor is not None and is_staff(visitor)
    campaign = await (parts.campaigns if at_work else parts.campaign_board).find(campaign_id)
    if campaign is None:
        raise NotFound(campaign_id)
    query = WallQuery(after=from_cursor(cursor), limit=PER_PAGE, campaign=campaign_id)
    rows, more = await read_wall.list_wishes(parts.wall, query)
    return page(
        request,
        parts,
        "campaign.html",
        visitor,
        campaign=campaign_card(campaign, today_of(parts), parts.communities),
        totals=await parts.statistics.totals(campaign_id),
        wishes=[card(row) for row in rows],
        query=query,
        next_cursor=to_cursor(rows[-1]["wish"]["posted_at"], rows[-1]["_id"]) if more else None,
        may_change=at_work and visitor is not None and visitor.serves(campaign.scope),
    )


@router.get("/campaigns/{campaign_id}/change")
async def change(request: Request, campaign_id: str, parts: PartsHere, staff: StaffHere) -> HTMLResponse:
    """The form as the campaign is now."""
    campaign = await _load(campaign_id, parts)
    values = {
        "name": campaign.name,
        "colour": campaign.colour.value,
        "text": campaign.text,
        "from": campaign.starts_on.isoformat(),
        "to": campaign.ends_on.isoformat(),
        "scope": campaign.scope,
        "key": uuid7(),
    }
    return _form(request, parts, staff, campaign, values, {})


@router.post("/campaigns/{campaign_id}/change")
async def save(request: Request, campaign_id: str, order: OrderHere, _staff: StaffHere) -> Response:
    """Keep what was changed."""
    return await _save(request, order, await _load(campaign_id, order.parts))


async def _save(request: Request, order: Order, before: Campaign | None) -> Response:
    parts, values = order.parts, await form_of(request)
    body, errors = checked(NewCampaign, values, request, parts)
    if body is None:
        return _form(request, parts, order.person, before, values, errors)
    try:
        kept = await _kept(order, body, before, values.get("key") or uuid7())
    except (InvalidInput, ScopeElsewhere) as refused:
        return _form(request, parts, order.person, before, values, told_faults(refused.faults, request, parts))
    answer = see_other(f"/campaigns/{kept.id}")
    put_notice(request, answer, parts.pages.text(request, "campaign.saved"))
    return answer


async def _kept(order: Order, body: NewCampaign, before: Campaign | None, key: str) -> Campaign:
    given = body.model_dump_json(by_alias=True).encode()
    idempotency = Idempotency(f"{order.person.id}:{key}", fingerprint(order.person.id, order.path, given))
    asked = replace(asked_of_campaigns(order), idempotency=idempotency)
    campaign = body.campaign(before.id if before else derived_id(order.person.id, order.path, key))
    if before is None:
        return await make_campaign(campaign, asked)
    changes = {name: value for name, value in vars(campaign).items() if name != "id"}
    return await change_campaign(before.id, changes, asked)


async def _load(campaign_id: str, parts: Parts) -> Campaign:
    campaign = await parts.campaigns.find(campaign_id)
    if campaign is None:
        raise NotFound(campaign_id)
    return campaign


def _form(
    request: Request, parts: Parts, staff: Person, campaign: Campaign | None, values: dict[str, str], errors: Errors
) -> HTMLResponse:
    return page(
        request,
        parts,
        "campaign_form.html",
        staff,
        status_code=422 if errors else 200,
        campaign=campaign,
        values=values,
        errors=errors,
        error_list=summary(errors, request, parts, _LABELS),
        scopes=divisions_to_choose(staff, parts),
        colours=[colour.value for colour in PALETTE],
    )
