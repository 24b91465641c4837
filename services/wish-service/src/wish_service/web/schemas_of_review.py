"""What requests of the review desk hold."""

from typing import Annotated

from pydantic import Field, StringConstraints

from wish_service.web.schemas import Body, Reason, ReasonCode, Version

APPROVED_AT_ONCE = 50

WishId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]


class Reasoned(Body):
    """A reason that the people concerned will read: one of the catalogue, in words, or both."""

    reason: Reason | None = None
    reason_code: ReasonCode | None = None


class Approvals(Body):
    """Wishes to publish as their residents wrote them. versions: of those that were read before, as they were then."""

    wish_ids: Annotated[list[WishId], Field(min_length=1, max_length=APPROVED_AT_ONCE)]
    versions: dict[WishId, Version] = Field(default_factory=dict, max_length=APPROVED_AT_ONCE)
