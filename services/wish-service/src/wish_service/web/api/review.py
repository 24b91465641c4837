"""The review queue beyond reading it: have a wish to oneself, give it back, take the next, approve several; reasons."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from wish_service.domain.reasons import CATALOGUE
from wish_service.domain.wish import Wish
from wish_service.use_cases.review_queue import (
    approve_wishes,
    claim_next_review,
    claim_review,
    give_back_review,
)
from wish_service.web.answers.base import answers
from wish_service.web.answers.desk import ApprovalsDone, NextReview, Reasons, WaitingWish
from wish_service.web.api.desk import StaffHere, queue_item
from wish_service.web.caching import cached_json
from wish_service.web.parts import OrderHere, Parts, PartsHere
from wish_service.web.reviewing import review_of, reviewers
from wish_service.web.schemas_of_review import Approvals

router = APIRouter(tags=["desk"])


@router.post("/api/wishes/{wish_id}/review-claim", **answers(WaitingWish))
async def claim(wish_id: str, staff: StaffHere, parts: PartsHere) -> dict[str, Any]:
    """Have the wish for review for some minutes; again: longer. 409 `in_review` while somebody else has it."""
    wish = await claim_review(wish_id, staff, wishes=parts.wishes, claims=parts.review_claims)
    return await reviewed_item(wish, staff.id, parts)


@router.delete("/api/wishes/{wish_id}/review-claim", status_code=204)
async def give_back(wish_id: str, staff: StaffHere, parts: PartsHere) -> Response:
    """Let others review it."""
    await give_back_review(wish_id, staff, wishes=parts.wishes, claims=parts.review_claims)
    return Response(status_code=204)


@router.post("/api/review-queue/next", **answers(NextReview))
async def take_next(staff: StaffHere, parts: PartsHere) -> dict[str, Any]:
    """The wish that the caller has for review, else the longest waiting that nobody has; null if there is none."""
    wish = await claim_next_review(staff, claims=parts.review_claims)
    return {"item": await reviewed_item(wish, staff.id, parts) if wish else None}


@router.post("/api/review-queue/approvals", **answers(ApprovalsDone))
async def approvals(body: Approvals, _staff: StaffHere, order: OrderHere) -> dict[str, Any]:
    """Publish several as their residents wrote them; each answers for itself, refused ones with the code why."""
    done = await approve_wishes(body.wish_ids, order.asked, versions=body.versions)
    return {
        "items": [
            {"wish_id": one.wish_id, "outcome": "refused" if one.refused else "approved", "code": one.refused}
            for one in done
        ]
    }


@router.get("/api/reasons", **answers(Reasons))
async def reasons(request: Request) -> Response:
    """The reasons to choose from, by decision: a code, and what the resident reads in Chinese and in English."""
    items = [
        {"decision": decision.value, "code": reason.code, "zh": reason.zh, "en": reason.en}
        for decision, listed in CATALOGUE.items()
        for reason in listed
    ]
    return cached_json(request, {"items": items, "next_cursor": None})


async def reviewed_item(wish: Wish, person_id: str, parts: Parts) -> dict[str, Any]:
    """A waiting wish with its promised time, and who reviews it until when."""
    names = await reviewers([wish], parts)
    return {**queue_item(wish, parts), "review": review_of(wish, person_id, names, parts)}
