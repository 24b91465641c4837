"""/adopt/organisation: our organisation, what it follows, who acts for it, and what was done with it."""

from collections.abc import Awaitable
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adoption_service.use_cases.follow_wishes import follow_wishes
from adoption_service.use_cases.invite_member import withdraw_invitation
from adoption_service.use_cases.manage_members import AddMember, add_member, remove_member
from adoption_service.web.api.facts import changed_facts
from adoption_service.web.api.members import named_manager
from adoption_service.web.organisation_schemas import Facts, NewManager
from adoption_service.web.pages.frame import ActingRoute, acting, checked, done_or_told, form_values, wrong
from adoption_service.web.pages.registering import registration_of
from adoption_service.web.parts import Commanded, Order, PartsHere, SignedIn
from adoption_service.web.present_organisation import timeline_out
from adoption_service.web.schemas import Following, NewMember
from microwish.ids import uuid7
from microwish.web.pages.kit import see_other

router = APIRouter(include_in_schema=False, route_class=ActingRoute)
LINES_SHOWN = 30


def _url(organisation_id: str) -> str:
    return f"/adopt/organisation?as={organisation_id}"


@router.get("/adopt/organisation")
async def settings(request: Request, person: SignedIn, parts: PartsHere) -> Response:
    """The chosen organisation: its state, what it follows, who acts for it."""
    who = await acting(request, person, parts)
    if who.chosen is None:
        return see_other("/adopt/register")
    lines = timeline_out(await parts.organisations.document(who.chosen.id), parts.sealer).items
    return parts.pages.render(
        request, "organisation.html", who=who, person_id=person.id, lines=lines[: -LINES_SHOWN - 1 : -1], key=uuid7()
    )


@router.post("/adopt/organisation/{organisation_id}/following")
async def follow(
    request: Request, organisation_id: str, person: SignedIn, parts: PartsHere, when: Commanded
) -> Response:
    """Keep what it follows."""
    form = await request.form()
    communities = str(form.get("communities", "")).replace("，", " ").replace(",", " ").split()
    given = {"communities": communities, "categories": form.getlist("categories"), "notify": form.get("notify")}
    body = checked(request, parts, Following, given)
    if not isinstance(body, Following):
        return wrong(request, parts, _url(organisation_id), "adopt.following_wrong")
    work = follow_wishes(
        organisation_id, body.communities, body.categories, body.notify, person, parts.organisations, when=when
    )
    return await done_or_told(request, parts, work, _url(organisation_id), "adopt.following_saved")


@router.post("/adopt/organisation/{organisation_id}/facts")
async def change(
    request: Request, organisation_id: str, person: SignedIn, parts: PartsHere, when: Commanded
) -> Response:
    """Change its name, area or contact."""
    values = await form_values(request)
    given: dict[str, Any] = registration_of(values)
    given["contact"] = given["contact"] or None
    body = checked(request, parts, Facts, given)
    if not isinstance(body, Facts):
        return wrong(request, parts, _url(organisation_id), body[0])
    work = changed_facts(organisation_id, body, Order(parts, person, when, values.get("key"), request.url.path))
    return await done_or_told(request, parts, work, _url(organisation_id), "adopt.facts_saved")


@router.post("/adopt/organisation/{organisation_id}/members")
async def add(request: Request, organisation_id: str, person: SignedIn, parts: PartsHere, when: Commanded) -> Response:
    """Add a person by phone, or invite one who has not signed in yet."""
    values = await form_values(request)
    # The page has another field called `name`: the organisation's.
    body = checked(request, parts, NewMember, {**values, "name": values.get("member_name")})
    if not isinstance(body, NewMember):
        return wrong(request, parts, _url(organisation_id), body[0])
    order = Order(parts, person, when, values.get("key"), request.url.path)
    command = AddMember(organisation_id, body.phone, body.role, body.name, order.new_id())
    work = add_member(command, person, parts.membership, when=when, idempotency=order.retry_of(body))
    return await done_or_told(request, parts, work, _url(organisation_id), "adopt.member_added")


@router.post("/adopt/organisation/{organisation_id}/manager")
async def hand_on(
    request: Request, organisation_id: str, person: SignedIn, parts: PartsHere, when: Commanded
) -> Response:
    """Hand the manager's role on to another member."""
    values = await form_values(request)
    body = checked(request, parts, NewManager, {"person_id": values.get("person_id")})
    if not isinstance(body, NewManager):
        return wrong(request, parts, _url(organisation_id), body[0])
    work = named_manager(organisation_id, body, Order(parts, person, when, None, request.url.path))
    return await done_or_told(request, parts, work, _url(organisation_id), "adopt.handed_on")


@router.post("/adopt/organisation/{organisation_id}/members/{person_id}/end")
async def remove(
    request: Request, organisation_id: str, person_id: str, person: SignedIn, parts: PartsHere, when: Commanded
) -> Response:
    """End a membership, one's own or, as a manager, another's."""
    work: Awaitable[Any] = remove_member(organisation_id, person_id, person, parts.organisations, when=when)
    own = person_id == person.id
    done = "adopt.left" if own else "adopt.member_removed"
    return await done_or_told(request, parts, work, "/adopt" if own else _url(organisation_id), done)


@router.post("/adopt/organisation/{organisation_id}/invitations/{invitation_id}/end")
async def withdraw(
    request: Request, organisation_id: str, invitation_id: str, person: SignedIn, parts: PartsHere, when: Commanded
) -> Response:
    """Take an invitation back."""
    work = withdraw_invitation(organisation_id, invitation_id, person, parts.organisations, when=when)
    return await done_or_told(request, parts, work, _url(organisation_id), "adopt.invitation_withdrawn")
