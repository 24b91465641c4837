"""Staff hand an adoption to another organisation that agrees (ADR 0026)."""

from dataclasses import dataclass

from adoption_service.domain import handover
from adoption_service.domain.claims import Claims, Decided
from adoption_service.domain.errors import Invalid, NotFound, NotVerified
from adoption_service.domain.tending import Act
from adoption_service.use_cases.acting import member_actor, staff_actor, staff_of_adoption
from adoption_service.use_cases.claim_wish import ClaimTerms, handler_of, new_adoption
from adoption_service.use_cases.entitlement import verified_ref, within_limit
from adoption_service.use_cases.join_claim import Answer, acting_for
from adoption_service.use_cases.tend_adoption import AdoptionRequest, Tended, Tending, decide


@dataclass(frozen=True)
class AnswerHandover:
    """handler: the member who will go there; None is the person who answers."""

    organisation_id: str
    answer: Answer
    handler: str | None = None


async def propose_handover(
    request: AdoptionRequest, organisation_id: str, reason: str, tending_with: Tending
) -> Tended:
    """Staff of the wish's community ask another organisation; a question that is open is taken back by this one.

    Raises: NotFound, Forbidden, NotActive, Invalid (organisation_id).
    """
    wish_id, adoption = await staff_of_adoption(request.adoption_id, request.person, tending_with.claims)
    try:
        to = await verified_ref(organisation_id, tending_with.organisations)
    except (NotFound, NotVerified):
        raise Invalid("organisation_id", "field.organisation_unverified") from None
    act = Act(staff_actor(request.person), request.when)
    sealed = tending_with.sealer.seal(reason, about=f"wish:{wish_id}")
    return await decide(
        request,
        wish_id,
        adoption,
        tending_with,
        lambda claims: handover.propose(claims, request.adoption_id, act, to=to, reason=sealed),
    )


async def withdraw_handover(request: AdoptionRequest, tending_with: Tending) -> Tended:
    """Staff of the wish's community take the question back. Raises: NotFound, Forbidden, NotActive."""
    wish_id, adoption = await staff_of_adoption(request.adoption_id, request.person, tending_with.claims)
    act = Act(staff_actor(request.person), request.when)
    return await decide(
        request,
        wish_id,
        adoption,
        tending_with,
        lambda claims: handover.withdraw(claims, request.adoption_id, act),
    )


async def answer_handover(
    request: AdoptionRequest, said: AnswerHandover, tending_with: Tending, terms: ClaimTerms, *, id: str
) -> Tended:
    """An organisation that was asked takes the adoption over, or does not; the wish, and who holds it by what then.

    id: of the adoption that begins where it accepts.
    Raises: NotFound, NotMember, NotVerified, LimitReached, NotActive, NotAsked, AlreadyHeld, Invalid (handler).
    Guarantee: one write ends the one adoption and begins the other; nobody else can claim the slot in between.
    """
    organisation = await acting_for(said.organisation_id, request.person, tending_with)
    wish_id, adoption = await tending_with.claims.adoption(request.adoption_id)
    act = Act(member_actor(request.person), request.when)
    if said.answer is Answer.DECLINE:

        def decline(claims: Claims) -> Decided:
            return handover.decline(claims, request.adoption_id, act, organisation_id=organisation.id)

        return await decide(request, wish_id, adoption, tending_with, decline)
    organisation.may_claim()
    await within_limit(organisation, tending_with.claims, terms.overdue_allowed, request.when)
    handler = handler_of(organisation, said.handler or request.person.id)
    successor = new_adoption(wish_id, organisation, handler, tending_with.sealer, terms, id=id, when=request.when)

    def accept(claims: Claims) -> Decided:
        return handover.accept(claims, request.adoption_id, act, successor=successor)

    await decide(request, wish_id, adoption, tending_with, accept)
    return await tending_with.claims.adoption(id)
