"""Staff decide about a submitted wish: publish it, ask for more, or refuse it."""

from dataclasses import dataclass
from enum import StrEnum

from wish_service.domain import review, text_rules
from wish_service.domain.access import as_staff
from wish_service.domain.errors import Fault, InvalidInput
from wish_service.domain.wish import Decision, Wish
from wish_service.store.seals import Seals
from wish_service.use_cases.asked import Asked


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
    asked: Asked,
) -> Wish:
    """Take the decision (WishPosted, WishReturned or WishRejected).

    Raises: InvalidInput, OtherCommunity.
    """
    if command.decision is not ReviewDecision.APPROVE and not command.reason:
        raise InvalidInput([Fault("reason", "field.missing")])
    reason = asked.seals.for_wish(wish_id, command.reason) if command.reason else ""

    def decide(wish: Wish) -> Decision:
        by = as_staff(asked.person, wish)
        if command.decision is ReviewDecision.RETURN:
            return review.return_to_resident(wish, reason, by, asked.when)
        if command.decision is ReviewDecision.REJECT:
            return review.reject(wish, reason, by, asked.when)
        title, detail = _public_text(wish, command, asked.seals)
        return review.approve(wish, title, detail, by, asked.when)

    return await asked.change(wish_id, decide)


def _public_text(wish: Wish, command: ReviewWish, seals: Seals) -> tuple[str, str]:
    title = command.public_title or seals.of_wish(wish.id, wish.title) or ""
    detail = command.public_detail
    if detail is None:
        detail = seals.of_wish(wish.id, wish.detail) or ""
    faults = text_rules.number_faults(public_title=title, public_detail=detail)
    if faults:
        raise InvalidInput(faults)
    return title, detail
