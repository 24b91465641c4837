"""/adopt/organisation: register, choose what to follow, say who acts; for staff, verify."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adoption_service.domain.errors import Conflict
from adoption_service.domain.organisation import OrganisationState, Verdict
from adoption_service.use_cases.follow_wishes import follow_wishes
from adoption_service.use_cases.manage_members import AddMember, add_member
from adoption_service.use_cases.verify_organisation import verify_organisation
from adoption_service.views.organisations import listed
from adoption_service.web.api.organisations import registered
from adoption_service.web.pages.frame import (
    EMPTY,
    Form,
    acting,
    checked,
    done_or_told,
    form_values,
    staff_scopes,
    told,
)
from adoption_service.web.parts import Commanded, Order, Parts, PartsHere, SignedIn
from adoption_service.web.present import own_organisation_out
from adoption_service.web.schemas import (
    Following,
    NewMember,
    Registration,
    Verification,
)
from microwish.events.adoption import OrganisationKind
from microwish.identity.people import Role
from microwish.ids import uuid7
from microwish.web.pages.kit import put_notice, see_other
from microwish.web.problems import Problem

router = APIRouter(include_in_schema=False)
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
    summary = [{**one, "message": f"{_label(request, parts, one['field'])}{one['message']}"} for one in errors]
    return parts.pages.render(
        request, "register.html", 422, who=who, form=form, summary=summary, kinds=KINDS, key=uuid7()
    )


def _label(request: Request, parts: Parts, field: str) -> str:
    """The name of a field before what is wrong with it; a fault of several fields together speaks for itself."""
    key = f"adopt.f.{field.replace('.', '_').removesuffix('_id')}"
    return parts.pages.text(request, key) + "：" if key in parts.pages.catalogue else ""


def registration_of(values: dict[str, str]) -> dict[str, Any]:
    """The form's fields as the API's body has them."""
    contact = {name: values[f"contact.{name}"] for name in ("name", "phone") if f"contact.{name}" in values}
    return {**values, "contact": contact}


@router.get("/adopt/organisation")
async def settings(request: Request, person: SignedIn, parts: PartsHere) -> Response:
    """The chosen organisation: its state, what it follows, who acts for it."""
    who = await acting(request, person, parts)
    if who.chosen is None:
        return see_other("/adopt/register")
    return parts.pages.render(request, "organisation.html", who=who)


@router.post("/adopt/organisation/{organisation_id}/following")
async def follow(
    request: Request, organisation_id: str, person: SignedIn, parts: PartsHere, when: Commanded
) -> Response:
    """Keep what it follows."""
    form = await request.form()
    url = f"/adopt/organisation?as={organisation_id}"
    communities = str(form.get("communities", "")).replace("，", " ").replace(",", " ").split()
    given = {"communities": communities, "categories": form.getlist("categories"), "notify": form.get("notify")}
    body = checked(request, parts, Following, given)
    if not isinstance(body, Following):
        answer = see_other(url)
        put_notice(request, answer, parts.pages.text(request, "adopt.following_wrong"), "problem")
        return answer
    work = follow_wishes(
        organisation_id, body.communities, body.categories, body.notify, person, parts.organisations, when=when
    )
    return await done_or_told(request, parts, work, url, "adopt.following_saved")


@router.post("/adopt/organisation/{organisation_id}/members")
async def add(request: Request, organisation_id: str, person: SignedIn, parts: PartsHere, when: Commanded) -> Response:
    """Add a person who has signed in once."""
    url = f"/adopt/organisation?as={organisation_id}"
    body = checked(request, parts, NewMember, await form_values(request))
    if not isinstance(body, NewMember):
        answer = see_other(url)
        put_notice(request, answer, body[0]["message"], "problem")
        return answer
    command = AddMember(organisation_id, body.phone, body.role, body.name)
    work = add_member(command, person, parts.organisations, parts.contacts, parts.sealer, when=when)
    return await done_or_told(request, parts, work, url, "adopt.member_added")


@router.get("/adopt/verify")
async def to_verify(request: Request, person: SignedIn, parts: PartsHere) -> Response:
    """For staff: organisations of their communities that wait."""
    if not (person.has(Role.STAFF) or person.has(Role.ADMIN)):
        raise Problem(403, "forbidden")
    who = await acting(request, person, parts)
    rows, _ = await listed(parts.organisations, state=OrganisationState.PENDING, scopes=staff_scopes(person), limit=50)
    waiting = [{**own_organisation_out(row, parts.sealer).model_dump(), "at": row["registered_at"]} for row in rows]
    return parts.pages.render(request, "verify.html", who=who, waiting=waiting)


@router.post("/adopt/verify/{organisation_id}")
async def verify(
    request: Request, organisation_id: str, person: SignedIn, parts: PartsHere, when: Commanded
) -> Response:
    """Approve, or refuse with a reason."""
    if not (person.has(Role.STAFF) or person.has(Role.ADMIN)):
        raise Problem(403, "forbidden")
    body = checked(request, parts, Verification, await form_values(request))
    if not isinstance(body, Verification) or (body.decision is Verdict.REFUSE and body.reason is None):
        answer = see_other("/adopt/verify")
        put_notice(request, answer, parts.pages.text(request, "adopt.say_why"), "problem")
        return answer
    work = verify_organisation(
        organisation_id,
        body.decision,
        body.reason,
        person,
        parts.organisations,
        parts.claims,
        parts.sealer,
        when=when,
    )
    return await done_or_told(request, parts, work, "/adopt/verify", f"adopt.verdict.{body.decision.value}")
