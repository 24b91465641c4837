"""For everybody: the tree of communities, and the statistics."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from wish_service.web.caching import cached_json
from wish_service.web.parts import PartsHere

router = APIRouter(tags=["public"])


@router.get("/api/communities")
async def communities(request: Request, parts: PartsHere) -> Response:
    """Districts, streets and communities with their codes; `parent` is the code of the node above."""
    items = [
        {"code": division.code, "name": division.shown_name, "parent": division.parent}
        for division in parts.communities.all()
    ]
    return cached_json(request, {"items": items, "next_cursor": None})


@router.get("/api/stats")
async def stats(request: Request, parts: PartsHere) -> Response:
    """What was asked, claimed and done: totals, per month, per community, per category."""
    return cached_json(request, await parts.statistics.current())
