"""One adoption and its way, as one table.

note_progress, extend, change_partners, name_handler, propose_handover
┌───┐
(claimed) ──▶ active ──report_delivery──▶ delivered ──confirm──▶ confirmed
│ │ │ ◀──────dispute────────┘
release ◀┘ │ └▶ revoke
(released) lapse  (revoked)
(lapsed)
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from adoption_service.domain.errors import NotActive
from adoption_service.domain.lease import half_way
from microwish.events import Actor
from microwish.events.adoption import FlagKind, OrganisationRef, RevocationCause


class AdoptionState(StrEnum):
    """Where an adoption stands."""

    ACTIVE = "active"
    """办理中: a lease runs."""
    DELIVERED = "delivered"
    """已送达: waits for the resident's word."""
    CONFIRMED = "confirmed"
    """已圆梦: only this counts as done."""
    RELEASED = "released"
    """已释放: the organisation let it go."""
    LAPSED = "lapsed"
    """超期释放: the lease ran out."""
    REVOKED = "revoked"
    """已撤销: taken back by staff, or because the wish or the organisation ended."""


HOLDING = frozenset({AdoptionState.ACTIVE, AdoptionState.DELIVERED, AdoptionState.CONFIRMED})
"""These occupy a slot; the others have ended."""


class Step(StrEnum):
    """What can happen to an adoption."""

    NOTE_PROGRESS = "note_progress"
    EXTEND = "extend"
    CHANGE_PARTNERS = "change_partners"
    NAME_HANDLER = "name_handler"
    PROPOSE_HANDOVER = "propose_handover"
    REPORT_DELIVERY = "report_delivery"
    RELEASE = "release"
    LAPSE = "lapse"
    REVOKE = "revoke"
    CONFIRM = "confirm"
    DISPUTE = "dispute"


TRANSITIONS: dict[tuple[AdoptionState, Step], AdoptionState] = {
    (AdoptionState.ACTIVE, Step.NOTE_PROGRESS): AdoptionState.ACTIVE,
    (AdoptionState.ACTIVE, Step.EXTEND): AdoptionState.ACTIVE,
    (AdoptionState.ACTIVE, Step.CHANGE_PARTNERS): AdoptionState.ACTIVE,
    (AdoptionState.ACTIVE, Step.NAME_HANDLER): AdoptionState.ACTIVE,
    (AdoptionState.ACTIVE, Step.PROPOSE_HANDOVER): AdoptionState.ACTIVE,
    (AdoptionState.ACTIVE, Step.REPORT_DELIVERY): AdoptionState.DELIVERED,
    (AdoptionState.ACTIVE, Step.RELEASE): AdoptionState.RELEASED,
    (AdoptionState.ACTIVE, Step.LAPSE): AdoptionState.LAPSED,
    (AdoptionState.ACTIVE, Step.REVOKE): AdoptionState.REVOKED,
    # Whether it came is the resident's word alone, even if the organisation has not reported it.
    (AdoptionState.ACTIVE, Step.CONFIRM): AdoptionState.CONFIRMED,
    (AdoptionState.DELIVERED, Step.CONFIRM): AdoptionState.CONFIRMED,
    (AdoptionState.DELIVERED, Step.DISPUTE): AdoptionState.ACTIVE,
}
"""Everything that is possible; a pair that isn't here is refused."""


@dataclass(frozen=True)
class Note:
    """What somebody wrote, sealed, and when it was. organisation: the partner's name, None of the one that leads."""

    at: datetime
    text: str
    organisation: str | None = None


@dataclass(frozen=True)
class Proposal:
    """Staff ask another organisation to take the adoption over. reason: sealed."""

    to: OrganisationRef
    reason: str
    by: Actor
    at: datetime


@dataclass(frozen=True)
class Adoption:
    """One organisation's hold of one slot. Times are aware, in UTC; names, phone, code and texts are sealed.

    organisation: who holds it, and leads where several do (联合认领). partners: who agreed to hold it together with
    it; asked: who has not answered yet. handover: the open question whether another takes it over.
    term_from: when the claim was recorded; the lease counts from there. created_with: fingerprint of the request.
    cause, reason: why it was taken back, let go or disputed last; thanks: the resident's word for the organisation.
    """

    id: str
    organisation: OrganisationRef
    handler_id: str
    handler_name: str
    office_phone: str
    door_code: str
    claimed_at: datetime
    term_from: datetime
    due_at: datetime
    remind_at: datetime | None
    state: AdoptionState = AdoptionState.ACTIVE
    extended: bool = False
    delivered_at: datetime | None = None
    delivery_note: str | None = None
    notes: tuple[Note, ...] = ()
    flags: tuple[FlagKind, ...] = ()
    ended_at: datetime | None = None
    cause: RevocationCause | None = None
    reason: str | None = None
    thanks: str | None = None
    created_with: str | None = None
    partners: tuple[OrganisationRef, ...] = ()
    asked: tuple[OrganisationRef, ...] = ()
    handover: Proposal | None = None

    @property
    def half_at(self) -> datetime:
        """The middle of its term: past it, the adoption counts towards the organisation's limit."""
        return half_way(self.term_from, self.due_at)

    @property
    def wake_at(self) -> datetime | None:
        """When the next timer of this adoption goes off; None if none runs."""
        if self.state is not AdoptionState.ACTIVE:
            return None
        return self.remind_at or self.due_at

    def held_by(self, organisation_id: str) -> bool:
        """Whether the organisation holds this slot, alone, as the one that leads, or as a partner."""
        return any(one.id == organisation_id for one in (self.organisation, *self.partners))

    def can(self, step: Step) -> bool:
        """Whether the table allows the step."""
        return (self.state, step) in TRANSITIONS

    def stepped(self, step: Step, *, at: datetime) -> "Adoption":
        """The adoption after the step. Raises: NotActive where the table has no such step."""
        target = TRANSITIONS.get((self.state, step))
        if target is None:
            raise NotActive(self.state)
        return replace(self, state=target, ended_at=None if target in HOLDING else at)
