"""The life of a wish as one table (design, section 3): every state, every step, and where it leads.

`DERIVED`: the state follows from slots and adoptions (`adoptions.road_state`). `STAYS`: the step is recorded and the
state stays. What isn't in the table is refused; texts of refusals and the README's table derive from it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from wish_service.domain.errors import WrongState


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

_S, _P = Status, Step
_BEFORE_REVIEW: dict[Step, Target] = {
    _P.REVISE: _S.SUBMITTED,
    _P.CORRECT_CONTACT: Follow.STAYS,
    _P.MERGE: _S.MERGED,
    _P.WITHDRAW: _S.WITHDRAWN,
    _P.SHOW_CONTACT: Follow.STAYS,
}
_OPEN: dict[Step, Target] = {
    _P.CORRECT_CONTACT: Follow.STAYS,
    _P.MERGE: _S.MERGED,
    _P.WITHDRAW: _S.WITHDRAWN,
    _P.TAKE_DOWN: _S.TAKEN_DOWN,
    _P.CLOSE: _S.CLOSED,  # fulfilled instead, if something was confirmed (够了)
    _P.CONFIRM: Follow.DERIVED,
    _P.DISPUTE: Follow.DERIVED,
    _P.SHOW_CONTACT: Follow.STAYS,
}
_WAITING: dict[Step, Target] = {
    # Somebody has already come: only confirming or disputing leads on.
    _P.CORRECT_CONTACT: Follow.STAYS,
    _P.CONFIRM: Follow.DERIVED,
    _P.DISPUTE: Follow.DERIVED,
    _P.SHOW_CONTACT: Follow.STAYS,
}
_AFTERWARDS: dict[Step, Target] = {
    # A delivery that crossed the end of its wish stands, and may still be confirmed.
    _P.CONFIRM: Follow.STAYS,
}

TABLE: Final[Mapping[Status, Mapping[Step, Target]]] = {
    _S.SUBMITTED: {**_BEFORE_REVIEW, _P.RETURN: _S.RETURNED, _P.REJECT: _S.REJECTED, _P.APPROVE: _S.POSTED},
    _S.RETURNED: _BEFORE_REVIEW,
    _S.REJECTED: {},
    _S.POSTED: _OPEN,
    _S.ADOPTED: _OPEN,
    _S.DELIVERED: _WAITING,
    _S.FULFILLED: _AFTERWARDS,
    _S.MERGED: _AFTERWARDS,
    _S.WITHDRAWN: _AFTERWARDS,
    _S.TAKEN_DOWN: _AFTERWARDS,
    _S.CLOSED: _AFTERWARDS,
}


def target(status: Status, step: Step) -> Target:
    """Where the step leads from here. Raises: WrongState."""
    if step in REACTIONS:
        return Follow.DERIVED if status in ON_THE_ROAD else Follow.STAYS
    found = TABLE[status].get(step)
    if found is None:
        raise WrongState(status.value, step.value)
    return found


def as_markdown() -> str:
    """The table for people, as the README shows it."""
    lines = ["| state | step → where it leads |", "|---|---|"]
    for status, steps in TABLE.items():
        ways = [f"{step.value} → {towards.value}" for step, towards in steps.items()]
        lines.append(f"| {status.value} | {' · '.join(ways) or 'nothing'} |")
    return "\n".join(lines)


def steps_from(status: Status) -> frozenset[Step]:
    """The commands that a wish in this state takes."""
    return frozenset(TABLE[status])
