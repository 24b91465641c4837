"""Take a wish for review, the next one or this one, give it back, and approve several at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from microwish.identity.people import Person
from microwish.store.refusals import Contended, Refusal
from wish_service.domain.access import as_staff, served_areas
from wish_service.domain.errors import DomainError, WrongState
from wish_service.domain.reviewing import free_to_decide
from wish_service.domain.states import Status
from wish_service.domain.wish import Wish
from wish_service.store.review_claims import ReviewClaims
from wish_service.store.wishes import Wishes
from wish_service.use_cases.asked import Asked
from wish_service.use_cases.review_wish import ReviewDecision, ReviewWish, review_wish

_TRIES = 3


async def claim_review(wish_id: str, person: Person, *, wishes: Wishes, claims: ReviewClaims) -> Wish:
    """Have this wish for review, or longer. Raises: OtherCommunity, Hidden, WrongState, InReview, Contended."""
    as_staff(person, await wishes.load(wish_id))
    for _ in range(_TRIES):
        if taken := await claims.take(wish_id, person.id):
            return taken
        await _refuse(await wishes.load(wish_id), person, wishes)  # unless it was let go in between
    raise Contended(wish_id)


async def claim_next_review(person: Person, *, claims: ReviewClaims) -> Wish | None:
    """Have the longest waiting wish for review that nobody has; None if there is none."""
    return await claims.take_next(served_areas(person), person.id)


async def give_back_review(wish_id: str, person: Person, *, wishes: Wishes, claims: ReviewClaims) -> None:
    """Let others review it; without effect if nobody has it. Raises: NotFound, OtherCommunity, Hidden, InReview."""
    wish = await wishes.load(wish_id)
    as_staff(person, wish)
    if not await claims.give_back(wish_id, person.id):
        free_to_decide(wish.review_claim, person.id, over=await wishes.ended_review(wish_id))


async def _refuse(wish: Wish, person: Person, wishes: Wishes) -> None:
    if wish.status is not Status.SUBMITTED:
        raise WrongState(wish.status.value, "review")
    free_to_decide(wish.review_claim, person.id, over=await wishes.ended_review(wish.id))


@dataclass(frozen=True)
class Approval:
    """What happened to one wish: approved, or refused with the code of the refusal."""

    wish_id: str
    refused: str | None = None


async def approve_wishes(wish_ids: Sequence[str], asked: Asked, *, versions: Mapping[str, int]) -> list[Approval]:
    """Publish each as its resident wrote it (WishPosted), by a guarded write of its own; one refused stops none.

    versions: of those wishes that were read before, as they were then.
    """
    return [await _approve(wish_id, versions.get(wish_id), asked) for wish_id in dict.fromkeys(wish_ids)]


async def _approve(wish_id: str, version: int | None, asked: Asked) -> Approval:
    try:
        await review_wish(wish_id, ReviewWish(ReviewDecision.APPROVE, version=version), asked)
    except (DomainError, Refusal) as refusal:
        return Approval(wish_id, refusal.code)
    return Approval(wish_id)
