"""Forms of /adopt/ours for several organisations: joint claims, hand-overs, and another handler."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from adoption_service.use_cases.hand_over import AnswerHandover, answer_handover
from adoption_service.use_cases.join_claim import Answer, answer_partnership, ask_partner, let_partner_go
from adoption_service.use_cases.name_handler import name_handler
from adoption_service.use_cases.tend_adoption import AdoptionRequest
from adoption_service.views.choosing import id_of_name
from adoption_service.web.pages.frame import checked, done_or_told, form_values
from adoption_service.web.parts import Commanded, Parts, PartsHere, SignedIn
from adoption_service.web.schemas_of_joint import HandoverAnswer, NamedHandler, PartnershipAnswer
from microwish.ids import uuid7
from microwish.web.pages.kit import put_notice, see_other

router = APIRouter(include_in_schema=False)


@router.post("/adopt/adoptions/{adoption_id}/partners")
async def ask(request: Request, adoption_id: str, person: SignedIn, parts: PartsHere, when: Commanded) -> Response:
    """Ask the organisation of this name to hold it together."""
    values = await form_values(request)
    whom = await id_of_name(parts.organisations, values.get("organisation", ""))
    if whom is None:
        return unknown_name(request, parts, _ours(values))
    work = ask_partner(AdoptionRequest(adoption_id, person, when), whom, parts.tending)
    return await done_or_told(request, parts, work, _ours(values), "adopt.done.partner_asked")


@router.post("/adopt/adoptions/{adoption_id}/partners/{organisation_id}/leave")
async def let_go(
    request: Request, adoption_id: str, organisation_id: str, person: SignedIn, parts: PartsHere, when: Commanded
) -> Response:
    """Take the question back, or go on without this partner."""
    values = await form_values(request)
    work = let_partner_go(AdoptionRequest(adoption_id, person, when), organisation_id, parts.tending)
    return await done_or_told(request, parts, work, _ours(values), "adopt.done.partner_gone")


@router.post("/adopt/adoptions/{adoption_id}/partnership")
async def partnership(
    request: Request, adoption_id: str, person: SignedIn, parts: PartsHere, when: Commanded
) -> Response:
    """Join in, decline, or leave."""
    values = await form_values(request)
    said = checked(request, parts, PartnershipAnswer, values)
    if not isinstance(said, PartnershipAnswer):
        return see_other(_ours(values))
    work = answer_partnership(
        AdoptionRequest(adoption_id, person, when), said.organisation_id, said.decision, parts.tending
    )
    done = "adopt.done.joined" if said.decision is Answer.ACCEPT else "adopt.done.not_joined"
    return await done_or_told(request, parts, work, _ours(values), done)


@router.post("/adopt/adoptions/{adoption_id}/handler")
async def handler(request: Request, adoption_id: str, person: SignedIn, parts: PartsHere, when: Commanded) -> Response:
    """Name another member who goes there."""
    values = await form_values(request)
    named = checked(request, parts, NamedHandler, values)
    if not isinstance(named, NamedHandler):
        return see_other(_ours(values))
    asked, code = AdoptionRequest(adoption_id, person, when), parts.terms.door_code
    work = name_handler(asked, named.person_id, parts.tending, door_code=code)
    return await done_or_told(request, parts, work, _ours(values), "adopt.done.handler")


@router.post("/adopt/adoptions/{adoption_id}/takeover")
async def take_over(
    request: Request, adoption_id: str, person: SignedIn, parts: PartsHere, when: Commanded
) -> Response:
    """Take over what another held, as staff ask, or decline."""
    values = await form_values(request)
    said = checked(request, parts, HandoverAnswer, values)
    if not isinstance(said, HandoverAnswer):
        return see_other(_ours(values))
    answer = AnswerHandover(said.organisation_id, said.decision, said.handler)
    work = answer_handover(AdoptionRequest(adoption_id, person, when), answer, parts.tending, parts.terms, id=uuid7())
    done = "adopt.done.taken_over" if said.decision is Answer.ACCEPT else "adopt.done.not_taken_over"
    return await done_or_told(request, parts, work, _ours(values), done)


def unknown_name(request: Request, parts: Parts, url: str) -> Response:
    """Back to the form: no verified organisation has this name, or several do."""
    answer = see_other(url)
    put_notice(request, answer, parts.pages.text(request, "field.organisation_unverified"), "problem")
    return answer


def _ours(values: dict[str, str]) -> str:
    return f"/adopt/ours?as={values.get('as', '')}"
