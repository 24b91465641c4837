"""The forms of the waiting list and of recommendations: each leads back to the board."""

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adoption_service.web.api.waiting import declined, joined, left
from adoption_service.web.board_schemas import Declining, Waiting
from adoption_service.web.pages.frame import checked, done_or_told, form_values
from adoption_service.web.parts import Commanded, Order, Parts, PartsHere, SignedIn
from microwish.identity.people import Person
from microwish.web.pages.kit import put_notice, see_other
from microwish.when import When

router = APIRouter(include_in_schema=False)


@router.post("/adopt/wishes/{wish_id}/queue")
async def join(request: Request, wish_id: str, person: SignedIn, parts: PartsHere, when: Commanded) -> Response:
    """Wait for a slot."""
    body = checked(request, parts, Waiting, await form_values(request))
    if not isinstance(body, Waiting):
        return see_other("/adopt")  # the form has no field that a person fills in
    work = joined(_order(request, person, parts, when), wish_id, body)
    return await done_or_told(request, parts, work, _board(body.organisation_id, wish_id), "adopt.queue.joined")


@router.post("/adopt/wishes/{wish_id}/leave")
async def leave(request: Request, wish_id: str, person: SignedIn, parts: PartsHere, when: Commanded) -> Response:
    """Wait no longer, or give an offer back."""
    body = checked(request, parts, Waiting, await form_values(request))
    if not isinstance(body, Waiting):
        return see_other("/adopt")
    work = left(_order(request, person, parts, when), wish_id, body)
    return await done_or_told(request, parts, work, _board(body.organisation_id), "adopt.queue.left")


@router.post("/adopt/wishes/{wish_id}/decline")
async def decline(request: Request, wish_id: str, person: SignedIn, parts: PartsHere, when: Commanded) -> Response:
    """Say no to a recommendation."""
    values = await form_values(request)
    body = checked(request, parts, Declining, values)
    if not isinstance(body, Declining):
        answer = see_other(_board(values.get("organisation_id", ""), wish_id))
        put_notice(request, answer, parts.pages.text(request, "adopt.say_why"), "problem")
        return answer
    work = declined(_order(request, person, parts, when), wish_id, body)
    return await done_or_told(request, parts, work, _board(body.organisation_id), "adopt.declined")


def _order(request: Request, person: Person, parts: Parts, when: When) -> Order:
    return Order(parts, person, when, None, request.url.path)


def _board(organisation_id: str, wish_id: str = "") -> str:
    return "/adopt?" + urlencode({"as": organisation_id} | ({"wish": wish_id} if wish_id else {}))
