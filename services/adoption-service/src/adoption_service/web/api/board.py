"""The board: wishes that can be claimed or waited for, and those that concern an organisation."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from adoption_service.use_cases.acting import acting_for
from adoption_service.views.cursors import Page
from adoption_service.views.following import followed
from adoption_service.views.read_board import Availability, BoardQuery, list_board
from adoption_service.views.standings import standings_of
from adoption_service.web.board_schemas import BoardOut, BoardWish, StandingOut, StandingsOut
from adoption_service.web.parts import Commanded, PartsHere, SignedIn
from adoption_service.web.schemas import Id, Prefix
from microwish.events import Category
from microwish.identity.guards import current_person

router = APIRouter(prefix="/api/board", tags=["board"])


@router.get("")
async def board(
    request: Request,
    response: Response,
    parts: PartsHere,
    community: Prefix | None = None,
    category: Category | None = None,
    q: Annotated[str | None, Query(max_length=50, description="Words that are all in title or detail.")] = None,
    for_us: Annotated[
        Id | None,
        Query(alias="for", description="What this organisation follows, or lies in its own area; its members only."),
    ] = None,
    status: Annotated[
        Literal["claimable", "reserved", "taken", "all-open"], Query(description="`all-open`: all three.")
    ] = "claimable",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> BoardOut:
    """Wishes with a free slot, the newest first: how many are free, who holds the others until when, how many wait."""
    statuses = list(Availability) if status == "all-open" else [Availability(status)]
    query = BoardQuery(
        statuses, [[community]] if community else [], [category] if category else [], q, cursor=cursor, limit=limit
    )
    if for_us is None:
        response.headers["Cache-Control"] = "public, max-age=2"
        return _out(await list_board(parts.board, query))
    person = await current_person(request)
    await acting_for(for_us, person.id, parts.organisations)
    organisation = await parts.organisations.document(for_us)
    following = organisation["following"]
    fitting = followed(following["communities"], following["categories"], organisation["scope"]).narrowing(query)
    return _out(await list_board(parts.board, fitting) if fitting else Page([], None))


@router.get("/mine")
async def mine(organisation_id: Id, person: SignedIn, parts: PartsHere, when: Commanded) -> StandingsOut:
    """What was offered to an organisation, recommended to it, and what it waits for; its members only."""
    await acting_for(organisation_id, person.id, parts.organisations)
    rows = await standings_of(parts.claims, organisation_id, now=when.recorded_at)
    wishes = await parts.board.titles([row.wish_id for row in rows])
    return StandingsOut(
        items=[
            StandingOut(
                wish_id=row.wish_id,
                wish=BoardWish.model_validate(wishes[row.wish_id]) if row.wish_id in wishes else None,
                recommended_at=row.recommended_at,
                **vars(row.place),
            )
            for row in rows
        ]
    )


def _out(page: Page) -> BoardOut:
    return BoardOut.model_validate({"items": page.items, "next_cursor": page.next_cursor})
