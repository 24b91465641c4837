"""Wishes: ask, look, change."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from microwish.identity.guards import optional_person
from microwish.identity.people import Person
from wish_service.domain.access import owns
from wish_service.domain.errors import Hidden
from wish_service.domain.states import Status
from wish_service.domain.wish import Wish
from wish_service.store.seals import OpenContact
from wish_service.use_cases.post_wish import PostWish, post_wish
from wish_service.use_cases.revise_wish import ReviseWish, revise_wish
from wish_service.views import read_wall
from wish_service.views.read_wall import WallQuery
from wish_service.web.answers.base import answers
from wish_service.web.answers.wishes import AnyWish, KnownWish, PublicWishes, Timeline
from wish_service.web.api.desk import review_due
from wish_service.web.caching import Ready, cached_json
from wish_service.web.campaign_choice import choice_in
from wish_service.web.cursors import from_cursor, to_cursor
from wish_service.web.finding import wall_query
from wish_service.web.parts import OrderHere, Parts, PartsHere
from wish_service.web.present import own_timeline, own_wish, public_timeline, public_wish, rfc3339, staff_wish
from wish_service.web.schemas import NewWish, WishChange

front = APIRouter(tags=["wishes"])
"""What is asked for most: to be matched before anything else."""
router = APIRouter(tags=["wishes"])

Visitor = Annotated[Person | None, Depends(optional_person)]
Limit = Annotated[int, Query(ge=1, le=100)]


@front.post("/api/wishes", **answers(KnownWish, 201))
async def post(body: NewWish, order: OrderHere) -> JSONResponse:
    """Put a wish before the community's staff; staff may do so on somebody's behalf."""
    wish = await post_wish(
        command_of(body),
        order.asked,
        id=order.new_id(),
        people=order.parts.people,
        tree=order.parts.communities,
        settings=order.parts.settings,
        campaign=await choice_in(body, order.parts),
    )
    return JSONResponse(seen_by(order.person, wish, order.parts), 201, {"Location": f"/api/wishes/{wish.id}"})


@front.head("/api/wishes", include_in_schema=False)
@front.get("/api/wishes", **answers(PublicWishes))
async def wall(
    request: Request,
    parts: PartsHere,
    query: Annotated[WallQuery, Depends(wall_query)],
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Limit = 20,
) -> Response:
    """The wall, newest first: public wishes by state, division-code prefix, category and words."""
    asked = replace(query, after=from_cursor(cursor), limit=limit)

    async def read() -> Ready:
        rows, more = await read_wall.list_wishes(parts.wall, asked)
        next_cursor = to_cursor(rows[-1]["wish"]["posted_at"], rows[-1]["_id"]) if more else None
        return Ready.of({"items": [public_wish(row) for row in rows], "next_cursor": next_cursor})

    return (await parts.finding.lists.page(request.scope["query_string"], read)).answer(request)


@router.head("/api/wishes/{wish_id}", include_in_schema=False)
@router.get("/api/wishes/{wish_id}", **answers(AnyWish))
async def one(request: Request, wish_id: str, parts: PartsHere, visitor: Visitor) -> Response:
    """A wish: public from the wall; its resident and staff of its community see more, from the truth."""
    wish = await known_to(visitor, wish_id, parts)
    if wish is not None and visitor is not None:
        return JSONResponse(seen_by(visitor, wish, parts))
    row = await read_wall.public_wish(parts.wall, wish_id)
    if row is None:
        raise Hidden(wish_id)
    answer = cached_json(request, public_wish(row))
    answer.headers["Vary"] = "Authorization, Cookie"
    return answer


@router.patch("/api/wishes/{wish_id}", **answers(KnownWish))
async def change(wish_id: str, body: WishChange, order: OrderHere) -> dict[str, Any]:
    """Its resident changes it before it is published, or how to reach them at any time."""
    command = replace(revision_of(body), campaign=await choice_in(body, order.parts))
    wish = await revise_wish(wish_id, command, order.asked, ceiling_of=order.parts.settings.ceiling_of)
    return seen_by(order.person, wish, order.parts)


@router.get("/api/wishes/{wish_id}/timeline", **answers(Timeline))
async def timeline(request: Request, wish_id: str, parts: PartsHere, visitor: Visitor) -> Response:
    """What happened: for everybody without persons and reasons, for its resident and staff with them."""
    wish = await known_to(visitor, wish_id, parts)
    if wish is not None:
        return JSONResponse({"items": own_timeline(wish, parts.seals), "next_cursor": None})
    row = await read_wall.public_wish(parts.wall, wish_id)
    if row is None:
        raise Hidden(wish_id)
    answer = cached_json(request, {"items": public_timeline(read_wall.public_timeline(row)), "next_cursor": None})
    answer.headers["Vary"] = "Authorization, Cookie"
    return answer


async def known_to(person: Person | None, wish_id: str, parts: Parts) -> Wish | None:
    """The wish itself if the person owns it or serves its community, else None."""
    if person is None:
        return None
    wish = await parts.wishes.find(wish_id)
    return wish if wish and (owns(person, wish) or person.serves(wish.community.code)) else None


def seen_by(person: Person, wish: Wish, parts: Parts) -> dict[str, Any]:
    """The wish as this person, its resident or staff, may see it."""
    seen = own_wish(wish, parts.seals) if owns(person, wish) else staff_wish(wish, parts.seals)
    waits = wish.status is Status.SUBMITTED
    return {**seen, "review_due_at": rfc3339(review_due(wish, parts)) if waits else None}


def command_of(body: NewWish) -> PostWish:
    """The command in a request."""
    return PostWish(
        title=body.title,
        detail=body.detail,
        category=body.category,
        community=body.community,
        contact=body.contact.opened(),
        beneficiary=body.beneficiary.relation if body.beneficiary else None,
        for_child=body.beneficiary is not None and body.beneficiary.under_14,
        slots=body.slots,
        estimated_value_fen=body.estimated_value_fen,
        on_behalf=body.is_on_behalf,
        consents=body.agreed(),
        public_name=body.public_name,
    )


def revision_of(body: WishChange) -> ReviseWish:
    """The command in a request."""
    contact: OpenContact | None = body.contact.opened() if body.contact else None
    return ReviseWish(body.title, body.detail, body.category, body.slots, body.estimated_value_fen, contact=contact)
