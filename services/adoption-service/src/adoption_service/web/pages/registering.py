"""/adopt/register: an organisation that wants to take part."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adoption_service.domain.errors import Conflict
from adoption_service.web.api.organisations import registered
from adoption_service.web.pages.frame import EMPTY, ActingRoute, Form, acting, checked, form_values, labelled, told
from adoption_service.web.parts import Commanded, Order, PartsHere, SignedIn
from adoption_service.web.schemas import Registration
from microwish.events.adoption import OrganisationKind
from microwish.ids import uuid7
from microwish.web.pages.kit import put_notice, see_other

router = APIRouter(include_in_schema=False, route_class=ActingRoute)
KINDS = [kind.value for kind in OrganisationKind]


@router.get("/adopt/register")
async def register_form(request: Request, person: SignedIn, parts: PartsHere) -> Response:
    """The form for an organisation that wants to take part."""
    who = await acting(request, person, parts)
    return parts.pages.render(request, "register.html", who=who, form=EMPTY, summary=[], kinds=KINDS, key=uuid7())


@router.post("/adopt/register")
async def register(request: Request, person: SignedIn, parts: PartsHere, when: Commanded) -> Response:
    """Register it, or show the form again with what to correct."""
    values = await form_values(request)
    body = checked(request, parts, Registration, registration_of(values))
    errors = body if isinstance(body, list) else []
    if isinstance(body, Registration):
        key = values.get("key", uuid7())
        try:
            document = await registered(Order(parts, person, when, key, request.url.path), body)
        except Conflict as refused:
            field = "uscc" if body.uscc else "branch_id"
            errors = [{"field": field, "message": told(request, parts, refused.code)}]
        else:
            answer = see_other(f"/adopt/organisation?as={document['_id']}")
            put_notice(request, answer, parts.pages.text(request, "adopt.registered"))
            return answer
    who = await acting(request, person, parts)
    form = Form(values, errors)
    summary = [{**one, "message": labelled(request, parts, one)} for one in errors]
    return parts.pages.render(
        request, "register.html", 422, who=who, form=form, summary=summary, kinds=KINDS, key=uuid7()
    )


def registration_of(values: dict[str, str]) -> dict[str, Any]:
    """The form's fields as the API's body has them."""
    contact = {name: values[f"contact.{name}"] for name in ("name", "phone") if f"contact.{name}" in values}
    return {**values, "contact": contact}
