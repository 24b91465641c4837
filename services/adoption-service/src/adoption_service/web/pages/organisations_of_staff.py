"""/adopt/verify and /adopt/organisations: what staff decide of the organisations of their communities."""

from datetime import date, datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from adoption_service.domain.organisation import Verdict
from adoption_service.use_cases.lift_limit import lift_limit
from adoption_service.use_cases.verify_organisation import verify_organisation
from adoption_service.views.organisations import listed
from adoption_service.web.api.members import named_manager
from adoption_service.web.organisation_schemas import LiftedLimit, NewManager
from adoption_service.web.pages.frame import acting, checked, done_or_told, form_values, staff_scopes, wrong
from adoption_service.web.parts import Commanded, Order, Parts, PartsHere
from adoption_service.web.present_organisation import own_organisation_out
from adoption_service.web.schemas import Verification
from microwish.identity.guards import require
from microwish.identity.people import Person, Role
from microwish.privacy.phones import is_mobile
from microwish.privacy.uscc import scope_of
from microwish.store.mongo import Document
from microwish.web.pages.dates import SHANGHAI

router = APIRouter(include_in_schema=False)
Staff = Annotated[Person, Depends(require(Role.STAFF, Role.ADMIN))]
LIST = "/adopt/organisations"


@router.get("/adopt/verify")
async def to_verify(request: Request, person: Staff, parts: PartsHere) -> Response:
    """Organisations of their communities that wait: new ones, and those that want another name or area."""
    who = await acting(request, person, parts)
    rows, _ = await listed(parts.organisations, to_verify=True, scopes=staff_scopes(person), limit=50)
    return parts.pages.render(request, "verify.html", who=who, waiting=[_shown(row, parts) for row in rows])


@router.get("/adopt/organisations")
async def organisations(
    request: Request,
    person: Staff,
    parts: PartsHere,
    q: Annotated[str | None, Query(max_length=50)] = None,
    without_manager: bool = False,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """All organisations of their communities, by words in the name."""
    who = await acting(request, person, parts)
    rows, following = await listed(
        parts.organisations,
        q=q,
        without_manager=without_manager,
        scopes=staff_scopes(person),
        cursor=cursor,
        limit=20,
    )
    return parts.pages.render(
        request,
        "organisations.html",
        who=who,
        found=[_shown(row, parts) for row in rows],
        q=q or "",
        without_manager=without_manager,
        next_cursor=following,
    )


@router.post("/adopt/verify/{organisation_id}")
async def verify(request: Request, organisation_id: str, person: Staff, parts: PartsHere, when: Commanded) -> Response:
    """Approve, refuse with a reason, suspend or reinstate."""
    values = await form_values(request)
    back = LIST if values.get("back") == "list" else "/adopt/verify"
    body = checked(request, parts, Verification, values)
    if not isinstance(body, Verification) or (body.decision is not Verdict.APPROVE and body.reason is None):
        return wrong(request, parts, back, "adopt.say_why")
    work = verify_organisation(
        organisation_id,
        body.decision,
        body.reason,
        person,
        parts.organisations,
        parts.claims,
        parts.sealer,
        when=when,
        change_id=body.change_id,
    )
    done = "change." if body.change_id else ""
    return await done_or_told(request, parts, work, back, f"adopt.verdict.{done}{body.decision.value}")


@router.post("/adopt/organisations/{organisation_id}/limit")
async def limit(request: Request, organisation_id: str, person: Staff, parts: PartsHere, when: Commanded) -> Response:
    """Allow it more adoptions past half their term, until the end of a day."""
    values = await form_values(request)
    body = checked(request, parts, LiftedLimit, {**values, "until": _end_of_day(values.get("until", ""))})
    if not isinstance(body, LiftedLimit):
        return wrong(request, parts, LIST, body[0])
    work = lift_limit(
        organisation_id, body.allowed, body.until, body.reason, person, parts.organisations, parts.sealer, when=when
    )
    return await done_or_told(request, parts, work, LIST, "adopt.limit_lifted")


@router.post("/adopt/organisations/{organisation_id}/manager")
async def name_manager(
    request: Request, organisation_id: str, person: Staff, parts: PartsHere, when: Commanded
) -> Response:
    """Name a manager by phone, with a reason."""
    values = await form_values(request)
    given = {name: values.get(name) for name in ("phone", "name", "reason")}
    body = checked(request, parts, NewManager, given)
    if not isinstance(body, NewManager):
        return wrong(request, parts, LIST, body[0])
    work = named_manager(organisation_id, body, Order(parts, person, when, values.get("key"), request.url.path))
    return await done_or_told(request, parts, work, LIST, "adopt.manager_named")


def _shown(row: Document, parts: Parts) -> dict[str, Any]:
    """An organisation as staff see it. An office's landline is there to be called; a mobile stays masked."""
    about = f"contact:{row['_id']}"
    phone = parts.sealer.open(row["contact"]["phone"], about=about)
    code = row.get("uscc")
    return {
        **own_organisation_out(row, parts.sealer).model_dump(),
        "at": row["registered_at"],
        "office_phone": phone if phone and not is_mobile(phone) else None,
        "area_of_code": scope_of(code) if code else None,
    }


def _end_of_day(day: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), time(23, 59, 59), SHANGHAI)
    except ValueError:
        return None
