"""The waiting list of a wish (候补), and the answer to a recommendation."""

from typing import Annotated

from fastapi import APIRouter, Body, Query

from adoption_service.domain.errors import Invalid
from adoption_service.domain.waiting import Place
from adoption_service.use_cases.decline_recommendation import decline_recommendation
from adoption_service.use_cases.wait_for_wish import WaitRequest, join_queue, leave_queue
from adoption_service.web.board_schemas import Declining, PlaceOut, Waiting
from adoption_service.web.parts import Order, OrderHere
from adoption_service.web.schemas import Id

router = APIRouter(prefix="/api/board", tags=["board"])


@router.post("/{wish_id}/queue")
async def join(wish_id: Id, body: Waiting, order: OrderHere) -> PlaceOut:
    """Wait for a slot, at the end of the list; who waits already, or has an offer, is told where they stand. A slot
    that becomes free is offered to the first who may claim, then to the next.

    409 `slot_free` (claim it instead), `already_held`, `closed`, `not_yet_claimable`, `limit_reached`, `queue_full`;
    403 `not_verified`, `not_member`; 422 `key_reused`.
    """
    place = await joined(order, wish_id, body)
    return PlaceOut(wish_id=wish_id, organisation_id=body.organisation_id, **vars(place))


@router.delete("/{wish_id}/queue", status_code=204)
async def leave(
    wish_id: Id,
    order: OrderHere,
    organisation_id: Annotated[Id | None, Query(description="Here, or in the body.")] = None,
    body: Annotated[Waiting | None, Body()] = None,
) -> None:
    """Give up the place, or the offer: the next in line gets it. Nothing happens where there is neither.

    403 `not_member`; 422 `key_reused`.
    """
    chosen = organisation_id or (body.organisation_id if body else None)
    if chosen is None:
        raise Invalid("organisation_id", "field.missing")
    await left(order, wish_id, Waiting(organisation_id=chosen))


@router.post("/{wish_id}/decline", status_code=204)
async def decline(wish_id: Id, body: Declining, order: OrderHere) -> None:
    """Say no to a recommendation of staff; a claim says yes. 409 `not_recommended`; 403 `not_member`."""
    await declined(order, wish_id, body)


async def joined(order: Order, wish_id: str, body: Waiting) -> Place:
    """The waiting that a request or a page's form asks for."""
    parts = order.parts
    return await join_queue(
        _request(order, wish_id, body), parts.organisations, parts.claims, overdue_allowed=parts.terms.overdue_allowed
    )


async def left(order: Order, wish_id: str, body: Waiting) -> None:
    """The end of waiting that a request or a page's form asks for."""
    await leave_queue(_request(order, wish_id, body), order.parts.organisations, order.parts.claims)


async def declined(order: Order, wish_id: str, body: Declining) -> None:
    """The no that a request or a page's form says."""
    parts = order.parts
    await decline_recommendation(
        _request(order, wish_id, body), body.reason, parts.organisations, parts.claims, parts.sealer
    )


def _request(order: Order, wish_id: str, body: Waiting | Declining) -> WaitRequest:
    return WaitRequest(wish_id, body.organisation_id, order.person, order.when, order.retry_of(body))
