"""The board: wishes that can be claimed."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from adoption_service.web.parts import PartsHere
from adoption_service.web.schemas import BoardOut, Prefix
from microwish.events import Category

router = APIRouter(prefix="/api/board", tags=["board"])


@router.get("")
async def board(
    response: Response,
    parts: PartsHere,
    community: Prefix | None = None,
    category: Category | None = None,
    q: Annotated[str | None, Query(max_length=50)] = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> BoardOut:
    """Wishes with a free slot, the newest first: how many are free, and who holds the others."""
    page = await parts.board.claimable(
        communities=[community] if community else None,
        categories=[category] if category else None,
        q=q,
        cursor=cursor,
        limit=limit,
    )
    response.headers["Cache-Control"] = "public, max-age=2"
    return BoardOut.model_validate({"items": page.items, "next_cursor": page.next_cursor})
