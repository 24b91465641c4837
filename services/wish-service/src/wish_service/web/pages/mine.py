"""My wishes: how they stand, who comes to the door, and what I can do. Read from the truth."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from microwish.identity.people import Person
from microwish.web.pages.kit import put_notice, see_other
from wish_service.domain.adoptions import AdoptionState
from wish_service.domain.photos import PHOTOS_AT_MOST
from wish_service.domain.states import Status, Step
from wish_service.domain.wish import Wish, steps_from
from wish_service.use_cases.answer_delivery import confirm_delivery, dispute_delivery
from wish_service.use_cases.end_wish import close_wish, withdraw_wish
from wish_service.web.api.desk import readings, review_due
from wish_service.web.pages.frame import Errors, form_of, page, summary
from wish_service.web.parts import Order, OrderHere, Parts, PartsHere, PersonHere
from wish_service.web.present import names_of, own_timeline, own_wish
from wish_service.web.problems_of_forms import validated
from wish_service.web.schemas import Confirmation, Dispute, WithPerhapsReason

router = APIRouter(include_in_schema=False)


@router.get("/mine")
async def mine(request: Request, parts: PartsHere, person: PersonHere) -> HTMLResponse:
    """All my wishes: first those that wait for me, then the newest."""
    return await _mine(request, parts, person)


async def mine_again(
    request: Request, parts: Parts, person: Person, wish_id: str, message: str, status: int
) -> HTMLResponse:
    """The page once more, with what is wrong with the photo that was to be added."""
    return await _mine(request, parts, person, status, {f"photo-{wish_id}": message})


async def _mine(
    request: Request, parts: Parts, person: Person, status: int = 200, errors: Errors | None = None
) -> HTMLResponse:
    wishes = sorted(await parts.wishes.of_resident(person.id), key=_urgency)
    shown = [await _shown(wish, parts) for wish in wishes]
    told = summary(errors or {}, request, parts)
    return page(
        request,
        parts,
        "mine.html",
        person,
        status_code=status,
        wishes=shown,
        names_of=names_of,
        photos_at_most=PHOTOS_AT_MOST,
        errors=errors or {},
        error_list=told,
    )


@router.post("/mine/{wish_id}/confirm")
async def confirm(request: Request, wish_id: str, order: OrderHere) -> Response:
    """收到了，谢谢."""
    given = validated(Confirmation, await form_of(request))
    await confirm_delivery(wish_id, given.adoption_id, order.asked, thanks=given.thanks, note=None)
    return _back(request, order, wish_id, "mine.confirmed")


@router.post("/mine/{wish_id}/dispute")
async def dispute(request: Request, wish_id: str, order: OrderHere) -> Response:
    """还没收到."""
    given = validated(Dispute, await form_of(request))
    await dispute_delivery(wish_id, given.adoption_id, given.reason, order.asked)
    return _back(request, order, wish_id, "mine.disputed")


@router.post("/mine/{wish_id}/withdraw")
async def withdraw(request: Request, wish_id: str, order: OrderHere) -> Response:
    """撤回心愿."""
    given = validated(WithPerhapsReason, await form_of(request))
    await withdraw_wish(wish_id, given.reason, order.asked)
    return _back(request, order, wish_id, "mine.withdrawn")


@router.post("/mine/{wish_id}/enough")
async def enough(request: Request, wish_id: str, order: OrderHere) -> Response:
    """够了."""
    await close_wish(wish_id, None, order.asked)
    return _back(request, order, wish_id, "mine.enough_done")


def _urgency(wish: Wish) -> int:
    if any(adoption.state is AdoptionState.DELIVERED for adoption in wish.adoptions):
        return 0
    return 1 if wish.status is Status.RETURNED else 2


async def _shown(wish: Wish, parts: Parts) -> dict[str, Any]:
    possible = steps_from(wish.status)
    return {
        **own_wish(wish, parts.seals),
        "timeline": own_timeline(wish, parts.seals)[::-1],
        "readings": await readings(wish, parts),
        "review_due": review_due(wish, parts),
        "may_withdraw": Step.WITHDRAW in possible,
        "may_revise": Step.REVISE in possible,
        "may_correct": Step.CORRECT_CONTACT in possible,
        "may_end": Step.CLOSE in possible and bool(wish.confirmed),
        "may_add_photo": Step.ADD_PHOTO in possible,
    }


def _back(request: Request, order: Order, wish_id: str, text: str) -> Response:
    answer = see_other(f"/mine#wish-{wish_id}")
    put_notice(request, answer, order.parts.pages.text(request, text))
    return answer
