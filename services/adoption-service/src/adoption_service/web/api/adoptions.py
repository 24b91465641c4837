"""Adoptions: claim, read, tend."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from adoption_service.domain.adoption import Adoption, AdoptionState
from adoption_service.use_cases import tend_adoption
from adoption_service.use_cases.acting import reader_of_adoption
from adoption_service.use_cases.claim_wish import ClaimWish, claim_wish
from adoption_service.use_cases.read_contact import read_contact
from adoption_service.views.adoptions import adoptions_of
from adoption_service.web.parts import Commanded, Order, OrderHere, PartsHere, SignedIn
from adoption_service.web.present import adoption_out
from adoption_service.web.schemas import (
    AdoptionOut,
    AdoptionsOut,
    Claim,
    ContactOut,
    Delivery,
    Progress,
    Reason,
)

front = APIRouter(tags=["adoptions"])
"""What many ask for at once: to be matched before anything else."""
router = APIRouter(prefix="/api/adoptions", tags=["adoptions"])


@front.post("/api/adoptions", status_code=201, response_model=AdoptionOut)
async def claim(body: Claim, order: OrderHere) -> Response:
    """Claim one slot. 409 taken, already_held, closed, reserved, not_yet_claimable, limit_reached; 403 not_verified,
    not_member; 422 key_reused.
    """
    given = adoption_out(body.wish_id, await claimed(order, body), order.parts.sealer)
    return Response(given.model_dump_json(exclude_none=True), status_code=201, media_type="application/json")


async def claimed(order: Order, body: Claim) -> Adoption:
    """The claim that a request or a page's form asks for."""
    parts = order.parts
    async with parts.turns.at(body.wish_id):
        return await claim_wish(
            ClaimWish(order.person.id, body.wish_id, body.organisation_id, body.handler, body.partners),
            parts.organisations,
            parts.claims,
            parts.sealer,
            parts.terms,
            id=order.new_id(),
            when=order.when,
            idempotency=order.retry_of(body),
        )


@router.get("")
async def adoptions(
    person: SignedIn,
    parts: PartsHere,
    organisation_id: Annotated[str | None, Query(max_length=64)] = None,
    state: AdoptionState | None = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> AdoptionsOut:
    """Adoptions of one's organisations, the newest first; of any organisation of their scope for staff."""
    if organisation_id is None:
        ids = [one["_id"] for one in await parts.organisations.of_member(person.id)]
    else:
        organisation = await parts.organisations.get(organisation_id)
        if not person.serves(organisation.scope):
            organisation.member(person.id)
        ids = [organisation_id]
    rows, following = await adoptions_of(parts.claims, ids, states=[state] if state else [], cursor=cursor, limit=limit)
    return AdoptionsOut(items=[adoption_out(*row, parts.sealer) for row in rows], next_cursor=following)


@router.get("/{adoption_id}", response_model_exclude_none=True)
async def adoption(adoption_id: str, person: SignedIn, parts: PartsHere) -> AdoptionOut:
    """One adoption, for members of its organisation and staff of the wish's community."""
    found = await reader_of_adoption(adoption_id, person, parts.claims, parts.organisations)
    return adoption_out(*found, parts.sealer)


@router.get("/{adoption_id}/contact")
async def contact(adoption_id: str, person: SignedIn, parts: PartsHere, when: Commanded) -> ContactOut:
    """How to reach the resident: its named handler alone, while it is active. Every reading is recorded first."""
    found = await read_contact(
        adoption_id, person, parts.claims, parts.organisations, parts.contacts, parts.sealer, when=when
    )
    return ContactOut(name=found.name, phone=found.phone, address=found.address, door_code=found.door_code)


@router.post("/{adoption_id}/progress", response_model_exclude_none=True)
async def progress(adoption_id: str, body: Progress, order: OrderHere) -> AdoptionOut:
    """Write down how far it is. 409 `not_active`."""
    asked, parts = order.on(adoption_id, body), order.parts
    return adoption_out(*await tend_adoption.note_progress(asked, body.note, parts.tending), parts.sealer)


@router.post("/{adoption_id}/delivery", response_model_exclude_none=True)
async def delivery(adoption_id: str, body: Delivery, order: OrderHere) -> AdoptionOut:
    """Report that it was brought; the resident will be asked. 409 `not_active`."""
    asked, parts = order.on(adoption_id, body), order.parts
    return adoption_out(*await tend_adoption.report_delivery(asked, body.note, parts.tending), parts.sealer)


@router.post("/{adoption_id}/release", response_model_exclude_none=True)
async def release(adoption_id: str, body: Reason, order: OrderHere) -> AdoptionOut:
    """Let it go, so that others can take it; not after delivery. 409 `not_active`."""
    asked, parts = order.on(adoption_id, body), order.parts
    return adoption_out(*await tend_adoption.release_adoption(asked, body.reason, parts.tending), parts.sealer)


@router.post("/{adoption_id}/extension", response_model_exclude_none=True)
async def extension(adoption_id: str, body: Reason, order: OrderHere) -> AdoptionOut:
    """Extend the lease, once. 409 `already_extended`, `not_active`."""
    asked, parts = order.on(adoption_id, body), order.parts
    return adoption_out(*await tend_adoption.extend_adoption(asked, body.reason, parts.tending), parts.sealer)


@router.post("/{adoption_id}/revocation", response_model_exclude_none=True)
async def revocation(adoption_id: str, body: Reason, order: OrderHere) -> AdoptionOut:
    """Take an active adoption back: staff of the wish's community, or an admin. 409 `not_active`."""
    asked, parts = order.on(adoption_id, body), order.parts
    return adoption_out(*await tend_adoption.revoke_adoption(asked, body.reason, parts.tending), parts.sealer)
