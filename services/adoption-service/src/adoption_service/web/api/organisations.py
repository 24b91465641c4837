"""Organisations: register, verify, following, lists. Members are in `members.py`, facts and limits in `facts.py`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from adoption_service.domain.organisation import OrganisationState
from adoption_service.store.organisations import organisation_of
from adoption_service.use_cases.follow_wishes import follow_wishes
from adoption_service.use_cases.register_organisation import RegisterOrganisation, register_organisation
from adoption_service.use_cases.verify_organisation import verify_organisation
from adoption_service.views.organisations import listed
from adoption_service.web.parts import MaybeSignedIn, Order, OrderHere, PartsHere, SignedIn
from adoption_service.web.present_organisation import organisation_out, own_organisation_out
from adoption_service.web.schemas import (
    Following,
    OrganisationOut,
    OrganisationsOut,
    Registration,
    Verification,
)
from microwish.events.adoption import OrganisationKind
from microwish.identity.guards import require
from microwish.identity.people import Person, Role
from microwish.store.mongo import Document
from microwish.web.problems import Problem

router = APIRouter(prefix="/api/organisations", tags=["organisations"])
Staff = Annotated[Person, Depends(require(Role.STAFF, Role.ADMIN))]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=400)]
PUBLIC_LIST = "public, max-age=5"


@router.post("", status_code=201, response_model_exclude_none=True)
async def register(body: Registration, order: OrderHere) -> OrganisationOut:
    """Register an organisation; staff of its scope will check it. 409 `already_registered`."""
    return own_organisation_out(await registered(order, body), order.parts.sealer, order.person.id)


async def registered(order: Order, body: Registration) -> Document:
    """The registration that a request or a page's form asks for."""
    parts = order.parts
    command = RegisterOrganisation(
        person_id=order.person.id,
        name=body.name,
        kind=body.kind,
        scope=body.area,
        contact_name=body.contact.name,
        contact_phone=body.contact.phone,
        uscc=body.uscc,
        branch_id=body.branch_id,
    )
    return await register_organisation(
        command,
        parts.organisations,
        parts.sealer,
        parts.blind_index,
        id=order.new_id(),
        when=order.when,
        idempotency=order.retry_of(body),
    )


@router.get("", response_model_exclude_none=False)
async def organisations(
    response: Response,
    person: MaybeSignedIn,
    parts: PartsHere,
    kind: OrganisationKind | None = None,
    state: OrganisationState | None = None,
    q: Annotated[str | None, Query(max_length=50, description="Words in the name.")] = None,
    mine: bool = False,
    without_manager: Annotated[bool, Query(description="For staff: those that nobody manages any more.")] = False,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> OrganisationsOut:
    """Names, kinds and states; with `mine=true` those that the signed-in person acts for, with their settings; with
    `without_manager=true` those of staff's communities that nobody manages.
    """
    if mine:
        if person is None:
            raise Problem(401, "signed_out", headers={"WWW-Authenticate": "Bearer"})
        own = await parts.organisations.of_member(person.id)
        return OrganisationsOut(
            items=[own_organisation_out(one, parts.sealer, person.id) for one in own], next_cursor=None
        )
    scopes = _staff_scopes(person) if without_manager else None
    rows, following = await listed(
        parts.organisations,
        kind=kind,
        state=state,
        q=q,
        scopes=scopes,
        without_manager=without_manager,
        cursor=cursor,
        limit=limit,
    )
    if without_manager:
        response.headers["Cache-Control"] = "private, no-store"
        return OrganisationsOut(items=[own_organisation_out(row, parts.sealer) for row in rows], next_cursor=following)
    response.headers["Cache-Control"] = PUBLIC_LIST
    return OrganisationsOut(items=[organisation_out(row) for row in rows], next_cursor=following)


def _staff_scopes(person: Person | None) -> list[str] | None:
    """The prefixes that staff serve; None for all of them."""
    if person is None:
        raise Problem(401, "signed_out", headers={"WWW-Authenticate": "Bearer"})
    if not (person.has(Role.STAFF) or person.has(Role.ADMIN)):
        raise Problem(403, "forbidden")
    return None if person.has(Role.ADMIN) else list(person.communities)


@router.get("/{organisation_id}", response_model_exclude_none=True)
async def organisation(organisation_id: str, person: MaybeSignedIn, parts: PartsHere) -> OrganisationOut:
    """What everybody may know; its members and staff of its scope see more."""
    document = await parts.organisations.document(organisation_id)
    if person is not None:
        known = organisation_of(document)
        if person.serves(known.scope) or any(member.person_id == person.id for member in known.members):
            return own_organisation_out(document, parts.sealer, person.id)
    return organisation_out(document)


@router.post("/{organisation_id}/verification", response_model_exclude_none=True)
async def verify(organisation_id: str, body: Verification, staff: Staff, order: OrderHere) -> OrganisationOut:
    """Approve, refuse or suspend: staff whose communities cover its scope, or an admin; where a change of name or area
    waits, the verdict is about that. 409 `wrong_state`, `changed_meanwhile`.
    """
    document = await verify_organisation(
        organisation_id,
        body.decision,
        body.reason,
        staff,
        order.parts.organisations,
        order.parts.claims,
        order.parts.sealer,
        when=order.when,
        idempotency=order.retry_of(body),
        change_id=body.change_id,
    )
    return own_organisation_out(document, order.parts.sealer)


@router.get("/{organisation_id}/following")
async def following(organisation_id: str, person: SignedIn, parts: PartsHere) -> Following:
    """Which new wishes the organisation is told of; members only."""
    document = await parts.organisations.document(organisation_id)
    organisation_of(document).member(person.id)
    return Following.model_validate(document["following"])


@router.put("/{organisation_id}/following")
async def follow(organisation_id: str, body: Following, order: OrderHere) -> Following:
    """Choose which new wishes the organisation is told of, and when; managers only."""
    document = await follow_wishes(
        organisation_id,
        body.communities,
        body.categories,
        body.notify,
        order.person,
        order.parts.organisations,
        when=order.when,
        idempotency=order.retry_of(body),
    )
    return Following.model_validate(document["following"])
