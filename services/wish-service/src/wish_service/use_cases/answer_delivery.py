"""A delivery is confirmed or disputed: by the resident, or by staff whom the resident told (代确认)."""

from wish_service.domain import receipt
from wish_service.domain.access import as_owner_or_staff, owns
from wish_service.domain.errors import Fault, InvalidInput
from wish_service.domain.wish import Decision, Wish
from wish_service.use_cases.asked import Asked


async def confirm_delivery(
    wish_id: str,
    adoption_id: str,
    asked: Asked,
    *,
    thanks: str | None,
    note: str | None,
) -> Wish:
    """It has arrived (DeliveryConfirmed; with the last slot WishFulfilled). Staff say in a note how they know.

    Raises: InvalidInput, AdoptionNotFound, NotDelivered, AlreadyConfirmed, OtherCommunity.
    """
    sealed_thanks = asked.seal(wish_id, thanks)
    sealed_note = asked.seal(wish_id, note)

    def decide(wish: Wish) -> Decision:
        by = as_owner_or_staff(asked.person, wish)
        if not owns(asked.person, wish) and sealed_note is None:
            raise InvalidInput([Fault("note", "field.note_needed")])
        return receipt.confirm(wish, adoption_id, by, asked.when, thanks=sealed_thanks, note=sealed_note)

    return await asked.change(wish_id, decide)


async def dispute_delivery(
    wish_id: str,
    adoption_id: str,
    reason: str,
    asked: Asked,
) -> Wish:
    """It has not arrived, says the resident, or staff whom they told: it goes on (DeliveryDisputed).

    Raises: AdoptionNotFound, NotDelivered, AlreadyConfirmed, OtherCommunity.
    """
    sealed = asked.seals.for_wish(wish_id, reason)

    def decide(wish: Wish) -> Decision:
        return receipt.dispute(wish, adoption_id, sealed, as_owner_or_staff(asked.person, wish), asked.when)

    return await asked.change(wish_id, decide)
