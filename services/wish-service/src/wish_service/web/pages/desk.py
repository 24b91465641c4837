"""The desk of community staff: what waits for review, and deliveries that nobody has answered."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from microwish.identity.people import Person
from microwish.web.pages.kit import put_notice, see_other
from wish_service.domain.access import as_staff, served_areas
from wish_service.domain.errors import InvalidInput
from wish_service.domain.reasons import CATALOGUE
from wish_service.domain.states import Status, Step
from wish_service.domain.wish import Wish, steps_from
from wish_service.use_cases.answer_delivery import confirm_delivery
from wish_service.use_cases.review_wish import ReviewDecision, ReviewWish, review_wish
from wish_service.use_cases.show_contact import show_contact
from wish_service.web.api.desk import StaffHere, queue_item, review_due
from wish_service.web.api.similar import similar_at_review
from wish_service.web.campaign_choice import campaigns_to_choose, choice_on_form
from wish_service.web.edits import Pieces, compared
from wish_service.web.pages.frame import Errors, checked, form_of, page, summary, told_faults
from wish_service.web.pages.photo_parts import photos_at_desk
from wish_service.web.pages.step_parts import steps_at_desk
from wish_service.web.parts import OrderHere, Parts, PartsHere
from wish_service.web.present import own_timeline, staff_wish
from wish_service.web.problems_of_forms import validated
from wish_service.web.reviewing import Names, live, review_of, reviewers
from wish_service.web.schemas import Confirmation, Review

router = APIRouter(include_in_schema=False)

_TOLD = {
    ReviewDecision.APPROVE: "desk.approved",
    ReviewDecision.RETURN: "desk.returned",
    ReviewDecision.REJECT: "desk.rejected",
}


@router.get("/desk")
async def desk(request: Request, parts: PartsHere, staff: StaffHere, wish: str = "") -> HTMLResponse:
    """The queue, and one wish of it: the one asked for, else the longest waiting."""
    return await desk_page(request, parts, staff, wish)


@router.post("/desk/{wish_id}/review")
async def review(request: Request, wish_id: str, staff: StaffHere, order: OrderHere) -> Response:
    """Publish, ask for more, or refuse."""
    values = await form_of(request)
    if values.get("compare"):
        return await desk_page(request, order.parts, staff, wish_id, values=values)
    given, errors = checked(Review, values, request, order.parts)
    if values.get("decision") == ReviewDecision.APPROVE and not values.get("public_title", "-").strip():
        # An emptied title is not "as it was written": the original may hold what must not be public.
        given, errors = None, {"public_title": order.parts.pages.text(request, "field.missing")}
    if given is None:
        return await desk_page(request, order.parts, staff, wish_id, values=values, errors=errors)
    detail = values.get("public_detail") if given.decision is ReviewDecision.APPROVE else None
    command = ReviewWish(given.decision, given.reason, given.public_title, detail, given.reason_code)
    try:
        campaign = await choice_on_form(values, order.parts)
        command = replace(command, campaign=campaign, version=given.version)
        await review_wish(wish_id, command, order.asked)
    except InvalidInput as invalid:
        errors = told_faults(invalid.faults, request, order.parts)
        return await desk_page(request, order.parts, staff, wish_id, values=values, errors=errors)
    answer = see_other("/desk")
    put_notice(request, answer, order.parts.pages.text(request, _TOLD[given.decision]))
    return answer


@router.post("/desk/{wish_id}/contact")
async def contact(request: Request, wish_id: str, staff: StaffHere, order: OrderHere) -> HTMLResponse:
    """Show how to reach the resident, this once; the reading is on record."""
    parts = order.parts
    opened = await show_contact(wish_id, order.asked)
    return await desk_page(request, parts, staff, wish_id, opened=vars(opened))


@router.post("/desk/{wish_id}/confirm")
async def confirm(request: Request, wish_id: str, staff: StaffHere, order: OrderHere) -> Response:
    """代确认, with how one knows."""
    given = validated(Confirmation, await form_of(request))
    as_staff(staff, await order.parts.wishes.load(wish_id))
    await confirm_delivery(wish_id, given.adoption_id, order.asked, thanks=None, note=given.note)
    answer = see_other("/desk#unconfirmed")
    put_notice(request, answer, order.parts.pages.text(request, "desk.confirmed"))
    return answer


async def desk_again(
    request: Request, parts: Parts, staff: Person, wish_id: str, message: str, status: int
) -> HTMLResponse:
    """The page once more, with what is wrong with the photo that was to be added."""
    answer = await desk_page(request, parts, staff, wish_id, errors={"photo": message})
    answer.status_code = status
    return answer


async def desk_page(
    request: Request,
    parts: Parts,
    staff: Person,
    wish_id: str,
    *,
    values: dict[str, str] | None = None,
    errors: Errors | None = None,
    opened: dict[str, str] | None = None,
) -> HTMLResponse:
    """The desk with this wish on it, what is wrong with a form that was sent, and a contact that was asked for."""
    areas = served_areas(staff)
    waiting = await parts.wishes.waiting_for_review(areas)
    chosen = await parts.wishes.load(wish_id) if wish_id else _first(waiting, staff, parts)
    if chosen is not None:
        as_staff(staff, chosen)
    names = await reviewers([*waiting, *([chosen] if chosen else [])], parts)
    held = review_of(chosen, staff.id, names, parts) if chosen else None
    reviewing = chosen is not None and chosen.status is Status.SUBMITTED
    shown = staff_wish(chosen, parts.seals) if chosen else None
    unconfirmed = await parts.wishes.waiting_for_confirmation(areas)
    return page(
        request,
        parts,
        "desk.html",
        staff,
        status_code=422 if errors else 200,
        queue=[_waiting(wish, staff, names, parts) for wish in waiting],
        count=await parts.wishes.count_waiting(areas),
        tasks=await parts.tasks.count(areas),
        **await photos_at_desk(parts, areas, chosen),
        **await steps_at_desk(parts, chosen),
        unconfirmed=[staff_wish(wish, parts.seals) for wish in unconfirmed],
        wish=shown,
        similar=await similar_at_review(chosen, staff, parts) if chosen and not chosen.ended_at else [],
        may_merge=chosen is not None and Step.MERGE in steps_from(chosen.status),
        timeline=own_timeline(chosen, parts.seals)[::-1] if chosen else [],
        reviewing=reviewing,
        held=held if reviewing else None,
        deciding=reviewing and (held is None or held["mine"]),
        changed=_changed(shown, values) if reviewing and values else shown and shown["difference"],
        compared=bool(values and values.get("compare")),
        reasons={decision.value: [reason.code for reason in listed] for decision, listed in CATALOGUE.items()},
        values=_filled(values),
        errors=errors or {},
        error_list=summary(errors or {}, request, parts),
        opened=opened,
        asked=bool(wish_id),
        campaigns=await campaigns_to_choose(chosen, parts) if chosen and reviewing else [],
    )


def _first(waiting: list[Wish], staff: Person, parts: Parts) -> Wish | None:
    """What the person has for review, else the longest waiting that nobody has, else the longest waiting."""
    mine = [wish for wish in waiting if (claim := live(wish, parts)) and claim.by == staff.id]
    free = [wish for wish in waiting if live(wish, parts) is None]
    return next(iter([*mine, *free, *waiting]), None)


def _waiting(wish: Wish, staff: Person, names: Names, parts: Parts) -> dict[str, Any]:
    review = review_of(wish, staff.id, names, parts)
    return {**queue_item(wish, parts), "due": review_due(wish, parts), "review": review}


def _changed(wish: dict[str, Any] | None, values: dict[str, str]) -> dict[str, Pieces] | None:
    """How the words in the form differ from the resident's."""
    if wish is None or values.get("decision") != ReviewDecision.APPROVE:
        return None
    original = wish["original"]
    return compared(original, {name: values.get(f"public_{name}", original[name]) for name in original})


def _filled(values: dict[str, str] | None) -> dict[str, Any]:
    names = ("public_title", "public_detail", "decision", "reason", "reason_code", "campaign")
    return {name: values.get(name) for name in names} if values else dict.fromkeys(names)
