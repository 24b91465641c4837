"""Who acts for an organisation: members, invitations, the manager's role."""

from fastapi import APIRouter

from adoption_service.domain.errors import Invalid
from adoption_service.use_cases.invite_member import withdraw_invitation
from adoption_service.use_cases.manage_members import (
    AddMember,
    add_member,
    hand_on_manager,
    name_manager,
    remove_member,
)
from adoption_service.web.organisation_schemas import NewManager
from adoption_service.web.parts import Commanded, Order, OrderHere, PartsHere, SignedIn
from adoption_service.web.present_organisation import own_organisation_out
from adoption_service.web.schemas import NewMember, OrganisationOut
from microwish.events.adoption import MemberRole
from microwish.store.mongo import Document

router = APIRouter(prefix="/api/organisations", tags=["organisations"])


@router.post("/{organisation_id}/members", status_code=201, response_model_exclude_none=True)
async def add(organisation_id: str, body: NewMember, order: OrderHere) -> OrganisationOut:
    """Add a person by phone, or change their role; managers only. Who has never signed in is invited, by a verified
    organisation, and is a member as soon as they do. 409 `too_many_invitations`, `last_manager`.
    """
    command = AddMember(organisation_id, body.phone, body.role, body.name, order.new_id())
    document = await add_member(
        command, order.person, order.parts.membership, when=order.when, idempotency=order.retry_of(body)
    )
    return own_organisation_out(document, order.parts.sealer, order.person.id)


@router.delete("/{organisation_id}/members/{person_id}", status_code=204)
async def remove(organisation_id: str, person_id: str, person: SignedIn, parts: PartsHere, when: Commanded) -> None:
    """End a membership: a manager anybody's, everybody their own. 409 `last_manager`."""
    await remove_member(organisation_id, person_id, person, parts.organisations, when=when)


@router.delete("/{organisation_id}/invitations/{invitation_id}", status_code=204)
async def withdraw(
    organisation_id: str, invitation_id: str, person: SignedIn, parts: PartsHere, when: Commanded
) -> None:
    """Take an invitation back; managers only."""
    await withdraw_invitation(organisation_id, invitation_id, person, parts.organisations, when=when)


@router.post("/{organisation_id}/manager", response_model_exclude_none=True)
async def manager(organisation_id: str, body: NewManager, order: OrderHere) -> OrganisationOut:
    """Hand the manager's role on to another member (`person_id`); or, as staff of its scope, name somebody by phone
    with a reason, where nobody manages it any more or nobody can be reached.
    """
    document = await named_manager(organisation_id, body, order)
    return own_organisation_out(document, order.parts.sealer, order.person.id)


async def named_manager(organisation_id: str, body: NewManager, order: Order) -> Document:
    """The manager that a request or a page's form asks for."""
    parts, again = order.parts, order.retry_of(body)
    if body.person_id is not None:
        return await hand_on_manager(
            organisation_id, body.person_id, order.person, parts.organisations, when=order.when, idempotency=again
        )
    if body.phone is None or body.reason is None:
        raise Invalid("reason", "field.missing")
    command = AddMember(organisation_id, body.phone, MemberRole.MANAGER, body.name, order.new_id())
    return await name_manager(command, body.reason, order.person, parts.membership, when=order.when, idempotency=again)
