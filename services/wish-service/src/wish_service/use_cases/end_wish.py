"""Take a wish off the road: its resident withdraws it, staff take it down, close it, or merge it into another."""

from wish_service.domain import ending, review
from wish_service.domain.access import as_owner, as_owner_or_staff, as_staff, owns
from wish_service.domain.errors import CannotMerge, OtherCommunity
from wish_service.domain.wish import Decision, Wish
from wish_service.use_cases.asked import Asked


async def withdraw_wish(
    wish_id: str,
    reason: str | None,
    asked: Asked,
) -> Wish:
    """The resident takes it back; refused while a delivery waits for its answer (WishWithdrawn)."""
    sealed = asked.seal(wish_id, reason)

    def decide(wish: Wish) -> Decision:
        return ending.withdraw(wish, sealed, as_owner(asked.person, wish), asked.when)

    return await asked.change(wish_id, decide)


async def take_down_wish(
    wish_id: str,
    reason: str,
    asked: Asked,
) -> Wish:
    """Staff take it off the wall (WishTakenDown). Raises: OtherCommunity."""
    sealed = asked.seals.for_wish(wish_id, reason)

    def decide(wish: Wish) -> Decision:
        return ending.take_down(wish, sealed, as_staff(asked.person, wish), asked.when)

    return await asked.change(wish_id, decide)


async def close_wish(
    wish_id: str,
    reason: str | None,
    asked: Asked,
) -> Wish:
    """End it: with something confirmed it is fulfilled with fewer (够了), by resident or staff; else staff close it.

    Raises: InvalidInput, OtherCommunity.
    """
    sealed = asked.seal(wish_id, reason)

    def decide(wish: Wish) -> Decision:
        enough = owns(asked.person, wish) and bool(wish.confirmed)
        by = as_owner_or_staff(asked.person, wish) if enough else as_staff(asked.person, wish)
        return ending.close(wish, sealed, by, asked.when)

    return await asked.change(wish_id, decide)


async def merge_wish(
    wish_id: str,
    into_id: str,
    asked: Asked,
) -> Wish:
    """Let another wish on the wall, that the same staff serve, go on in its place (WishMerged).

    Raises: CannotMerge, OtherCommunity.
    """
    into = await asked.wishes.find(into_id)
    if into is None:
        raise CannotMerge(into_id)
    if not asked.person.serves(into.community.code):
        raise OtherCommunity(into_id)

    def decide(wish: Wish) -> Decision:
        return review.merge(wish, into, as_staff(asked.person, wish), asked.when)

    return await asked.change(wish_id, decide)
