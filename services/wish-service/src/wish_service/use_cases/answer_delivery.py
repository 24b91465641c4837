"""A delivery is confirmed or disputed: by the resident, or by staff whom the resident told (代确认)."""

from microwish.identity.people import Person
from microwish.store.aggregate import Idempotency
from microwish.when import When
from wish_service.domain import receipt
from wish_service.domain.access import as_owner, as_owner_or_staff, owns
from wish_service.domain.errors import Fault, InvalidInput
from wish_service.domain.wish import Decision, Wish
from wish_service.store.seals import Seals
from wish_service.store.wishes import Wishes


async def confirm_delivery(
    wish_id: str,
    adoption_id: str,
    *,
    thanks: str | None,
    note: str | None,
    person: Person,
    wishes: Wishes,
    seals: Seals,
    when: When,
    idempotency: Idempotency | None = None,
) -> Wish:
    """It has arrived (DeliveryConfirmed; with the last slot WishFulfilled). Staff say in a note how they know.

    Raises: InvalidInput, AdoptionNotFound, NotDelivered, AlreadyConfirmed, WrongState, OtherCommunity, NotAllowed,
    Hidden, NotFound, KeyReused.
    """
    sealed_thanks = seals.for_wish(wish_id, thanks) if thanks else None
    sealed_note = seals.for_wish(wish_id, note) if note else None

    def decide(wish: Wish) -> Decision:
        by = as_owner_or_staff(person, wish)
        if not owns(person, wish) and sealed_note is None:
            raise InvalidInput([Fault("note", "field.note_needed")])
        return receipt.confirm(wish, adoption_id, by, when, thanks=sealed_thanks, note=sealed_note)

    return await wishes.change(wish_id, decide, when=when, idempotency=idempotency)


async def dispute_delivery(
    wish_id: str,
    adoption_id: str,
    reason: str,
    *,
    person: Person,
    wishes: Wishes,
    seals: Seals,
    when: When,
    idempotency: Idempotency | None = None,
) -> Wish:
    """It has not arrived; the organisation is at it again (DeliveryDisputed).

    Raises: AdoptionNotFound, NotDelivered, AlreadyConfirmed, WrongState, NotAllowed, Hidden, NotFound, KeyReused.
    """
    sealed = seals.for_wish(wish_id, reason)

    def decide(wish: Wish) -> Decision:
        return receipt.dispute(wish, adoption_id, sealed, as_owner(person, wish), when)

    return await wishes.change(wish_id, decide, when=when, idempotency=idempotency)
