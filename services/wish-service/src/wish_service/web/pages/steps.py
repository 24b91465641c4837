"""What staff do with a wish beside its review: recommend it, take it down, close it, and act for who can't sign in."""

from collections.abc import Awaitable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from microwish.web.pages.kit import put_notice, see_other
from wish_service.domain.access import as_staff
from wish_service.domain.errors import InvalidInput
from wish_service.domain.wish import Wish
from wish_service.use_cases.answer_delivery import dispute_delivery
from wish_service.use_cases.end_wish import close_wish, take_down_wish, withdraw_wish
from wish_service.use_cases.recommend_wish import recommend_wish
from wish_service.web.api.desk import StaffHere
from wish_service.web.pages.desk import desk_page
from wish_service.web.pages.frame import form_of, told_faults
from wish_service.web.parts import Order, OrderHere
from wish_service.web.problems_of_forms import validated
from wish_service.web.schemas import Dispute, WithPerhapsReason
from wish_service.web.schemas_of_review import Reasoned
from wish_service.web.schemas_of_tasks import Recommendation

router = APIRouter(prefix="/desk/{wish_id}", include_in_schema=False)


@router.post("/recommendation")
async def recommend(request: Request, wish_id: str, _staff: StaffHere, order: OrderHere) -> Response:
    """推荐: its managers are told, each organisation once."""
    given = validated(Recommendation, await form_of(request))
    await recommend_wish(wish_id, given.organisation_id, order.asked)
    return _back(request, order, wish_id, "desk.recommended")


@router.post("/takedown")
async def take_down(request: Request, wish_id: str, _staff: StaffHere, order: OrderHere) -> Response:
    """下架."""
    values = await form_of(request)
    given = validated(Reasoned, values)
    step = take_down_wish(wish_id, given.reason, order.asked, reason_code=given.reason_code)
    return await _ended(request, order, wish_id, values, step, "desk.taken_down")


@router.post("/closing")
async def close(request: Request, wish_id: str, _staff: StaffHere, order: OrderHere) -> Response:
    """结案: could not be met, or enough has been done."""
    values = await form_of(request)
    given = validated(Reasoned, values)
    step = close_wish(wish_id, given.reason, order.asked, reason_code=given.reason_code)
    return await _ended(request, order, wish_id, values, step, "desk.closed")


@router.post("/withdrawal")
async def withdraw(request: Request, wish_id: str, _staff: StaffHere, order: OrderHere) -> Response:
    """撤回, for somebody without an account."""
    given = validated(WithPerhapsReason, await form_of(request))
    await withdraw_wish(wish_id, given.reason, order.asked)
    return _back(request, order, wish_id, "desk.withdrawn")


@router.post("/dispute")
async def dispute(request: Request, wish_id: str, staff: StaffHere, order: OrderHere) -> Response:
    """还没收到, as staff were told."""
    given = validated(Dispute, await form_of(request))
    as_staff(staff, await order.parts.wishes.load(wish_id))
    await dispute_delivery(wish_id, given.adoption_id, given.reason, order.asked)
    return _back(request, order, wish_id, "mine.disputed")


async def _ended(
    request: Request, order: Order, wish_id: str, values: dict[str, str], step: Awaitable[Wish], text: str
) -> Response:
    """Take the step, or show the desk again with what is wrong with the reason."""
    try:
        await step
    except InvalidInput as invalid:
        errors = told_faults(invalid.faults, request, order.parts)
        return await desk_page(request, order.parts, order.person, wish_id, values=values, errors=errors)
    return _back(request, order, wish_id, text)


def _back(request: Request, order: Order, wish_id: str, text: str) -> Response:
    answer = see_other(f"/desk?wish={wish_id}")
    put_notice(request, answer, order.parts.pages.text(request, text))
    return answer
