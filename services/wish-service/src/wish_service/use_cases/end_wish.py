"""Take a wish off the road: its resident withdraws it, staff take it down, close it, or merge it into another."""

from microwish.identity.people import Person
from microwish.store.aggregate import Idempotency
from microwish.when import When
from wish_service.domain import ending, review
from wish_service.domain.access import as_owner, as_owner_or_staff, as_staff, owns
from wish_service.domain.errors import CannotMerge, OtherCommunity
from wish_service.domain.wish import Decision, Wish
from wish_service.store.seals import Seals
from wish_service.store.wishes import Wishes


async def withdraw_wish(
    wish_id: str,
    reason: str | None,
    *,
    person: Person,
    wishes: Wishes,
    seals: Seals,
    when: When,
    idempotency: Idempotency | None = None,
) -> Wish:
    """The resident takes it back; refused while a delivery waits for its answer (WishWithdrawn).

    Raises: NotAllowed, Hidden, WrongState, NotFound, KeyReused.
    """
    sealed = seals.for_wish(wish_id, reason) if reason else None

    def decide(wish: Wish) -> Decision:
        return ending.withdraw(wish, sealed, as_owner(person, wish), when)

    return await wishes.change(wish_id, decide, when=when, idempotency=idempotency)


async def take_down_wish(
    wish_id: str,
    reason: str,
    *,
    person: Person,
    wishes: Wishes,
    seals: Seals,
    when: When,
    idempotency: Idempotency | None = None,
) -> Wish:
    """Staff take it off the wall (WishTakenDown).

    Raises: OtherCommunity, NotAllowed, Hidden, WrongState, NotFound, KeyReused.
    """
    sealed = seals.for_wish(wish_id, reason)

    def decide(wish: Wish) -> Decision:
        return ending.take_down(wish, sealed, as_staff(person, wish), when)

    return await wishes.change(wish_id, decide, when=when, idempotency=idempotency)


async def close_wish(
    wish_id: str,
    reason: str | None,
    *,
    person: Person,
    wishes: Wishes,
    seals: Seals,
    when: When,
    idempotency: Idempotency | None = None,
) -> Wish:
    """End it: with something confirmed it is fulfilled with fewer (够了), by resident or staff; else staff close it.

    Raises: InvalidInput, OtherCommunity, NotAllowed, Hidden, WrongState, NotFound, KeyReused.
    """
    sealed = seals.for_wish(wish_id, reason) if reason else None

    def decide(wish: Wish) -> Decision:
        enough = owns(person, wish) and bool(wish.confirmed)
        by = as_owner_or_staff(person, wish) if enough else as_staff(person, wish)
        return ending.close(wish, sealed, by, when)

    return await wishes.change(wish_id, decide, when=when, idempotency=idempotency)


async def merge_wish(
    wish_id: str,
    into_id: str,
    *,
    person: Person,
    wishes: Wishes,
    when: When,
    idempotency: Idempotency | None = None,
) -> Wish:
    """Let another wish on the wall, that the same staff serve, go on in its place (WishMerged).

    Raises: CannotMerge, OtherCommunity, NotAllowed, Hidden, WrongState, NotFound, KeyReused.
    """
    into = await wishes.find(into_id)
    if into is None:
        raise CannotMerge(into_id)
    if not person.serves(into.community.code):
        raise OtherCommunity(into_id)

    def decide(wish: Wish) -> Decision:
        return review.merge(wish, into, as_staff(person, wish), when)

    return await wishes.change(wish_id, decide, when=when, idempotency=idempotency)
