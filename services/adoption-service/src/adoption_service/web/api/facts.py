"""What is known of an organisation and may change: name, area, contact, limit; and what was done with it."""

from typing import Annotated

from fastapi import APIRouter, Depends

from adoption_service.store.organisations import organisation_of
from adoption_service.use_cases.change_organisation import ChangeOrganisation, NewContact, change_organisation
from adoption_service.use_cases.lift_limit import lift_limit
from adoption_service.web.organisation_schemas import Facts, LiftedLimit, TimelineOut
from adoption_service.web.parts import Order, OrderHere, PartsHere, SignedIn
from adoption_service.web.present_organisation import own_organisation_out, timeline_out
from adoption_service.web.schemas import OrganisationOut
from microwish.identity.guards import require
from microwish.identity.people import Person, Role
from microwish.store.mongo import Document

router = APIRouter(prefix="/api/organisations", tags=["organisations"])
Staff = Annotated[Person, Depends(require(Role.STAFF, Role.ADMIN))]


@router.patch("/{organisation_id}", response_model_exclude_none=True)
async def change(organisation_id: str, body: Facts, order: OrderHere) -> OrganisationOut:
    """Change its contact at once, its name or area once staff agree (`change` waits until then); managers only."""
    document = await changed_facts(organisation_id, body, order)
    return own_organisation_out(document, order.parts.sealer, order.person.id)


async def changed_facts(organisation_id: str, body: Facts, order: Order) -> Document:
    """The change that a request or a page's form asks for."""
    contact = NewContact(body.contact.name, body.contact.phone) if body.contact else None
    return await change_organisation(
        ChangeOrganisation(organisation_id, order.new_id(), body.name, body.scope, contact),
        order.person,
        order.parts.organisations,
        order.parts.sealer,
        order.parts.blind_index,
        when=order.when,
        idempotency=order.retry_of(body),
    )


@router.post("/{organisation_id}/limit", response_model_exclude_none=True)
async def limit(organisation_id: str, body: LiftedLimit, staff: Staff, order: OrderHere) -> OrganisationOut:
    """Allow it more (or fewer) adoptions past half their term, for a year at most: staff of its scope, or an admin."""
    document = await lift_limit(
        organisation_id,
        body.allowed,
        body.until,
        body.reason,
        staff,
        order.parts.organisations,
        order.parts.sealer,
        when=order.when,
        idempotency=order.retry_of(body),
    )
    return own_organisation_out(document, order.parts.sealer)


@router.get("/{organisation_id}/timeline", response_model_exclude_none=True)
async def timeline(organisation_id: str, person: SignedIn, parts: PartsHere) -> TimelineOut:
    """Who did what with it, when and why; for its members and staff of its scope."""
    document = await parts.organisations.document(organisation_id)
    known = organisation_of(document)
    if not person.serves(known.scope):
        known.member(person.id)
    return timeline_out(document, parts.sealer)
