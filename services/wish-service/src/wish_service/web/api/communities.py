"""The tree of communities: for everybody to read, for admins to change."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from microwish.identity.guards import commanded_at, require
from microwish.identity.people import Person, Role
from microwish.when import When
from wish_service.domain.divisions import Division as Node
from wish_service.domain.errors import Hidden
from wish_service.store.communities import Communities
from wish_service.use_cases.import_communities import take_communities
from wish_service.use_cases.move_community import MoveCommunity, move_community
from wish_service.web.answers.base import answers
from wish_service.web.answers.places import Divisions, Moved, OneDivision, TreeChanges
from wish_service.web.caching import cached_json
from wish_service.web.parts import PartsHere
from wish_service.web.schemas import Division
from wish_service.web.schemas_of_communities import CommunityMove
from wish_service.web.sheets.reading import decode

router = APIRouter(tags=["communities"])

AdminHere = Annotated[Person, Depends(require(Role.ADMIN))]
WhenHere = Annotated[When, Depends(commanded_at)]

_CSV_BODY = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


class Shape(StrEnum):
    """How much of what lies below a division is shown: the next level, or everything."""

    CHILDREN = "children"
    TREE = "tree"


@router.get("/api/communities", **answers(Divisions))
async def communities(
    request: Request, parts: PartsHere, under: Division | None = None, shape: Shape = Shape.CHILDREN
) -> Response:
    """Districts, streets and communities with their codes; `parent` is the code of the node above.

    under: only what lies right below this division, with how many lie below each; `shape=tree`: all of it, nested.
    """
    tree = parts.communities
    if under is None:
        items = [_node(division) for division in tree.all()]
    elif tree.division(under) is None:
        raise Hidden(under)
    else:
        items = [_with_children(division, tree, shape) for division in tree.children(under)]
    return cached_json(request, {"items": items, "next_cursor": None})


@router.get("/api/communities/{code}", **answers(OneDivision))
async def community(request: Request, code: Division, parts: PartsHere) -> Response:
    """One division; `moved_to` says where a community that moved goes on."""
    tree = parts.communities
    division = tree.division(code)
    if division is None:
        raise Hidden(code)
    place = tree.community(code) if division.moved_to else None
    moved_to = place.model_dump() if place else None
    return cached_json(request, {**_with_children(division, tree, Shape.CHILDREN), "moved_to": moved_to})


@router.post("/api/communities/import", openapi_extra=_CSV_BODY, **answers(TreeChanges))
async def import_list(
    request: Request, _admin: AdminHere, parts: PartsHere, when: WhenHere, dry_run: Annotated[bool, Query()] = False
) -> dict[str, Any]:
    """Take a CSV `code,name,parent` as a whole or, if one cell is at fault, nothing; a dry run takes nothing."""
    text, _encoding = decode(await request.body())
    outcome = await take_communities(
        text, dry_run=dry_run, tree=parts.communities, imports=parts.community_imports, when=when
    )
    return {"dry_run": dry_run, **vars(outcome)}


@router.post("/api/communities/{code}/move", **answers(Moved, 202))
async def move(code: Division, body: CommunityMove, admin: AdminHere, parts: PartsHere, when: WhenHere) -> JSONResponse:
    """Let a community go on under another code, or within another community; its wishes and staff follow."""
    command = MoveCommunity(code, body.to, body.name, body.merge)
    place = await move_community(command, admin=admin, tree=parts.communities, when=when)
    parts.wake_upkeep()
    return JSONResponse({"code": code, "moved_to": place.model_dump()}, 202)


def _node(division: Node) -> dict[str, Any]:
    return {"code": division.code, "name": division.shown_name, "parent": division.parent}


def _with_children(division: Node, tree: Communities, shape: Shape) -> dict[str, Any]:
    below = tree.children(division.code)
    if shape is Shape.CHILDREN:
        return {**_node(division), "children": len(below)}
    return {**_node(division), "below": [_with_children(one, tree, shape) for one in below]}
