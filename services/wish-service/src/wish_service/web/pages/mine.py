"""My wishes: how they stand, who comes to the door, and what I can do. Read from the truth."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from microwish.events import Category
from microwish.identity.people import Person
from microwish.web.pages.kit import put_notice, see_other
from wish_service.domain.access import as_owner
from wish_service.domain.adoptions import AdoptionState
from wish_service.domain.errors import InvalidInput, WrongState
from wish_service.domain.photos import PHOTOS_AT_MOST
from wish_service.domain.states import Status, Step
from wish_service.domain.wish import Wish, steps_from
from wish_service.use_cases.answer_delivery import confirm_delivery, dispute_delivery
from wish_service.use_cases.end_wish import close_wish, withdraw_wish
from wish_service.use_cases.revise_wish import revise_wish
from wish_service.web.api.desk import readings, review_due
from wish_service.web.api.wishes import revision_of
from wish_service.web.pages import asking
from wish_service.web.pages.frame import Errors, checked, form_of, page, summary, told_faults
from wish_service.web.parts import Order, OrderHere, Parts, PartsHere, PersonHere
from wish_service.web.present import own_timeline, own_wish
from wish_service.web.problems_of_forms import validated
from wish_service.web.schemas import Confirmation, Dispute, WishChange, WithPerhapsReason

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


@router.get("/mine/{wish_id}/revise")
async def ask_revision(request: Request, wish_id: str, parts: PartsHere, person: PersonHere) -> HTMLResponse:
    """The wish to be changed, with what staff said about it."""
    wish = await parts.wishes.load(wish_id)
    as_owner(person, wish)
    if Step.REVISE not in steps_from(wish.status):
        raise WrongState(wish.status.value, Step.REVISE.value)
    known = own_wish(wish, parts.seals)
    fen = wish.estimated_value_fen
    values = {**known["original"], "category": wish.category.value, "value_yuan": str(fen // 100) if fen else ""}
    return _revision(request, parts, person, wish, values, {})


@router.post("/mine/{wish_id}/revise")
async def revise(request: Request, wish_id: str, order: OrderHere) -> Response:
    """Keep the change; the wish goes back to staff."""
    values = await form_of(request)
    given, errors = checked(WishChange, _change_in(values), request, order.parts)
    if given is None:
        return await _revise_again(request, wish_id, order, values, errors)
    try:
        await revise_wish(wish_id, revision_of(given), order.asked, ceiling_of=order.parts.settings.ceiling_of)
    except InvalidInput as invalid:
        errors = told_faults(invalid.faults, request, order.parts)
        return await _revise_again(request, wish_id, order, values, errors)
    return _back(request, order, wish_id, "mine.revised")


async def _revise_again(
    request: Request, wish_id: str, order: Order, values: dict[str, str], errors: Errors
) -> HTMLResponse:
    wish = await order.parts.wishes.load(wish_id)
    as_owner(order.person, wish)
    filled = {"title": "", "detail": "", "category": Category.OTHER.value, **values}
    return _revision(request, order.parts, order.person, wish, filled, asking.in_the_form(errors))


def _revision(
    request: Request, parts: Parts, person: Person, wish: Wish, values: dict[str, str], errors: Errors
) -> HTMLResponse:
    return page(
        request,
        parts,
        "revise.html",
        person,
        status_code=422 if errors else 200,
        wish=own_wish(wish, parts.seals),
        values=values,
        errors=errors,
        error_list=summary(errors, request, parts),
        days=parts.settings.review_due_workdays,
        **asking.shown(values, errors, wish.community.code, parts),
    )


def _change_in(values: dict[str, str]) -> dict[str, Any]:
    """The form as a change: an emptied text is a change, an emptied value none."""
    given = values.get("value_yuan", "").strip()
    fen = asking.fen_of(values)
    return {**values, "detail": values.get("detail", ""), "estimated_value_fen": given if fen is None else fen}


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
        "may_end": Step.CLOSE in possible and bool(wish.confirmed),
        "may_add_photo": Step.ADD_PHOTO in possible,
    }


def _back(request: Request, order: Order, wish_id: str, text: str) -> Response:
    answer = see_other(f"/mine#wish-{wish_id}")
    put_notice(request, answer, order.parts.pages.text(request, text))
    return answer
