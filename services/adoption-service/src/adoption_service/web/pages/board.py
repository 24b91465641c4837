"""/adopt: what asks for an answer first, then wishes that fit, each with the reason why, then the others."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from adoption_service.domain.adoption import AdoptionState
from adoption_service.views.adoptions import adoptions_of
from adoption_service.views.cursors import Page
from adoption_service.views.read_board import Availability, BoardQuery, list_board
from adoption_service.web.api.adoptions import claimed
from adoption_service.web.pages.cards import cards_for, fits
from adoption_service.web.pages.frame import Acting, ActingRoute, acting, checked, done_or_told, form_values
from adoption_service.web.parts import Commanded, Order, Parts, PartsHere, SignedIn
from adoption_service.web.present import adoption_out
from adoption_service.web.schemas import Claim
from microwish.events import Category
from microwish.ids import uuid7
from microwish.web.pages.kit import see_other
from microwish.when import When

router = APIRouter(include_in_schema=False, route_class=ActingRoute)
SHOWN = 12
NOTHING = Page([], None)
FULL = (Availability.RESERVED, Availability.TAKEN)
IN_HAND = 5
UNDER_WAY = (AdoptionState.ACTIVE, AdoptionState.DELIVERED)


@router.get("/adopt")
async def board(
    request: Request,
    person: SignedIn,
    parts: PartsHere,
    when: Commanded,
    category: str | None = None,
    q: Annotated[str | None, Query(max_length=50)] = None,
    wish: Annotated[str | None, Query(max_length=64)] = None,
    fit: bool = False,
    full: bool = False,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """The board for the organisation that the reader acts for.

    fit: only what fits it. full: wishes without a slot for everybody, which it may wait for, instead of claimable ones.
    """
    who = await acting(request, person, parts)
    query = BoardQuery(
        FULL if full else (Availability.CLAIMABLE,),
        categories=[Category(category)] if category in set(Category) else [],
        q=q,
        cursor=cursor,
        limit=SHOWN,
    )
    fitting = await _fitting(parts, who, query) if fit or cursor is None else NOTHING
    others = NOTHING if fit else await list_board(parts.board, query)
    under_way, soon = await in_hand(parts, who, when)
    cards = await cards_for(request, parts, who, when)
    return parts.pages.render(
        request,
        "board.html",
        who=who,
        named=cards.of([await parts.board.find(wish)] if wish and cursor is None else []),
        asked=await cards.asked() if cursor is None else [],
        fits=cards.of(fitting.items),
        others=cards.of(others.items),
        next_cursor=fitting.next_cursor if fit else others.next_cursor,
        category=query.categories[0].value if query.categories else "",
        q=q or "",
        fit=fit,
        full=full,
        lease_days=round(parts.terms.lease.term.total_seconds() / 86400),
        key=uuid7(),
        under_way=under_way,
        soon=soon,
    )


@router.post("/adopt/claim")
async def claim(request: Request, person: SignedIn, parts: PartsHere, when: Commanded) -> Response:
    """Claim a wish and lead to our adoptions; the form's key makes a second click the same claim."""
    values = await form_values(request)
    body = checked(request, parts, Claim, values)
    if not isinstance(body, Claim):
        return see_other("/adopt")  # the form has no field that a person fills in wrongly
    key = f"{values.get('key', uuid7())}:{body.wish_id}"
    work = claimed(Order(parts, person, when, key, request.url.path), body)
    return await done_or_told(request, parts, work, f"/adopt/ours?as={body.organisation_id}", "adopt.claimed")


async def in_hand(parts: Parts, who: Acting, when: When) -> tuple[list[dict[str, Any]], datetime]:
    """The first of what the chosen organisation holds, soonest due first, and from when on that is soon."""
    soon = when.recorded_at + timedelta(days=1)
    if who.chosen is None:
        return [], soon
    rows, _ = await adoptions_of(parts.claims, [who.chosen.id], states=UNDER_WAY, cursor=None, limit=20)
    titles = await parts.board.titles([wish_id for wish_id, _ in rows])
    shown = [adoption_out(wish_id, one, parts.sealer) for wish_id, one in rows]
    shown.sort(key=lambda one: (one.state != AdoptionState.ACTIVE, one.due_at))
    return [{"adoption": one, "wish": titles.get(one.wish_id)} for one in shown[:IN_HAND]], soon


async def _fitting(parts: Parts, who: Acting, query: BoardQuery) -> Page:
    """Those of the wishes asked for that fit the organisation."""
    fitting = fits(who.chosen)
    narrowed = fitting.narrowing(query) if fitting else None
    return await list_board(parts.board, narrowed) if narrowed else NOTHING
