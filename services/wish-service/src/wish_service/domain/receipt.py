"""The resident's answer to a delivery: received, or not yet."""

from dataclasses import replace

from microwish.events import Actor
from microwish.events.wish import DeliveryConfirmed, DeliveryDisputed
from microwish.when import When
from wish_service.domain.adoptions import Adoption, AdoptionState
from wish_service.domain.ending import fulfilled
from wish_service.domain.errors import AlreadyConfirmed, NotDelivered
from wish_service.domain.states import Status, Step
from wish_service.domain.wish import Decision, Wish, entry, stepped, target


def confirm(
    wish: Wish, adoption_id: str, by: Actor, when: When, *, thanks: str | None = None, note: str | None = None
) -> Decision:
    """It has arrived. With the last slot the wish is fulfilled in the same write. `thanks` and `note` are sealed.

    Raises: WrongState, AdoptionNotFound, NotDelivered, AlreadyConfirmed.
    """
    target(wish.status, Step.CONFIRM)
    adoption = _delivered(wish, adoption_id)
    done = replace(adoption, state=AdoptionState.CONFIRMED, confirmed_at=when.at)
    event = DeliveryConfirmed(
        **wish.about, by=by, adoption_id=adoption.id, organisation_id=adoption.organisation_id, note=note, thanks=thanks
    )
    line = entry("DeliveryConfirmed", by, when, why=note or thanks, adoption=adoption)
    decision = stepped(wish, Step.CONFIRM, line, [event], adoptions=wish.with_adoption(done))
    if decision.wish.status is Status.FULFILLED and wish.status is not Status.FULFILLED:
        lines = (*decision.wish.timeline, entry("WishFulfilled", by, when))
        whole = replace(decision.wish, ended_at=when.at, timeline=lines)
        return Decision(whole, (event, fulfilled(whole, by)))
    return decision


def dispute(wish: Wish, adoption_id: str, reason: str, by: Actor, when: When) -> Decision:
    """It has not arrived: the organisation is at it again. Raises: as `confirm`."""
    target(wish.status, Step.DISPUTE)
    adoption = _delivered(wish, adoption_id)
    again = replace(adoption, state=AdoptionState.ACTIVE, delivered_at=None)
    event = DeliveryDisputed(
        **wish.about, by=by, adoption_id=adoption.id, organisation_id=adoption.organisation_id, reason=reason
    )
    line = entry("DeliveryDisputed", by, when, why=reason, adoption=adoption)
    return stepped(wish, Step.DISPUTE, line, [event], adoptions=wish.with_adoption(again))


def _delivered(wish: Wish, adoption_id: str) -> Adoption:
    adoption = wish.adoption(adoption_id)
    if adoption.state is AdoptionState.CONFIRMED:
        raise AlreadyConfirmed(adoption_id)
    if adoption.state is not AdoptionState.DELIVERED:
        raise NotDelivered(adoption_id)
    return adoption
