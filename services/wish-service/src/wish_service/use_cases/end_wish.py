"""Take a wish off the road: its resident withdraws it, staff take it down, close it, or merge it into another."""

from microwish.store.refusals import Contended
from wish_service.domain import ending, review
from wish_service.domain.access import as_owner_or_proxy, as_owner_or_staff, as_staff, owns
from wish_service.domain.errors import CannotMerge, OtherCommunity
from wish_service.domain.reasons import ReasonFor, readable
from wish_service.domain.reviewing import free_to_decide
from wish_service.domain.states import Status
from wish_service.domain.wish import Decision, Wish
from wish_service.use_cases.asked import Asked
from wish_service.use_cases.review_wish import needed_reason


async def withdraw_wish(
    wish_id: str,
    reason: str | None,
    asked: Asked,
) -> Wish:
    """The resident takes it back; refused while a delivery waits for its answer (WishWithdrawn)."""
    sealed = asked.seal(wish_id, reason)

    def decide(wish: Wish) -> Decision:
        return ending.withdraw(wish, sealed, as_owner_or_proxy(asked.person, wish), asked.when)

    return await asked.change(wish_id, decide)


async def take_down_wish(
    wish_id: str,
    reason: str | None,
    asked: Asked,
    *,
    reason_code: str | None = None,
) -> Wish:
    """Staff take it off the wall (WishTakenDown). Raises: InvalidInput, OtherCommunity."""
    sealed = asked.seals.for_wish(wish_id, needed_reason(ReasonFor.TAKE_DOWN, reason_code, reason))

    def decide(wish: Wish) -> Decision:
        return ending.take_down(wish, sealed, as_staff(asked.person, wish), asked.when, reason_code=reason_code)

    return await asked.change(wish_id, decide)


async def close_wish(
    wish_id: str,
    reason: str | None,
    asked: Asked,
    *,
    reason_code: str | None = None,
) -> Wish:
    """End it: with something confirmed it is fulfilled with fewer (够了), by resident or staff; else staff close it.

    Raises: InvalidInput, OtherCommunity.
    """
    sealed = asked.seal(wish_id, readable(ReasonFor.CLOSE, reason_code, reason))

    def decide(wish: Wish) -> Decision:
        enough = owns(asked.person, wish) and bool(wish.confirmed)
        by = as_owner_or_staff(asked.person, wish) if enough else as_staff(asked.person, wish)
        return ending.close(wish, sealed, by, asked.when, reason_code=reason_code)

    return await asked.change(wish_id, decide)


async def merge_wish(
    wish_id: str,
    into_id: str,
    asked: Asked,
) -> Wish:
    """Let another wish on the wall, that the same staff serve, go on in its place (WishMerged).

    Guarantee: of wishes that are merged into each other at once, one stays (`review.receive`).
    Raises: CannotMerge, OtherCommunity, InReview, Contended.
    """
    into = await asked.wishes.find(into_id)
    if into is None:
        raise CannotMerge(into_id)
    if not asked.person.serves(into.community.code):
        raise OtherCommunity(into_id)
    over = await asked.wishes.ended_review(wish_id)
    seen = await asked.wishes.load(wish_id)

    def decide(wish: Wish) -> Decision:
        by = as_staff(asked.person, wish)
        if wish.status is Status.SUBMITTED:
            free_to_decide(wish.review_claim, asked.person.id, over=over)
        if wish.received != seen.received:
            raise Contended(wish_id)
        return review.merge(wish, into, by, asked.when)

    if seen.merged_into != into_id:  # else the same order again, which its key answers
        decide(seen)
        await asked.wishes.change(into_id, review.receive, when=asked.when)
    return await asked.change(wish_id, decide)
