"""What staff do with the review queue at the desk: take the next, this one, put it back, publish several."""

import re
from collections import Counter

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from microwish.web.pages.kit import put_notice, see_other
from wish_service.use_cases.review_queue import (
    Approval,
    approve_wishes,
    claim_next_review,
    claim_review,
    give_back_review,
)
from wish_service.web.api.desk import StaffHere
from wish_service.web.parts import OrderHere, Parts, PartsHere
from wish_service.web.schemas_of_review import APPROVED_AT_ONCE

router = APIRouter(include_in_schema=False)

_NUMBER = re.compile(r"[0-9]{1,9}")
_TOLD_CODES = frozenset({"in_review", "changed_meanwhile", "wrong_state", "other_community", "invalid"})


@router.post("/desk/next")
async def take_next(request: Request, staff: StaffHere, parts: PartsHere) -> Response:
    """The longest waiting wish that nobody has."""
    wish = await claim_next_review(staff, claims=parts.review_claims)
    answer = see_other(f"/desk?wish={wish.id}" if wish else "/desk")
    if wish is None:
        put_notice(request, answer, parts.pages.text(request, "desk.nothing_free"))
    return answer


@router.post("/desk/batch")
async def batch(request: Request, _staff: StaffHere, order: OrderHere) -> Response:
    """Publish those ticked, as their residents wrote them."""
    async with request.form() as form:  # files that nobody asked for are closed
        ticked = [value for value in form.getlist("wish_ids") if isinstance(value, str)][:APPROVED_AT_ONCE]
        done = await approve_wishes(ticked, order.asked, versions=_versions(ticked, form))
    answer = see_other("/desk")
    put_notice(request, answer, _told(done, request, order.parts))
    return answer


@router.post("/desk/{wish_id}/claim")
async def claim(wish_id: str, staff: StaffHere, parts: PartsHere) -> Response:
    """This one."""
    await claim_review(wish_id, staff, wishes=parts.wishes, claims=parts.review_claims)
    return see_other(f"/desk?wish={wish_id}")


@router.post("/desk/{wish_id}/give-back")
async def give_back(request: Request, wish_id: str, staff: StaffHere, parts: PartsHere) -> Response:
    """Let others review it."""
    await give_back_review(wish_id, staff, wishes=parts.wishes, claims=parts.review_claims)
    answer = see_other("/desk")
    put_notice(request, answer, parts.pages.text(request, "desk.given_back"))
    return answer


def _versions(wish_ids: list[str], form: FormData) -> dict[str, int]:
    """Of each wish as the page has shown it."""
    shown = {wish_id: form.get(f"version-{wish_id}") for wish_id in wish_ids}
    return {wish_id: int(text) for wish_id, text in shown.items() if isinstance(text, str) and _NUMBER.fullmatch(text)}


def _told(done: list[Approval], request: Request, parts: Parts) -> str:
    """How many were published, and why the others were not."""
    if not done:
        return parts.pages.text(request, "desk.batch_none")
    refused = Counter(one.refused if one.refused in _TOLD_CODES else "else" for one in done if one.refused)
    told = parts.pages.text(request, "desk.batch_done", count=len(done) - refused.total())
    if not refused:
        return told
    codes = "、".join(f"{parts.pages.text(request, f'desk.batch_code.{code}')} {n}" for code, n in refused.items())
    return f"{told} {parts.pages.text(request, 'desk.batch_left', count=refused.total(), codes=codes)}"
