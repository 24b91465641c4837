"""Staff decide about a submitted wish: publish it, ask for more, or refuse it."""

import json
from dataclasses import dataclass
from enum import StrEnum

from wish_service.domain import review, text_rules
from wish_service.domain.access import as_staff
from wish_service.domain.campaign import Choice, joined
from wish_service.domain.errors import Fault, InvalidInput
from wish_service.domain.reasons import ReasonFor, readable
from wish_service.domain.reviewing import free_to_decide
from wish_service.domain.states import Status
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
    """A decision. reason: to the resident, needed to return or reject, of the catalogue, in words, or both.

    public_*: by default the resident's words. campaign: None leaves what the resident chose. version: of the wish that
    staff had before them; a resident may revise it while they read.
    """

    decision: ReviewDecision
    reason: str | None = None
    public_title: str | None = None
    public_detail: str | None = None
    reason_code: str | None = None
    campaign: Choice | None = None
    version: int | None = None


async def review_wish(
    wish_id: str,
    command: ReviewWish,
    asked: Asked,
) -> Wish:
    """Take the decision (WishPosted, WishReturned or WishRejected), and let go of the wish.

    Raises: InvalidInput, OtherCommunity, InReview, ChangedMeanwhile.
    """
    reason = asked.seal(wish_id, _reason(command))
    over = await asked.wishes.ended_review(wish_id)

    def decide(wish: Wish) -> Decision:
        by = as_staff(asked.person, wish)
        if wish.status is Status.SUBMITTED:
            free_to_decide(wish.review_claim, asked.person.id, over=over)
            review.as_read(wish, command.version)
        if command.decision is ReviewDecision.RETURN and reason:
            return review.return_to_resident(wish, reason, by, asked.when, reason_code=command.reason_code)
        if command.decision is ReviewDecision.REJECT and reason:
            return review.reject(wish, reason, by, asked.when, reason_code=command.reason_code)
        title, detail = _public_text(wish, command, asked.seals)
        edited = edited_by_staff(wish, title, detail, asked.seals)
        chosen = joined(wish, command.campaign, asked.when.at)
        return review.approve(chosen, title, detail, by, asked.when, edited=edited)

    return await asked.change(wish_id, decide)


def _reason(command: ReviewWish) -> str | None:
    if command.decision is ReviewDecision.APPROVE:
        return None
    return needed_reason(ReasonFor(command.decision.value), command.reason_code, command.reason)


def needed_reason(decision: ReasonFor, code: str | None, words: str | None) -> str:
    """What the resident will read. Raises: InvalidInput."""
    reason = readable(decision, code, words)
    if not reason:
        raise InvalidInput([Fault("reason", "field.missing")])
    return reason


def edited_by_staff(wish: Wish, title: str, detail: str, seals: Seals) -> str | None:
    """The fields whose public text is not the resident's, each as it was and as it is, sealed; None for none."""
    original = {"title": seals.of_wish(wish.id, wish.title) or "", "detail": seals.of_wish(wish.id, wish.detail) or ""}
    public = {"title": title, "detail": detail}
    changed = {name: [words, public[name]] for name, words in original.items() if words != public[name]}
    return seals.for_wish(wish.id, json.dumps(changed, ensure_ascii=False)) if changed else None


def _public_text(wish: Wish, command: ReviewWish, seals: Seals) -> tuple[str, str]:
    title = command.public_title or seals.of_wish(wish.id, wish.title) or ""
    detail = command.public_detail
    if detail is None:
        detail = seals.of_wish(wish.id, wish.detail) or ""
    faults = text_rules.number_faults(public_title=title, public_detail=detail)
    if faults:
        raise InvalidInput(faults)
    return title, detail
