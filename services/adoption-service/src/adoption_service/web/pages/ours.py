"""/adopt/ours: what our organisation holds, by when, and what to do next."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from adoption_service.domain.adoption import AdoptionState
from adoption_service.domain.errors import Conflict, ContactNotHere, Forbidden
from adoption_service.use_cases import tend_adoption
from adoption_service.use_cases.read_contact import read_contact
from adoption_service.use_cases.tend_adoption import Tended
from adoption_service.views.adoptions import adoptions_of
from adoption_service.views.choosing import names_near
from adoption_service.web.api.joint import questions_to
from adoption_service.web.pages.cards import cards_for
from adoption_service.web.pages.frame import ActingRoute, acting, checked, done_or_told, form_values, told
from adoption_service.web.parts import Commanded, Parts, PartsHere, SignedIn
from adoption_service.web.present import adoption_out
from adoption_service.web.schemas import Delivery, Progress, Reason
from microwish.web.pages.kit import put_notice, see_other

router = APIRouter(include_in_schema=False, route_class=ActingRoute)
OPEN = (AdoptionState.ACTIVE, AdoptionState.DELIVERED)
PAST = (AdoptionState.CONFIRMED, AdoptionState.RELEASED, AdoptionState.LAPSED, AdoptionState.REVOKED)


@router.get("/adopt/ours")
async def ours(
    request: Request,
    person: SignedIn,
    parts: PartsHere,
    when: Commanded,
    past: bool = False,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """Our adoptions: those under way, or the past ones."""
    who = await acting(request, person, parts)
    ids = [who.chosen.id] if who.chosen else []
    rows, following = await adoptions_of(parts.claims, ids, states=PAST if past else OPEN, cursor=cursor, limit=20)
    wishes = await parts.board.titles([wish_id for wish_id, _ in rows])
    shown = [adoption_out(wish_id, one, parts.sealer) for wish_id, one in rows]
    if not past:
        shown.sort(key=lambda one: (one.state != AdoptionState.ACTIVE, one.due_at))
    return parts.pages.render(
        request,
        "ours.html",
        who=who,
        adoptions=[{"adoption": one, "wish": wishes.get(one.wish_id)} for one in shown],
        past=past,
        questions=await questions_to(parts, ids[0]) if ids and not past and not cursor else [],
        names=await names_near(parts.organisations, [who.chosen.scope or ""]) if who.chosen and not past else [],
        waiting_for=[] if past or cursor else await (await cards_for(request, parts, who, when)).waiting(),
        next_cursor=following,
        person_id=person.id,
        soon=when.recorded_at + timedelta(days=1),
    )


@router.post("/adopt/adoptions/{adoption_id}/contact")
async def contact(request: Request, adoption_id: str, person: SignedIn, parts: PartsHere, when: Commanded) -> Response:
    """Show the contact. Rendered at once instead of by a 303: personal data must not travel in an address or cookie."""
    who = await acting(request, person, parts)
    try:
        found = await read_contact(
            adoption_id, person, parts.claims, parts.organisations, parts.contacts, parts.sealer, when=when
        )
    except (Conflict, Forbidden, ContactNotHere) as refused:
        answer = see_other("/adopt/ours")
        put_notice(request, answer, told(request, parts, refused.code), "problem")
        return answer
    wish_id, adoption = await parts.claims.adoption(adoption_id)
    wish = (await parts.board.titles([wish_id])).get(wish_id)
    shown = adoption_out(wish_id, adoption, parts.sealer)
    return parts.pages.render(request, "contact.html", who=who, contact=found, adoption=shown, wish=wish)


@router.post("/adopt/adoptions/{adoption_id}/{step}")
async def tend(
    request: Request, adoption_id: str, step: str, person: SignedIn, parts: PartsHere, when: Commanded
) -> Response:
    """Note progress, report delivery, extend or release."""
    values = await form_values(request)
    url = f"/adopt/ours?as={values.get('as', '')}"
    asked = tend_adoption.AdoptionRequest(adoption_id, person, when)
    work = _work(request, parts, step, asked, values)
    if work is None:
        answer = see_other(url)
        put_notice(request, answer, parts.pages.text(request, "adopt.say_why"), "problem")
        return answer
    return await done_or_told(request, parts, work, url, f"adopt.done.{step}")


def _work(
    request: Request, parts: Parts, step: str, asked: tend_adoption.AdoptionRequest, values: dict[str, str]
) -> Awaitable[Tended] | None:
    """What the step does; None if its text is missing or too long, or there is no such step."""
    if step == "delivery":
        body = checked(request, parts, Delivery, values)
        return tend_adoption.report_delivery(asked, body.note, parts.tending) if isinstance(body, Delivery) else None
    if step == "progress":
        noted = checked(request, parts, Progress, values)
        return tend_adoption.note_progress(asked, noted.note, parts.tending) if isinstance(noted, Progress) else None
    why = checked(request, parts, Reason, values)
    if not isinstance(why, Reason):
        return None
    if step == "extension":
        return tend_adoption.extend_adoption(asked, why.reason, parts.tending)
    return tend_adoption.release_adoption(asked, why.reason, parts.tending) if step == "release" else None
