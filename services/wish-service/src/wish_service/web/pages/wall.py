"""The wall, and one wish: for everybody."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from microwish.events import Category
from microwish.identity.people import Person
from microwish.web.cleaning import one_line
from wish_service.domain.access import owns
from wish_service.domain.errors import Hidden
from wish_service.views import read_wall
from wish_service.views.read_wall import WallQuery
from wish_service.web.api.campaigns import today_of
from wish_service.web.api.wishes import known_to
from wish_service.web.cursors import from_cursor, to_cursor
from wish_service.web.pages.frame import Visitor, page
from wish_service.web.parts import Parts, PartsHere
from wish_service.web.present import names_of, public_timeline, public_wish
from wish_service.web.present_campaigns import campaign_card

router = APIRouter(include_in_schema=False)

SHOWN_STATES = ("posted", "adopted", "fulfilled")
PER_PAGE = 12
CAMPAIGNS_SHOWN = 3


@router.get("/")
async def wall(
    request: Request,
    parts: PartsHere,
    visitor: Visitor,
    status: str = "",
    category: str = "",
    community: str = "",
    q: Annotated[str, Query(max_length=40)] = "",
    cursor: Annotated[str | None, Query(max_length=300)] = None,
) -> HTMLResponse:
    """The wishes of the area, newest first, with the real figures above them."""
    position = parts.finding.live.position  # before the wishes are read: what comes in between is told, not lost
    query = WallQuery(
        status if status in {*SHOWN_STATES, "delivered"} else None,
        parts.communities.current(community) if parts.communities.knows(community) else None,
        category if category in set(Category) else None,
        one_line(q) or None,
        from_cursor(cursor),
        PER_PAGE,
    )
    rows, more = await read_wall.list_wishes(parts.wall, query)
    return page(
        request,
        parts,
        "wall.html",
        visitor,
        wishes=[card(row) for row in rows],
        next_cursor=to_cursor(rows[-1]["wish"]["posted_at"], rows[-1]["_id"]) if more else None,
        query=query,
        totals=await parts.statistics.totals(),
        campaigns=await running_campaigns(parts),
        campaign_of=await campaigns_of(rows, parts),
        states=SHOWN_STATES,
        groups=communities_by_street(parts),
        stream=stream_of(query),
        position=position,
    )


@router.get("/wishes/{wish_id}")
async def one(request: Request, wish_id: str, parts: PartsHere, visitor: Visitor) -> Response:
    """One wish as everybody sees it; its resident and staff find their way on from here."""
    row = await read_wall.public_wish(parts.wall, wish_id)
    if row is None:
        raise Hidden(wish_id)
    wish = await known_to(visitor, wish_id, parts)
    mine = wish is not None and visitor is not None and owns(visitor, wish)
    lines = public_timeline(read_wall.public_timeline(row))
    return page(
        request,
        parts,
        "wish.html",
        visitor,
        wish=card(row),
        campaign=(await campaigns_of([row], parts)).get(row["wish"].get("campaign")),
        timeline=lines[::-1],
        mine=mine,
        at_desk=wish and not mine,
    )


def stream_of(query: WallQuery) -> str:
    """Where the changes of this list are told."""
    asked = {"status": query.status, "community": query.community, "category": query.category, "q": query.q}
    return "/api/wishes/stream?" + urlencode({name: value for name, value in asked.items() if value})


async def running_campaigns(parts: Parts) -> list[dict[str, Any]]:
    """The campaigns that run today, as pages show them."""
    today = today_of(parts)
    found, _ = await parts.campaign_board.listed(on=today, limit=CAMPAIGNS_SHOWN)
    return [campaign_card(one, today, parts.communities) for one in found]


async def campaigns_of(rows: list[dict[str, Any]], parts: Parts) -> dict[str, dict[str, Any]]:
    """The campaigns of these rows of the wall, by their ids."""
    today = today_of(parts)
    found = await parts.campaign_board.named({row["wish"]["campaign"] for row in rows if "campaign" in row["wish"]})
    return {campaign_id: campaign_card(one, today, parts.communities) for campaign_id, one in found.items()}


def card(row: dict[str, Any]) -> dict[str, Any]:
    """A wish as its card shows it: the public answer, and in words who holds it and how long it took."""
    wish = public_wish(row)
    ended = row["wish"].get("ended_at")
    days = max(1, round((ended - row["wish"]["posted_at"]).total_seconds() / 86_400)) if ended else None
    return {
        **wish,
        "names": names_of(wish["holders"]),
        "missing": max(0, wish["slots"] - wish["held"]),
        "days": days,
    }


def divisions_to_choose(person: Person, parts: Parts) -> list[tuple[str, str]]:
    """(code, name) of every division that the person serves, those inside another behind it and set in."""
    return [
        (division.code, ("　" * (len(division.code) // 3 - 2)) + division.shown_name)
        for division in parts.communities.all()
        if person.serves(division.code)
    ]


def communities_by_street(parts: Parts) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(street code, street name, [(community code, name)]) for choosing one."""
    streets: dict[str, tuple[str, str, list[tuple[str, str]]]] = {}
    for division in parts.communities.all():
        if len(division.code) == 9:
            streets[division.code] = (division.code, division.shown_name, [])
    for division in parts.communities.all():
        if len(division.code) == 12 and division.code[:9] in streets:
            streets[division.code[:9]][2].append((division.code, division.shown_name))
    return [street for street in streets.values() if street[2]]
