"""What is done to a wish on its way. Each answers with the wish as the caller may see it."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter

from wish_service.use_cases.answer_delivery import confirm_delivery, dispute_delivery
from wish_service.use_cases.end_wish import close_wish, merge_wish, take_down_wish, withdraw_wish
from wish_service.use_cases.review_wish import ReviewWish, review_wish
from wish_service.web.answers.base import answers
from wish_service.web.answers.wishes import KnownWish
from wish_service.web.api.wishes import seen_by
from wish_service.web.campaign_choice import choice_in
from wish_service.web.parts import OrderHere
from wish_service.web.schemas import Confirmation, Dispute, Merge, Review, WithPerhapsReason
from wish_service.web.schemas_of_review import Reasoned

router = APIRouter(prefix="/api/wishes/{wish_id}", tags=["wishes"])


@router.post("/review", **answers(KnownWish))
async def review(wish_id: str, body: Review, order: OrderHere) -> dict[str, Any]:
    """Staff publish it, ask for more, or refuse it."""
    command = ReviewWish(
        body.decision, body.reason, body.public_title, body.public_detail, reason_code=body.reason_code
    )
    command = replace(command, campaign=await choice_in(body, order.parts), version=body.version)
    wish = await review_wish(wish_id, command, order.asked)
    return seen_by(order.person, wish, order.parts)


@router.post("/withdrawal", **answers(KnownWish))
async def withdrawal(wish_id: str, body: WithPerhapsReason, order: OrderHere) -> dict[str, Any]:
    """Its resident takes it back."""
    wish = await withdraw_wish(wish_id, body.reason, order.asked)
    return seen_by(order.person, wish, order.parts)


@router.post("/confirmation", **answers(KnownWish))
async def confirmation(wish_id: str, body: Confirmation, order: OrderHere) -> dict[str, Any]:
    """It has arrived; staff who confirm on the resident's behalf say in a note how they know."""
    wish = await confirm_delivery(wish_id, body.adoption_id, order.asked, thanks=body.thanks, note=body.note)
    return seen_by(order.person, wish, order.parts)


@router.post("/dispute", **answers(KnownWish))
async def dispute(wish_id: str, body: Dispute, order: OrderHere) -> dict[str, Any]:
    """It has not arrived."""
    wish = await dispute_delivery(wish_id, body.adoption_id, body.reason, order.asked)
    return seen_by(order.person, wish, order.parts)


@router.post("/takedown", **answers(KnownWish))
async def takedown(wish_id: str, body: Reasoned, order: OrderHere) -> dict[str, Any]:
    """Staff take it off the wall."""
    wish = await take_down_wish(wish_id, body.reason, order.asked, reason_code=body.reason_code)
    return seen_by(order.person, wish, order.parts)


@router.post("/closing", **answers(KnownWish))
async def closing(wish_id: str, body: Reasoned, order: OrderHere) -> dict[str, Any]:
    """Fulfilled with fewer if something was confirmed, by resident or staff; else closed by staff, with a reason."""
    wish = await close_wish(wish_id, body.reason, order.asked, reason_code=body.reason_code)
    return seen_by(order.person, wish, order.parts)


@router.post("/merge", **answers(KnownWish))
async def merge(wish_id: str, body: Merge, order: OrderHere) -> dict[str, Any]:
    """Another wish goes on in its place."""
    wish = await merge_wish(wish_id, body.into, order.asked)
    return seen_by(order.person, wish, order.parts)
