"""What the events of a wish, which wish-service owns, mean for its claims (design, section 3: late cases)."""

from dataclasses import replace

from adoption_service.domain import recommendations, waiting
from adoption_service.domain.adoption import Adoption, AdoptionState, Step
from adoption_service.domain.claims import Claims, ClaimsState, Decided, Entry, allowed
from adoption_service.domain.lease import Lease
from adoption_service.domain.tending import SYSTEM, Act, about, decided, disputed, revoke
from microwish.events import Event
from microwish.events.adoption import AdoptionExtended, AdoptionFlagged, FlagKind, RevocationCause
from microwish.events.wish import (
    DeliveryConfirmed,
    DeliveryDisputed,
    WishClosed,
    WishEvent,
    WishFulfilled,
    WishMerged,
    WishMoved,
    WishPosted,
    WishRecommended,
    WishRevised,
    WishTakenDown,
    WishWithdrawn,
)
from microwish.when import When

ENDINGS: dict[type[Event], RevocationCause] = {
    WishWithdrawn: RevocationCause.WITHDRAWN,
    WishTakenDown: RevocationCause.TAKEN_DOWN,
    WishMerged: RevocationCause.MERGED,
    WishClosed: RevocationCause.CLOSED,
    # Fulfilled with fewer than its slots (够了): who still held one is told that it was closed.
    WishFulfilled: RevocationCause.CLOSED,
}


def take(claims: Claims, event: Event, when: When, lease: Lease) -> Decided | None:
    """What the event changes; None for one that means nothing here."""
    if isinstance(event, WishPosted):
        return _open(claims, event)
    if isinstance(event, WishRevised):
        return _revise(claims, event)
    if isinstance(event, WishMoved):
        return _move(claims, event)
    if isinstance(event, WishRecommended):
        return recommendations.remember(claims, event, when)
    if isinstance(event, DeliveryConfirmed):
        return _confirm(claims, event, when)
    if isinstance(event, DeliveryDisputed):
        return _dispute(claims, event, when, lease)
    if isinstance(event, WishEvent) and type(event) in ENDINGS:
        return _end(claims, event, when)
    return None


def _open(claims: Claims, event: WishPosted) -> Decided | None:
    if claims.state is not ClaimsState.UNPOSTED:
        return None
    opened = replace(
        claims,
        state=ClaimsState.OPEN,
        slots=event.slots,
        community=event.community,
        resident_id=event.resident_id,
    )
    return Decided(opened, (), (Entry("WishPosted", event.by),))


def _revise(claims: Claims, event: WishRevised) -> Decided | None:
    """Slots are never lowered once posted."""
    if claims.state is ClaimsState.UNPOSTED or event.slots is None or event.slots <= claims.slots:
        return None
    return Decided(replace(claims, slots=event.slots), (), (Entry("WishRevised", event.by),))


def _move(claims: Claims, event: WishMoved) -> Decided | None:
    """Staff of the new place look after it from now on; who holds it stays. Before WishPosted there is no place yet."""
    if claims.state is ClaimsState.UNPOSTED:
        return None
    return Decided(replace(claims, community=event.community), (), (Entry("WishMoved", event.by),))


def _end(claims: Claims, event: WishEvent, when: When) -> Decided | None:
    """Close it, take the active adoptions back, and flag the delivered ones, which stand."""
    if claims.state is ClaimsState.CLOSED:
        return None
    closed = replace(claims, state=ClaimsState.CLOSED, recommended=())
    done = Decided(closed, (), (Entry(type(event).__name__, event.by),))
    cause = ENDINGS[type(event)]
    for adoption in claims.adoptions:
        if adoption.state is AdoptionState.ACTIVE:
            done = done.then(revoke(done.claims, adoption.id, Act(SYSTEM, when), cause=cause, reason=None))
        elif adoption.state is AdoptionState.DELIVERED:
            done = done.then(_flag_own(done.claims, adoption, FlagKind.DELIVERED_AFTER_END))
    return done.then(waiting.close(done.claims, when))


def _confirm(claims: Claims, event: DeliveryConfirmed, when: When) -> Decided | None:
    adoption = allowed(claims, event.adoption_id, Step.CONFIRM)
    if adoption is not None:
        confirmed = replace(adoption.stepped(Step.CONFIRM, at=when.at), reason=None, thanks=event.thanks)
        return Decided(claims.with_adoption(confirmed), (), (Entry("DeliveryConfirmed", event.by, adoption.id),))
    return _crossed(claims, event, FlagKind.CONFIRMED_AFTER_END)


def _dispute(claims: Claims, event: DeliveryDisputed, when: When, lease: Lease) -> Decided | None:
    adoption = allowed(claims, event.adoption_id, Step.DISPUTE)
    if adoption is not None and claims.state is ClaimsState.OPEN:
        again = disputed(adoption, lease, when, reason=event.reason)
        entry = Entry("DeliveryDisputed", event.by, adoption.id, event.reason)
        done = Decided(claims.with_adoption(again), (), (entry,))
        return done if again.due_at == adoption.due_at else done.then(_prolonged(done.claims, again))
    if adoption is not None:
        return _flag_own(claims, adoption, FlagKind.DISPUTED_AFTER_END)
    return _crossed(claims, event, FlagKind.DISPUTED_AFTER_END)


def _prolonged(claims: Claims, adoption: Adoption) -> Decided:
    """Tell the others of the new day, which the resident's page shows."""
    fields = {**about(claims, adoption, SYSTEM), "due_at": adoption.due_at}
    return decided(claims, adoption, AdoptionExtended.model_validate(fields))


def _crossed(claims: Claims, event: DeliveryConfirmed | DeliveryDisputed, flag: FlagKind) -> Decided | None:
    """The adoption has ended meanwhile: flag it, and nothing else. One that still holds its slot needs nothing."""
    if any(one.id == event.adoption_id for one in claims.adoptions):
        return None
    ended = next((one for one in claims.ended if one.id == event.adoption_id), None)
    if ended is not None:
        return _flag_own(claims, ended, flag)
    flagged = AdoptionFlagged(
        wish_id=claims.wish_id,
        by=SYSTEM,
        adoption_id=event.adoption_id,
        organisation_id=event.organisation_id,
        flag=flag,
    )
    return Decided(claims, (flagged,), (Entry("AdoptionFlagged", SYSTEM, event.adoption_id),))


def _flag_own(claims: Claims, adoption: Adoption, flag: FlagKind) -> Decided:
    flagged = replace(adoption, flags=(*adoption.flags, flag))
    event = AdoptionFlagged.model_validate({**about(claims, adoption, SYSTEM), "flag": flag})
    return Decided(claims.with_adoption(flagged), (event,), (Entry("AdoptionFlagged", SYSTEM, adoption.id),))
