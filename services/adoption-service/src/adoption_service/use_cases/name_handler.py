"""Somebody else of the organisation goes to the door from now on."""

from adoption_service.domain import handler as handling
from adoption_service.domain.adoption import Adoption
from adoption_service.domain.claims import Claims, Decided
from adoption_service.domain.errors import Invalid, NotManager, NotMember
from adoption_service.domain.handler import Handler
from adoption_service.domain.organisation import Member
from adoption_service.domain.tending import Act
from adoption_service.use_cases.acting import member_actor
from adoption_service.use_cases.claim_wish import DoorCode
from adoption_service.use_cases.tend_adoption import AdoptionRequest, Tended, Tending, decide
from microwish.events.adoption import MemberRole
from microwish.privacy.sealing import Sealer


async def name_handler(
    request: AdoptionRequest, person_id: str, tending_with: Tending, *, door_code: DoorCode
) -> Tended:
    """A manager of the organisation that leads, or its present handler, names another member.

    The new handler alone reads the contact then, and says another code at the door: the one before knows the old.
    Raises: NotFound, NotMember, NotManager, NotActive, Invalid (person_id).
    """
    wish_id, adoption = await tending_with.claims.adoption(request.adoption_id)
    organisation = await tending_with.organisations.get(adoption.organisation.id)
    member = organisation.member(request.person.id)
    _may_name(member, adoption)
    try:
        chosen = organisation.member(person_id)
    except NotMember:
        raise Invalid("person_id", "field.handler_not_member") from None
    handler = handler_for(wish_id, chosen, organisation.id, tending_with.sealer, door_code())
    act = Act(member_actor(request.person), request.when)

    def name(claims: Claims) -> Decided | None:
        _may_name(member, claims.adoption(request.adoption_id))  # they may have handed it on a moment ago
        return handling.name_handler(claims, request.adoption_id, act, handler=handler)

    return await decide(request, wish_id, adoption, tending_with, name)


def handler_for(wish_id: str, member: Member, organisation_id: str, sealer: Sealer, door_code: str) -> Handler:
    """The member as the resident of the wish will read of them. door_code: in clear."""
    about = f"wish:{wish_id}"
    name = sealer.open(member.name, about=f"organisation:{organisation_id}")
    return Handler(member.person_id, sealer.seal(name, about=about), sealer.seal(door_code, about=about))


def _may_name(member: Member, adoption: Adoption) -> None:
    if member.role is not MemberRole.MANAGER and adoption.handler_id != member.person_id:
        raise NotManager
