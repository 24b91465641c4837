"""An organisation: who acts for it, and whether staff trust it.

pending ──approve──▶ verified ──suspend──▶ suspended
└────refuse────▶ refused                    │
refused, suspended ──approve──▶ verified ◀─────┘

A verified or suspended one that wants another name or area keeps its state meanwhile: the change waits for staff.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from adoption_service.domain.errors import LastManager, NotManager, NotMember, NotVerified, WrongState
from microwish.events.adoption import MemberRole, OrganisationKind, OrganisationRef


class OrganisationState(StrEnum):
    """Whether it may claim."""

    PENDING = "pending"
    VERIFIED = "verified"
    REFUSED = "refused"
    SUSPENDED = "suspended"


class Verdict(StrEnum):
    """What staff decide."""

    APPROVE = "approve"
    REFUSE = "refuse"
    SUSPEND = "suspend"


VERDICTS: dict[tuple[OrganisationState, Verdict], OrganisationState] = {
    (OrganisationState.PENDING, Verdict.APPROVE): OrganisationState.VERIFIED,
    (OrganisationState.PENDING, Verdict.REFUSE): OrganisationState.REFUSED,
    (OrganisationState.REFUSED, Verdict.APPROVE): OrganisationState.VERIFIED,
    (OrganisationState.VERIFIED, Verdict.SUSPEND): OrganisationState.SUSPENDED,
    (OrganisationState.SUSPENDED, Verdict.APPROVE): OrganisationState.VERIFIED,
}
"""Everything that staff can decide; a pair that isn't here is refused."""


@dataclass(frozen=True)
class Member:
    """A person who acts for an organisation. name: sealed for `organisation:<id>`."""

    person_id: str
    role: MemberRole
    name: str


@dataclass(frozen=True)
class Invitation:
    """A person asked by phone who has not signed in yet. name: sealed for `organisation:<id>`; phone: for its contact,
    `contact:<invitation id>`. phone_index: the blind index, by which the person is recognised.
    """

    id: str
    role: MemberRole
    name: str
    phone: str
    phone_index: str
    at: datetime
    until: datetime


@dataclass(frozen=True)
class Limit:
    """How many adoptions past half their term it may have and still claim, until a moment."""

    allowed: int
    until: datetime


@dataclass(frozen=True)
class PendingChange:
    """Another name or area that staff have not confirmed yet."""

    id: str
    name: str
    scope: str


@dataclass(frozen=True)
class Departed:
    """Somebody who is no member any more, and whose active adoptions need another handler.

    successor: the manager who takes them over, if still one. until: when no claim from before can arrive any more.
    """

    person_id: str
    successor: str | None
    until: datetime


@dataclass(frozen=True)
class Organisation:
    """scope: a division-code prefix. office_phone: sealed for `contact:<id>`; contact_person: whose it is, by name."""

    id: str
    name: str
    kind: OrganisationKind
    state: OrganisationState
    scope: str
    members: tuple[Member, ...]
    office_phone: str
    invitations: tuple[Invitation, ...] = ()
    limit: Limit | None = None
    change: PendingChange | None = None
    departed: tuple[Departed, ...] = ()
    contact_person: str | None = None

    @property
    def ref(self) -> OrganisationRef:
        """As the public knows it."""
        return OrganisationRef(id=self.id, name=self.name, kind=self.kind)

    def member(self, person_id: str) -> Member:
        """A member. Raises: NotMember."""
        for member in self.members:
            if member.person_id == person_id:
                return member
        raise NotMember

    def manager(self, person_id: str) -> Member:
        """A member who is a manager. Raises: NotMember, NotManager."""
        member = self.member(person_id)
        if member.role is not MemberRole.MANAGER:
            raise NotManager
        return member

    def may_claim(self) -> None:
        """Raises: NotVerified."""
        if self.state is not OrganisationState.VERIFIED:
            raise NotVerified

    def allowed(self, now: datetime, default: int) -> int:
        """How many adoptions past half their term it may have now: what staff allowed while that lasts."""
        return self.limit.allowed if self.limit is not None and now < self.limit.until else default

    @property
    def managers(self) -> tuple[Member, ...]:
        """Who manages it, the longest-standing first."""
        return tuple(one for one in self.members if one.role is MemberRole.MANAGER)

    def judged(self, verdict: Verdict) -> OrganisationState:
        """Its state after a verdict. Raises: WrongState."""
        target = VERDICTS.get((self.state, verdict))
        if target is None:
            raise WrongState(self.state)
        return target

    def with_member(self, member: Member) -> tuple[Member, ...]:
        """The members with this one added or in a new role. Raises: LastManager."""
        others = (one for one in self.members if one.person_id != member.person_id)
        return self._managed((*others, member))

    def without_member(self, person_id: str) -> tuple[Member, ...]:
        """The members without this one. Raises: NotMember, LastManager."""
        self.member(person_id)
        return self._managed(tuple(one for one in self.members if one.person_id != person_id))

    def _managed(self, members: tuple[Member, ...]) -> tuple[Member, ...]:
        if not any(member.role is MemberRole.MANAGER for member in members):
            raise LastManager
        return members
