"""Who has a wish for review, for some minutes, so that two of the staff don't decide the same one."""

from dataclasses import dataclass
from datetime import datetime

from wish_service.domain.errors import InReview


@dataclass(frozen=True)
class ReviewClaim:
    """by: the person; until: when it ends by itself, by the database's clock."""

    by: str
    until: datetime


def free_to_decide(claim: ReviewClaim | None, person_id: str, *, over: ReviewClaim | None) -> None:
    """Nobody else has it for review. over: the claim that has ended by the database's clock, if one has.

    Without anybody's claim whoever serves the community decides. Raises: InReview.
    """
    if claim is not None and claim.by != person_id and claim != over:
        raise InReview(claim.by, claim.until)
