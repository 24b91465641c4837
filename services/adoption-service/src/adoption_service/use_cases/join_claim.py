"""Several organisations claim a wish together (联合认领): one leads and asks, the others agree or not (ADR 0026)."""

from enum import StrEnum

from adoption_service.domain import partnership
from adoption_service.domain.claims import Claims, Decided
from adoption_service.domain.errors import Invalid, NotFound, NotMember, NotVerified
from adoption_service.domain.organisation import Organisation
from adoption_service.domain.tending import Act
from adoption_service.use_cases.acting import member_actor, member_of_adoption
from adoption_service.use_cases.entitlement import verified_ref
from adoption_service.use_cases.tend_adoption import AdoptionRequest, Tended, Tending, decide
from microwish.identity.people import Person


class Answer(StrEnum):
    """What an organisation says that was asked."""

    ACCEPT = "accept"
    DECLINE = "decline"


async def ask_partner(request: AdoptionRequest, organisation_id: str, tending_with: Tending) -> Tended:
    """The organisation that leads asks another. Raises: NotFound, NotMember, NotActive, Invalid (organisation_id)."""
    wish_id, adoption, _ = await member_of_adoption(
        request.adoption_id, request.person, tending_with.claims, tending_with.organisations
    )
    try:
        whom = await verified_ref(organisation_id, tending_with.organisations)
    except (NotFound, NotVerified):
        raise Invalid("organisation_id", "field.organisation_unverified") from None
    act = Act(member_actor(request.person), request.when)
    return await decide(
        request,
        wish_id,
        adoption,
        tending_with,
        lambda claims: partnership.ask(claims, request.adoption_id, act, whom=whom),
    )


async def answer_partnership(
    request: AdoptionRequest, organisation_id: str, answer: Answer, tending_with: Tending
) -> Tended:
    """An organisation that was asked joins in or does not; a partner leaves by declining.

    Raises: NotFound, NotMember, NotVerified, NotActive, NotAsked, AlreadyHeld.
    """
    organisation = await acting_for(organisation_id, request.person, tending_with)
    if answer is Answer.ACCEPT:
        organisation.may_claim()
    wish_id, adoption = await tending_with.claims.adoption(request.adoption_id)
    act = Act(member_actor(request.person), request.when)

    def said(claims: Claims) -> Decided | None:
        if answer is Answer.ACCEPT:
            return partnership.agree(claims, request.adoption_id, act, who=organisation.ref)
        return partnership.leave(claims, request.adoption_id, act, organisation_id=organisation_id)

    return await decide(request, wish_id, adoption, tending_with, said)


async def let_partner_go(request: AdoptionRequest, organisation_id: str, tending_with: Tending) -> Tended:
    """The organisation that leads takes its question back, or goes on without a partner.

    Raises: NotFound, NotMember, NotActive.
    """
    wish_id, adoption, _ = await member_of_adoption(
        request.adoption_id, request.person, tending_with.claims, tending_with.organisations
    )
    act = Act(member_actor(request.person), request.when)
    return await decide(
        request,
        wish_id,
        adoption,
        tending_with,
        lambda claims: partnership.let_go(claims, request.adoption_id, act, organisation_id=organisation_id),
    )


async def acting_for(organisation_id: str, person: Person, tending_with: Tending) -> Organisation:
    """The organisation, for one of its members. Raises: NotMember, also where there is no such organisation."""
    try:
        organisation = await tending_with.organisations.get(organisation_id)
    except NotFound:
        raise NotMember from None  # whoever is no member need not know which organisations exist
    organisation.member(person.id)
    return organisation
