"""Merging from the desk: another wish that says the same goes on in its place."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from microwish.web.pages.kit import put_notice, see_other
from wish_service.use_cases.end_wish import merge_wish
from wish_service.web.api.desk import StaffHere
from wish_service.web.pages.frame import form_of
from wish_service.web.parts import OrderHere
from wish_service.web.problems_of_forms import validated
from wish_service.web.schemas import Merge

router = APIRouter(include_in_schema=False)


@router.post("/desk/{wish_id}/merge")
async def merge(request: Request, wish_id: str, _staff: StaffHere, order: OrderHere) -> Response:
    """合并; the resident is told."""
    given = validated(Merge, await form_of(request))
    await merge_wish(wish_id, given.into, order.asked)
    answer = see_other("/desk")
    put_notice(request, answer, order.parts.pages.text(request, "similar.merged"))
    return answer
