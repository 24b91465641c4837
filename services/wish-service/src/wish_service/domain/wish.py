"""A wish, the table of its life (design, section 3), and how a step is taken: state, timeline and events together.

In the table `DERIVED` says that the state follows from slots and adoptions (`adoptions.road_state`), `STAYS` that the
step is recorded and the state stays. What isn't in it is refused; tests, the texts of refusals and the README's table
all derive from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from microwish.events import Actor, Category, Community, Event
from microwish.when import When
from wish_service.domain.adoptions import Adoption, AdoptionState, road_state
from wish_service.domain.consents import NOT_RECORDED, Consents
from wish_service.domain.errors import AdoptionNotFound, WrongState
from wish_service.domain.photos import Photo
from wish_service.domain.reviewing import ReviewClaim
from wish_service.domain.states import ON_THE_ROAD, REACTIONS, Follow, Status, Step, Target
from wish_service.domain.timers import Timer, WishTask

_S, _P = Status, Step
# Photos may come while somebody works on the wish, and go at any time: they are the resident's own.
_UNWANTED: dict[Step, Target] = {_P.REMOVE_PHOTO: Follow.STAYS}
_SEEN: dict[Step, Target] = {_P.APPROVE_PHOTO: Follow.STAYS, **_UNWANTED}
_PHOTOS: dict[Step, Target] = {_P.ADD_PHOTO: Follow.STAYS, **_SEEN}
_BEFORE_REVIEW: dict[Step, Target] = {
    _P.REVISE: _S.SUBMITTED,
    _P.CORRECT_CONTACT: Follow.STAYS,
    _P.MERGE: _S.MERGED,
    _P.WITHDRAW: _S.WITHDRAWN,
    _P.SHOW_CONTACT: Follow.STAYS,
    _P.CALL: Follow.STAYS,
    **_PHOTOS,
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
    _P.CALL: Follow.STAYS,
    **_PHOTOS,
}
_WAITING: dict[Step, Target] = {
    # Somebody has already come: only confirming or disputing leads on. What must not be public goes all the same.
    _P.TAKE_DOWN: _S.TAKEN_DOWN,
    _P.CORRECT_CONTACT: Follow.STAYS,
    _P.CONFIRM: Follow.DERIVED,
    _P.DISPUTE: Follow.DERIVED,
    _P.SHOW_CONTACT: Follow.STAYS,
    _P.CALL: Follow.STAYS,
    **_PHOTOS,
}
_AFTERWARDS: dict[Step, Target] = {
    # A delivery that crossed the end of its wish stands, and may still be confirmed.
    _P.CONFIRM: Follow.STAYS,
    # Its resident may have to be told of the end by telephone, where an open task of staff says so.
    _P.CALL: Follow.STAYS,
    **_UNWANTED,
}

TABLE: Final[Mapping[Status, Mapping[Step, Target]]] = {
    _S.SUBMITTED: {**_BEFORE_REVIEW, _P.RETURN: _S.RETURNED, _P.REJECT: _S.REJECTED, _P.APPROVE: _S.POSTED},
    _S.RETURNED: _BEFORE_REVIEW,
    _S.REJECTED: {_P.CALL: Follow.STAYS, **_UNWANTED},
    _S.POSTED: {**_OPEN, _P.RECOMMEND: Follow.STAYS},
    _S.ADOPTED: _OPEN,
    _S.DELIVERED: _WAITING,
    _S.FULFILLED: {**_AFTERWARDS, **_SEEN},
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


ANONYMOUS = "一位居民"


@dataclass(frozen=True)
class Contact:
    """How to reach the resident, each field sealed for `contact:<wish id>`; masked forms for the desk."""

    name: str
    phone: str
    address: str
    phone_index: str
    name_masked: str
    phone_masked: str
    address_masked: str
    landline: bool = False


@dataclass(frozen=True)
class Entry:
    """One line of the timeline. `why` is sealed for `wish:<id>`; `recorded_*` only where the past was recorded.

    reason_code: the reason of the catalogue that `why` begins with. edited: the resident's words and what staff made of
    them for everybody's eyes, sealed. organisation_id: whom the wish was recommended to.
    """

    at: datetime
    what: str
    by: Actor
    why: str | None = None
    recorded_at: datetime | None = None
    recorded_by: str | None = None
    adoption_id: str | None = None
    organisation_name: str | None = None
    reason_code: str | None = None
    edited: str | None = None
    organisation_id: str | None = None


@dataclass(frozen=True)
class Wish:
    """One wish. title, detail and beneficiary are the resident's own words, sealed; public_* are for everybody.

    received: how often another wish was about to go on in this one (`review.receive`). erased_at: since when nothing
    in it says whose it was (`erasure.py`).
    """

    id: str
    resident_id: str | None
    posted_by: str
    on_behalf: bool
    community: Community
    category: Category
    title: str
    detail: str
    contact: Contact
    submitted_at: datetime
    status: Status = Status.SUBMITTED
    slots: int = 1
    beneficiary: str | None = None
    relation: str | None = None
    for_child: bool = False
    estimated_value_fen: int | None = None
    consents: Consents = NOT_RECORDED
    public_name: str = ANONYMOUS
    public_title: str | None = None
    public_detail: str | None = None
    review_from: datetime | None = None
    posted_at: datetime | None = None
    ended_at: datetime | None = None
    merged_into: str | None = None
    campaign_id: str | None = None
    adoptions: tuple[Adoption, ...] = ()
    timeline: tuple[Entry, ...] = ()
    review_claim: ReviewClaim | None = None
    photos: tuple[Photo, ...] = ()
    recommended: tuple[str, ...] = ()
    received: int = 0
    occasions: int = 0
    timers: tuple[Timer, ...] = ()
    tasks: tuple[WishTask, ...] = ()
    erased_at: datetime | None = None
    version: int = field(default=0, compare=False)

    @property
    def about(self) -> dict[str, Any]:
        """The fields that every event of this wish carries, but for who did it."""
        return {"wish_id": self.id, "resident_id": self.resident_id, "community": self.community.code}

    def adoption(self, adoption_id: str) -> Adoption:
        """The adoption by its id. Raises: AdoptionNotFound."""
        for adoption in self.adoptions:
            if adoption.id == adoption_id:
                return adoption
        raise AdoptionNotFound(adoption_id)

    def with_adoption(self, changed: Adoption) -> tuple[Adoption, ...]:
        """The adoptions with this one in place of the one of its id, or behind them if it is new."""
        others = [changed if adoption.id == changed.id else adoption for adoption in self.adoptions]
        if changed not in others:
            others.append(changed)
        return tuple(others)

    @property
    def reachable(self) -> bool:
        """Whether messages get to its resident: by the mobile of their account, else by that of the wish's contact.

        A contact is told to nobody before the wish is on the wall, so until then no message gets there.
        """
        return self.resident_id is not None or (self.posted_at is not None and not self.contact.landline)

    @property
    def confirmed(self) -> list[Adoption]:
        """The adoptions that count as done."""
        return [adoption for adoption in self.adoptions if adoption.state is AdoptionState.CONFIRMED]


@dataclass(frozen=True)
class Decision:
    """A wish after a step, and the events that tell of it."""

    wish: Wish
    events: tuple[Event, ...] = ()


def entry(
    what: str,
    by: Actor,
    when: When,
    *,
    why: str | None = None,
    adoption: Adoption | None = None,
    reason_code: str | None = None,
    edited: str | None = None,
) -> Entry:
    """A line of the timeline; the past recorded later is marked with when and by whom."""
    past = when.recorded_at != when.at
    return Entry(
        at=when.at,
        what=what,
        by=by,
        why=why,
        recorded_at=when.recorded_at if past else None,
        recorded_by=when.recorded_by if past else None,
        adoption_id=adoption.id if adoption else None,
        organisation_name=adoption.organisation_name if adoption else None,
        reason_code=reason_code,
        edited=edited,
    )


def stepped(wish: Wish, step: Step, line: Entry, events: Sequence[Event] = (), **changes: Any) -> Decision:
    """Take a step of the table: the wish with `changes`, its next state and one more line. Raises: WrongState."""
    towards = target(wish.status, step)
    changed = replace(wish, **changes, timeline=(*wish.timeline, line))
    if towards is Follow.STAYS:
        return Decision(changed, tuple(events))
    status = road_state(changed.slots, changed.adoptions) if towards is Follow.DERIVED else Status(towards.value)
    return Decision(replace(changed, status=status), tuple(events))
