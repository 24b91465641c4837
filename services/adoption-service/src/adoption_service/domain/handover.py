"""Staff ask another organisation to take an active adoption over (ADR 0026). Nothing changes until it agrees.

propose ──▶ open ──accept──▶ the adoption is revoked, and another holds the same slot, in one write
             │ └────decline──▶ as before
             └ withdraw, a newer proposal, or any end of the adoption ──▶ as before, or as that end left it
"""

from dataclasses import replace

from adoption_service.domain.adoption import Adoption, AdoptionState, Proposal, Step
from adoption_service.domain.claims import Claims, Decided, Entry
from adoption_service.domain.errors import AlreadyHeld, Invalid, NotAsked, NotFound
from adoption_service.domain.tending import SYSTEM, Act, about, decided, revoke
from microwish.events import Actor
from microwish.events.adoption import (
    HandoverEnd,
    HandoverEnded,
    HandoverProposed,
    OrganisationRef,
    RevocationCause,
    WishAdopted,
)


def adopted(wish_id: str, adoption: Adoption, by: Actor) -> WishAdopted:
    """What is told of a slot that an organisation holds from now on."""
    return WishAdopted(
        wish_id=wish_id,
        by=by,
        adoption_id=adoption.id,
        organisation_id=adoption.organisation.id,
        handler_id=adoption.handler_id,
        organisation=adoption.organisation,
        handler_name=adoption.handler_name,
        office_phone=adoption.office_phone,
        door_code=adoption.door_code,
        claimed_at=adoption.claimed_at,
        due_at=adoption.due_at,
    )


def propose(claims: Claims, adoption_id: str, act: Act, *, to: OrganisationRef, reason: str) -> Decided:
    """Ask `to` whether it takes the adoption over; a question that is open is taken back by this one.

    Raises: NotFound, NotActive, Invalid (`to` holds the wish already).
    """
    adoption = claims.adoption(adoption_id).stepped(Step.PROPOSE_HANDOVER, at=act.when.at)
    if claims.holder(to.id) is not None:
        raise Invalid("organisation_id", "field.holds_already")
    before = Decided(claims)
    if adoption.handover is not None:
        before = _ended(claims, adoption, act.by, HandoverEnd.WITHDRAWN)
    after = replace(adoption, handover=Proposal(to, reason, act.by, act.when.at))
    fields = {**about(claims, after, act.by), "to_organisation_id": to.id, "reason": reason}
    return before.then(decided(before.claims, after, HandoverProposed.model_validate(fields), reason))


def withdraw(claims: Claims, adoption_id: str, act: Act) -> Decided:
    """Staff take the question back. Raises: NotFound (also where none is open)."""
    adoption = claims.adoption(adoption_id)
    if adoption.handover is None:
        raise NotFound(adoption_id)
    return _ended(claims, adoption, act.by, HandoverEnd.WITHDRAWN)


def decline(claims: Claims, adoption_id: str, act: Act, *, organisation_id: str) -> Decided:
    """The organisation that was asked says no. Raises: NotFound, NotAsked."""
    return _ended(claims, _asked(claims, adoption_id, organisation_id), act.by, HandoverEnd.DECLINED)


def accept(claims: Claims, adoption_id: str, act: Act, *, successor: Adoption) -> Decided:
    """The organisation that was asked holds the slot from now on, by `successor`: never a moment with the slot free.

    The old adoption ends as revoked by the staff who asked for it, for the reason that they gave, if it is still kept.
    Raises: NotFound, NotActive, NotAsked, AlreadyHeld (another slot of the wish meanwhile, invariant 2).
    """
    adoption = claims.adoption(adoption_id)
    adoption.stepped(Step.REVOKE, at=act.when.at)
    proposal = _asked(claims, adoption_id, successor.organisation.id).handover
    assert proposal is not None
    if (held := claims.holder(successor.organisation.id)) is not None:
        raise AlreadyHeld(held.id)
    agreed = _ended(claims, adoption, act.by, HandoverEnd.ACCEPTED)
    by_staff = Act(proposal.by, act.when)
    cause = RevocationCause.STAFF
    freed = agreed.then(revoke(agreed.claims, adoption_id, by_staff, cause=cause, reason=proposal.reason or None))
    settled = freed.claims.settled(successor.organisation.id)
    taken = replace(settled, adoptions=(*settled.adoptions, successor))
    event = adopted(claims.wish_id, successor, act.by)
    return freed.then(Decided(taken, (event,), (Entry("WishAdopted", act.by, successor.id),)))


def void_what_ended(done: Decided) -> Decided:
    """A decision, and the end of each question about an adoption that it ended or brought to its delivery."""
    for adoption in (*done.claims.adoptions, *done.claims.ended):
        if adoption.handover is not None and adoption.state is not AdoptionState.ACTIVE:
            done = done.then(_ended(done.claims, adoption, SYSTEM, HandoverEnd.WITHDRAWN))
    return done


def _asked(claims: Claims, adoption_id: str, organisation_id: str) -> Adoption:
    adoption = claims.adoption(adoption_id)
    if adoption.handover is None or adoption.handover.to.id != organisation_id:
        raise NotAsked
    return adoption


def _ended(claims: Claims, adoption: Adoption, by: Actor, end: HandoverEnd) -> Decided:
    assert adoption.handover is not None
    fields = {**about(claims, adoption, by), "to_organisation_id": adoption.handover.to.id, "end": end}
    return decided(claims, replace(adoption, handover=None), HandoverEnded.model_validate(fields))
