"""The words of a wish's life: its states, and the steps that may be taken. Where each leads: the table in `wish.py`."""

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """Where a wish stands. The value is what events, API and views say."""

    SUBMITTED = "submitted"
    """待审核: written, nobody has checked it."""
    RETURNED = "returned"
    """请补充一下: staff ask for something more."""
    REJECTED = "rejected"
    """这次没能发布: with a reason."""
    POSTED = "posted"
    """待认领: on the wall, a slot is free."""
    ADOPTED = "adopted"
    """办理中: no slot is free."""
    DELIVERED = "delivered"
    """待确认: no slot is free and nobody is still at it."""
    FULFILLED = "fulfilled"
    """已圆梦: every slot confirmed, or closed with fewer."""
    MERGED = "merged"
    """已合并: another wish goes on in its place."""
    WITHDRAWN = "withdrawn"
    """已撤回: by its resident."""
    TAKEN_DOWN = "taken_down"
    """已下架: by staff."""
    CLOSED = "closed"
    """已结案: could not be met."""


PUBLIC: Final = frozenset({Status.POSTED, Status.ADOPTED, Status.DELIVERED, Status.FULFILLED})
"""What the wall shows."""

ON_THE_ROAD: Final = frozenset({Status.POSTED, Status.ADOPTED, Status.DELIVERED})
"""The states that follow from slots and adoptions."""

ENDED: Final = frozenset(
    {Status.REJECTED, Status.FULFILLED, Status.MERGED, Status.WITHDRAWN, Status.TAKEN_DOWN, Status.CLOSED}
)
"""Nothing that a person does here brings it back."""


class Step(StrEnum):
    """What may happen to a wish: commands of people first, then what adoption-service tells."""

    REVISE = "revise"
    CORRECT_CONTACT = "correct_contact"
    RETURN = "return"
    REJECT = "reject"
    APPROVE = "approve"
    MERGE = "merge"
    WITHDRAW = "withdraw"
    TAKE_DOWN = "take_down"
    CLOSE = "close"
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    SHOW_CONTACT = "show_contact"
    CALL = "call"
    RECOMMEND = "recommend"
    ADD_PHOTO = "add_photo"
    APPROVE_PHOTO = "approve_photo"
    REMOVE_PHOTO = "remove_photo"
    ADOPTED = "adopted"
    RELEASED = "released"
    LAPSED = "lapsed"
    REVOKED = "revoked"
    REPORTED = "reported"
    NOTED = "noted"


REACTIONS: Final = frozenset({Step.ADOPTED, Step.RELEASED, Step.LAPSED, Step.REVOKED, Step.REPORTED, Step.NOTED})
"""Facts of adoption-service. They are never refused: it alone decides who holds a wish."""


class Follow(StrEnum):
    """A target that isn't a fixed state."""

    DERIVED = "derived"
    STAYS = "stays"


Target = Status | Follow
