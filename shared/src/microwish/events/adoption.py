"""What adoption-service publishes: who holds which wish (one stream per wish), and who may (one per organisation)."""

from enum import StrEnum
from typing import ClassVar

from pydantic import Field
from typing_extensions import override

from microwish.events.base import Actor, Category, DivisionPrefix, Event, Id, Moment, Published, Sealed, Source
from microwish.events.topics import Topic


class OrganisationKind(StrEnum):
    """What sort of organisation it is; a company of the area is a resident unit, `company` is from outside."""

    PARTY_ORGANISATION = "party_organisation"
    RESIDENT_UNIT = "resident_unit"
    SOCIAL_ORGANISATION = "social_organisation"
    COMPANY = "company"
    VOLUNTEER_TEAM = "volunteer_team"


class OrganisationRef(Published):
    """An organisation as the public knows it."""

    id: Id
    name: str
    kind: OrganisationKind


class ClaimsEvent(Event):
    """Base of the events of one wish's claims; the stream's subject is the wish's id."""

    topic: ClassVar[Topic] = Topic.ADOPTION
    source: ClassVar[Source] = Source.CLAIMS

    wish_id: Id
    by: Actor

    @property
    @override
    def subject_id(self) -> str:
        return self.wish_id


class AdoptionEvent(ClaimsEvent):
    """Base of the events of one adoption."""

    adoption_id: Id
    organisation_id: Id
    handler_id: Id | None = None


class WishAdopted(AdoptionEvent):
    """An organisation holds a slot until `due_at`, and waits no longer. Who comes is sealed, for the resident alone."""

    organisation: OrganisationRef
    handler_name: Sealed
    office_phone: Sealed
    door_code: Sealed
    claimed_at: Moment
    due_at: Moment


class HandlerNamed(AdoptionEvent):
    """Another person of the organisation handles it from now on, and says another code at the door."""

    handler_name: Sealed
    door_code: Sealed | None = None


class AdoptionExtended(AdoptionEvent):
    """The lease runs until `due_at` now: extended once at the holder's wish, or by the days left after a dispute."""

    due_at: Moment
    reason: Sealed | None = None


class AdoptionReleased(AdoptionEvent):
    """The organisation let it go."""

    reason: Sealed | None = None


class AdoptionLapsed(AdoptionEvent):
    """The lease ran out."""


class RevocationCause(StrEnum):
    """Why an adoption was taken back."""

    STAFF = "staff"
    WITHDRAWN = "withdrawn"
    TAKEN_DOWN = "taken_down"
    MERGED = "merged"
    CLOSED = "closed"
    ORGANISATION_SUSPENDED = "organisation_suspended"


class AdoptionRevoked(AdoptionEvent):
    """Taken back by staff, or because the wish itself ended."""

    cause: RevocationCause
    reason: Sealed | None = None


class FlagKind(StrEnum):
    """What a person has to look at."""

    DELIVERED_AFTER_END = "delivered_after_end"
    CONFIRMED_AFTER_END = "confirmed_after_end"
    DISPUTED_AFTER_END = "disputed_after_end"


class AdoptionFlagged(AdoptionEvent):
    """Two acts crossed; the outcome stands and staff should look at it."""

    flag: FlagKind


class ProgressNoted(AdoptionEvent):
    """The handler wrote how far it is."""

    note: Sealed


class DeliveryReported(AdoptionEvent):
    """The organisation says that it is done."""

    note: Sealed | None = None
    delivered_at: Moment


class SlotOffered(ClaimsEvent):
    """A freed slot is reserved for the first of the waiting list until `until`."""

    organisation_id: Id
    until: Moment


class QueueChanged(ClaimsEvent):
    """The waiting list, first to last."""

    organisation_ids: list[Id]


class OfferEnd(StrEnum):
    """How an offer ended without a claim."""

    EXPIRED = "expired"
    DECLINED = "declined"
    NOT_ENTITLED = "not_entitled"
    """It may not claim any more: suspended, or at its limit."""
    CLOSED = "closed"
    """The wish ended."""


class OfferEnded(ClaimsEvent):
    """A slot is not reserved for this organisation any more, and it did not claim it."""

    organisation_id: Id
    end: OfferEnd


class RecommendationDeclined(ClaimsEvent):
    """An organisation to which staff recommended the wish says no."""

    organisation_id: Id
    reason: Sealed | None = None


class PartnersChanged(AdoptionEvent):
    """Who holds the slot together with the one that leads (联合认领), and who was asked and has not answered."""

    partners: list[OrganisationRef]
    asked_ids: list[Id] = Field(default_factory=list)


class HandoverProposed(AdoptionEvent):
    """Staff ask another organisation to take the adoption over; nothing changes until it agrees."""

    to_organisation_id: Id
    reason: Sealed


class HandoverEnd(StrEnum):
    """What became of the question."""

    ACCEPTED = "accepted"
    """AdoptionRevoked and WishAdopted follow, in the same write."""
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    """Staff took it back, or the adoption is past being handed over."""


class HandoverEnded(AdoptionEvent):
    """The question of a hand-over is answered, or void."""

    to_organisation_id: Id
    end: HandoverEnd


class LeaseReminderDue(AdoptionEvent):
    """The lease ends soon."""

    due_at: Moment


class ContactRead(AdoptionEvent):
    """Somebody read how to reach the resident; the resident can see this."""

    reader_name: Sealed | None = None


class OrganisationEvent(Event):
    """Base of the events of one organisation."""

    topic: ClassVar[Topic] = Topic.ADOPTION
    source: ClassVar[Source] = Source.ORGANISATION

    organisation_id: Id
    by: Actor

    @property
    @override
    def subject_id(self) -> str:
        return self.organisation_id


class OrganisationRegistered(OrganisationEvent):
    """Somebody registered an organisation and is its manager; nobody has checked it yet."""

    name: str
    kind: OrganisationKind
    scope: DivisionPrefix
    manager_id: Id


class OrganisationVerified(OrganisationEvent):
    """Staff have checked it: it may claim."""


class OrganisationRefused(OrganisationEvent):
    """Staff did not accept it."""

    reason: Sealed


class OrganisationSuspended(OrganisationEvent):
    """It may not claim for now; its active adoptions are released."""

    reason: Sealed | None = None


class OrganisationChanged(OrganisationEvent):
    """Its public facts as they are now."""

    name: str
    kind: OrganisationKind
    scope: DivisionPrefix


class MemberRole(StrEnum):
    """What a member may do."""

    MANAGER = "manager"
    HANDLER = "handler"


class MemberChanged(OrganisationEvent):
    """A person joined, changed role, or left (`role` absent)."""

    person_id: Id
    role: MemberRole | None = None


class MemberInvited(OrganisationEvent):
    """A phone that nobody has signed in with yet was invited; its contact is `invitation_id`, on contact.v1."""

    invitation_id: Id
    role: MemberRole


class InvitationEnd(StrEnum):
    """What became of an invitation."""

    JOINED = "joined"
    """MemberChanged follows, in the same write."""
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class InvitationEnded(OrganisationEvent):
    """The invitation is void; its contact is erased."""

    invitation_id: Id
    end: InvitationEnd


class LimitLifted(OrganisationEvent):
    """Staff let it hold more adoptions past half their term than others, until `until`."""

    allowed: int = Field(ge=0)
    until: Moment
    reason: Sealed


class FollowNotice(StrEnum):
    """When an organisation is told of a new wish that it follows."""

    IMMEDIATELY = "immediately"
    DIGEST = "digest"
    NONE = "none"


class FollowingChanged(OrganisationEvent):
    """Which communities (prefixes) and categories it follows; empty categories are all of them."""

    communities: list[DivisionPrefix]
    categories: list[Category] = Field(default_factory=list)
    notify: FollowNotice
