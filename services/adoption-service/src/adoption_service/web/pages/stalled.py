"""/adopt/stalled: for staff, what was promised and is not moving: take it back, or ask another organisation."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from adoption_service.use_cases.hand_over import propose_handover, withdraw_handover
from adoption_service.use_cases.tend_adoption import AdoptionRequest, revoke_adoption
from adoption_service.views.choosing import id_of_name, names_near
from adoption_service.web.api.joint import stalled_for
from adoption_service.web.pages.frame import acting, checked, done_or_told, form_values, staff_scopes
from adoption_service.web.pages.joint import unknown_name
from adoption_service.web.parts import Commanded, Parts, PartsHere, SignedIn
from adoption_service.web.schemas import Reason
from microwish.identity.people import Person, Role
from microwish.web.pages.kit import put_notice, see_other
from microwish.web.problems import Problem

router = APIRouter(include_in_schema=False)
HERE = "/adopt/stalled"


@router.get(HERE)
async def stalled(
    request: Request,
    person: SignedIn,
    parts: PartsHere,
    when: Commanded,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """Adoptions past half their term without a note since, where the reader serves."""
    if not (person.has(Role.STAFF) or person.has(Role.ADMIN)):
        raise Problem(403, "forbidden")
    found = await stalled_for(person, parts, when, cursor=cursor)
    return parts.pages.render(
        request,
        "stalled.html",
        who=await acting(request, person, parts),
        rows=found.items,
        next_cursor=found.next_cursor,
        names=await _names(person, parts) if found.items else [],
        now=when.recorded_at,
    )


@router.post(HERE + "/{adoption_id}/revocation")
async def revoke(request: Request, adoption_id: str, person: SignedIn, parts: PartsHere, when: Commanded) -> Response:
    """Take it back, saying why."""
    why = checked(request, parts, Reason, await form_values(request))
    if not isinstance(why, Reason):
        return _say_why(request, parts)
    work = revoke_adoption(AdoptionRequest(adoption_id, person, when), why.reason, parts.tending)
    return await done_or_told(request, parts, work, HERE, "adopt.done.revocation")


@router.post(HERE + "/{adoption_id}/handover")
async def propose(request: Request, adoption_id: str, person: SignedIn, parts: PartsHere, when: Commanded) -> Response:
    """Ask the organisation of this name to take it over, saying why."""
    values = await form_values(request)
    why = checked(request, parts, Reason, values)
    if not isinstance(why, Reason):
        return _say_why(request, parts)
    whom = await id_of_name(parts.organisations, values.get("organisation", ""))
    if whom is None:
        return unknown_name(request, parts, HERE)
    work = propose_handover(AdoptionRequest(adoption_id, person, when), whom, why.reason, parts.tending)
    return await done_or_told(request, parts, work, HERE, "adopt.done.handover")


@router.post(HERE + "/{adoption_id}/handover/withdrawal")
async def take_back(
    request: Request, adoption_id: str, person: SignedIn, parts: PartsHere, when: Commanded
) -> Response:
    """Take the question back."""
    work = withdraw_handover(AdoptionRequest(adoption_id, person, when), parts.tending)
    return await done_or_told(request, parts, work, HERE, "adopt.done.handover_back")


async def _names(person: Person, parts: Parts) -> list[str]:
    return await names_near(parts.organisations, staff_scopes(person))


def _say_why(request: Request, parts: Parts) -> Response:
    answer = see_other(HERE)
    put_notice(request, answer, parts.pages.text(request, "adopt.say_why"), "problem")
    return answer
