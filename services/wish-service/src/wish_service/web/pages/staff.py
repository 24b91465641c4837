"""For admins: who serves which division."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from microwish.identity.people import Person
from microwish.store.refusals import NotFound
from microwish.web.pages.kit import put_notice, see_other
from wish_service.use_cases.assign_staff import assign_staff
from wish_service.web.api.desk import AdminHere, staff_item
from wish_service.web.pages.frame import Errors, checked, form_of, page, summary
from wish_service.web.pages.wall import divisions_to_choose
from wish_service.web.parts import Order, OrderHere, Parts, PartsHere
from wish_service.web.schemas import NewStaff

router = APIRouter(prefix="/desk/staff", include_in_schema=False)

_LABELS = {"phone": "signin.phone", "name": "staff.name", "division": "staff.division"}


@router.get("")
async def staff(request: Request, parts: PartsHere, admin: AdminHere) -> HTMLResponse:
    """Everybody who serves some division, and the form to let somebody serve one more."""
    return await _page(request, parts, admin, {}, {})


@router.post("")
async def add(request: Request, admin: AdminHere, order: OrderHere) -> Response:
    """Let a person serve one more division, from their next sign-in on."""
    values, parts = await form_of(request), order.parts
    division = values.get("division", "")
    given, errors = checked(NewStaff, {**values, "communities": [division]}, request, parts)
    if not parts.communities.knows(division):
        errors = {field: text for field, text in errors.items() if not field.startswith("communities")}
        errors["division"] = parts.pages.text(request, "field.missing")
    if given is None or errors:
        return await _page(request, parts, admin, values, errors)
    known = await parts.people.by_phone(given.phone)
    served = [*(known.communities if known else ()), division]
    await _assign(order, given.phone, served, given.name)
    return _back(request, parts, "staff.added")


@router.post("/{person_id}/end")
async def end(request: Request, person_id: str, _admin: AdminHere, order: OrderHere) -> Response:
    """The person serves nowhere any more."""
    person = await order.parts.people.find(person_id)
    if person is None:
        raise NotFound(person_id)
    await _assign(order, order.parts.people.phone_of(person), [], None)
    return _back(request, order.parts, "staff.ended")


async def _assign(order: Order, phone: str, communities: list[str], name: str | None) -> None:
    parts = order.parts
    here: dict[str, Any] = {"people": parts.people, "tree": parts.communities}
    await assign_staff(phone, communities, name, admin=order.person, when=order.when, **here)


def _back(request: Request, parts: Parts, text: str) -> Response:
    answer = see_other("/desk/staff")
    put_notice(request, answer, parts.pages.text(request, text))
    return answer


async def _page(request: Request, parts: Parts, admin: Person, values: dict[str, str], errors: Errors) -> HTMLResponse:
    return page(
        request,
        parts,
        "staff.html",
        admin,
        status_code=422 if errors else 200,
        staff=[staff_item(person, parts) for person in await parts.people.staff()],
        divisions=divisions_to_choose(admin, parts),
        values=values,
        errors=errors,
        error_list=summary(errors, request, parts, _LABELS),
    )
