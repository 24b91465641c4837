"""Staff decide about a submitted wish: publish it, ask for more, or refuse it."""

from dataclasses import dataclass
from enum import StrEnum

from microwish.identity.people import Person
from microwish.store.aggregate import Idempotency
from microwish.when import When
from wish_service.domain import review, text_rules
from wish_service.domain.access import as_staff
from wish_service.domain.errors import Fault, InvalidInput
from wish_service.domain.wish import Decision, Wish
from wish_service.store.seals import Seals
from wish_service.store.wishes import Wishes


class ReviewDecision(StrEnum):
    """What a review may decide."""

    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"


@dataclass(frozen=True)
class ReviewWish:
    """A decision. reason: to the resident, needed to return or reject. public_*: by default the resident's words."""

    decision: ReviewDecision
    reason: str | None = None
    public_title: str | None = None
    public_detail: str | None = None


async def review_wish(
    wish_id: str,
    command: ReviewWish,
    *,
    person: Person,
    wishes: Wishes,
    seals: Seals,
    when: When,
    idempotency: Idempotency | None = None,
) -> Wish:
    """Take the decision (WishPosted, WishReturned or WishRejected).

    Raises: InvalidInput, OtherCommunity, NotAllowed, Hidden, WrongState, NotFound, KeyReused.
    """
    if command.decision is not ReviewDecision.APPROVE and not command.reason:
        raise InvalidInput([Fault("reason", "field.missing")])
    reason = seals.for_wish(wish_id, command.reason) if command.reason else ""

    def decide(wish: Wish) -> Decision:
        by = as_staff(person, wish)
        if command.decision is ReviewDecision.RETURN:
            return review.return_to_resident(wish, reason, by, when)
        if command.decision is ReviewDecision.REJECT:
            return review.reject(wish, reason, by, when)
        title, detail = _public_text(wish, command, seals)
        return review.approve(wish, title, detail, by, when)

    return await wishes.change(wish_id, decide, when=when, idempotency=idempotency)


def _public_text(wish: Wish, command: ReviewWish, seals: Seals) -> tuple[str, str]:
    title = command.public_title or seals.of_wish(wish.id, wish.title) or ""
    detail = command.public_detail
    if detail is None:
        detail = seals.of_wish(wish.id, wish.detail) or ""
    faults = text_rules.number_faults(public_title=title, public_detail=detail)
    if faults:
        raise InvalidInput(faults)
    return title, detail
