"""/adopt: wishes that fit first, each with the reason why, then the others."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from adoption_service.domain.adoption import AdoptionState
from adoption_service.views.adoptions import adoptions_of
from adoption_service.views.cursors import Page
from adoption_service.web.api.adoptions import claimed
from adoption_service.web.pages.frame import Acting, acting, checked, done_or_told, form_values
from adoption_service.web.parts import Commanded, Order, Parts, PartsHere, SignedIn
from adoption_service.web.present import adoption_out
from adoption_service.web.schemas import Claim, OrganisationOut
from microwish.events import Category
from microwish.ids import uuid7
from microwish.web.pages.kit import see_other
from microwish.when import When

router = APIRouter(include_in_schema=False)
SHOWN = 12
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
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """The board for the organisation that the reader acts for."""
    who = await acting(request, person, parts)
    chosen = [Category(category)] if category in set(Category) else None
    fits = await _fits(parts, who.chosen, chosen, q) if cursor is None else []
    others = await parts.board.claimable(categories=chosen, q=q, cursor=cursor, limit=SHOWN)
    named = await parts.board.find(wish) if wish and cursor is None else None
    under_way, soon = await in_hand(parts, who, when)
    seen = {one["id"] for one in fits} | ({named["id"]} if named else set())
    return parts.pages.render(
        request,
        "board.html",
        who=who,
        named=_described(parts, request, named, who) if named else None,
        fits=[_described(parts, request, one, who) for one in fits if not named or one["id"] != named["id"]],
        others=[_described(parts, request, one, who) for one in others.items if one["id"] not in seen],
        next_cursor=others.next_cursor,
        category=chosen[0].value if chosen else "",
        q=q or "",
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


async def _fits(
    parts: Parts, organisation: OrganisationOut | None, categories: list[Category] | None, q: str | None
) -> list[dict[str, Any]]:
    """Wishes in the communities and categories that the organisation follows."""
    following = organisation.following if organisation else None
    if following is None or not following.communities:
        return []
    followed = following.categories or list(Category)
    wanted = [one for one in followed if categories is None or one in categories]
    if not wanted:
        return []
    page: Page = await parts.board.claimable(communities=following.communities, categories=wanted, q=q, limit=SHOWN)
    return page.items


def _described(parts: Parts, request: Request, wish: dict[str, Any], who: Acting) -> dict[str, Any]:
    """A wish with the line that says why it fits."""
    following = who.chosen.following if who.chosen else None
    why = ""
    if following and any(wish["community"]["code"].startswith(prefix) for prefix in following.communities):
        place = parts.pages.text(request, "adopt.why_place", place=wish["community"]["name"])
        kind = parts.pages.text(request, "category." + wish["category"])
        if not following.categories:
            why = place
        elif Category(wish["category"]) in following.categories:
            why = parts.pages.text(request, "adopt.why_both", place=wish["community"]["name"], category=kind)
    mine = who.chosen is not None and any(one["organisation_id"] == who.chosen.id for one in wish["holders"])
    return {**wish, "why": why, "mine": mine}
