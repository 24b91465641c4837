"""Who is told what: one table for every event (design, section 4). What is not told says why.

Each person is told once per event, by the first line that names them. Of a withdrawal a holder may hear through
WishWithdrawn or through the AdoptionRevoked that follows it: both are the same news (`news_of`), and so are all events
that tell who is asked to hold one adoption together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from microwish.events import Event, adoption, contact, notify, signin, wish
from microwish.events.notify import Channel
from notify_service.domain.known import KnownWish

BOTH = (Channel.WECHAT, Channel.SMS)
SMS_ONLY = (Channel.SMS,)


class Audience(StrEnum):
    """Who an event concerns, found in its payload and in what this service knows."""

    PHONE = "phone"
    """Whoever holds the phone that asks for a sign-in code."""
    RESIDENT = "resident"
    """Whose wish it is; without an account, the contact of the wish."""
    HANDLER = "handler"
    """Who handles the adoption that the event is about; if nobody is named, the organisation's managers."""
    HANDLERS = "handlers"
    """The handlers of all adoptions that the event names."""
    HOLDERS = "holders"
    """The handlers of all adoptions that stand."""
    MANAGERS = "managers"
    """The managers of the organisation that the event names."""
    FOLLOWERS = "followers"
    """Managers of verified organisations that follow the community and the category."""
    STAFF = "staff"
    """Who serves the community of the wish."""
    MEMBER = "member"
    """The person who joined, changed role or left."""
    INVITED = "invited"
    """Whoever holds the phone that an organisation invited; they have no account yet."""
    ASKED = "asked"
    """The managers of the organisations that are asked to hold an adoption together."""


class Mode(StrEnum):
    """How soon, and whether in words of its own (ADR 0030)."""

    URGENT = "urgent"
    """Somebody waits for it this very minute: at any hour."""
    PROMPT = "prompt"
    """Its reader must act, or stay safe at the door: at once, never merged. In quiet hours it is the first thing in the
    morning, still on its own: what it says stands in no digest (a code at the door, a place kept until a time), and who
    is invited by phone has no account in which to look it up. None of it is worth waking somebody: nobody visits at
    night, offers and invitations last for days."""
    NORMAL = "normal"
    """Its reader should know: one message with what else happens to the wish within minutes; in quiet hours part of the
    morning's digest."""
    DIGEST = "digest"
    """News of a day at work: in the morning digest."""
    AS_CHOSEN = "as_chosen"
    """PROMPT or DIGEST, as the organisation chose."""


def _always(_event: Event) -> bool:
    return True


@dataclass(frozen=True)
class Told:
    """One audience of one event. `channels` is the order of preference where the person has chosen them all."""

    audience: Audience
    template: str
    mode: Mode = Mode.NORMAL
    channels: tuple[Channel, ...] = BOTH
    if_: Callable[[Event], bool] = _always


def _wish_goes_on(event: Event) -> bool:
    """The holder is gone but the wish stays open: otherwise the wish's own event tells the resident."""
    causes = {adoption.RevocationCause.STAFF, adoption.RevocationCause.ORGANISATION_SUSPENDED}
    return not isinstance(event, adoption.AdoptionRevoked) or event.cause in causes


def _withdrawn(event: Event) -> bool:
    return isinstance(event, adoption.AdoptionRevoked) and event.cause is adoption.RevocationCause.WITHDRAWN


def _not_withdrawn(event: Event) -> bool:
    return not _withdrawn(event)


def _left(event: Event) -> bool:
    return isinstance(event, adoption.MemberChanged) and event.role is None


def _stays(event: Event) -> bool:
    return not _left(event)


def _with_code(event: Event) -> bool:
    """Another code holds at the door: without one nothing changes that the resident has to know."""
    return isinstance(event, adoption.HandlerNamed) and event.door_code is not None


def _ran_out(event: Event) -> bool:
    return isinstance(event, adoption.OfferEnded) and event.end is adoption.OfferEnd.EXPIRED


RULES: dict[type[Event], tuple[Told, ...]] = {
    signin.SignInCodeIssued: (Told(Audience.PHONE, "signin_code.v1", Mode.URGENT, SMS_ONLY),),
    wish.WishSubmitted: (Told(Audience.STAFF, "digest_staff.v1", Mode.DIGEST),),
    wish.WishReturned: (Told(Audience.RESIDENT, "wish_returned.v1"),),
    wish.WishRejected: (Told(Audience.RESIDENT, "wish_rejected.v1"),),
    wish.WishMerged: (Told(Audience.RESIDENT, "wish_merged.v1"),),
    wish.WishTakenDown: (Told(Audience.RESIDENT, "wish_taken_down.v1"),),
    wish.WishClosed: (Told(Audience.RESIDENT, "wish_closed.v1"),),
    wish.WishPosted: (
        Told(Audience.RESIDENT, "wish_posted.v1"),
        Told(Audience.FOLLOWERS, "wish_posted_follower.v1", Mode.AS_CHOSEN),
    ),
    adoption.WishAdopted: (
        Told(Audience.RESIDENT, "wish_adopted.v1", Mode.PROMPT),
        Told(Audience.HANDLER, "wish_adopted_handler.v1"),
        Told(Audience.STAFF, "digest_staff.v1", Mode.DIGEST),
    ),
    adoption.HandlerNamed: (
        Told(Audience.RESIDENT, "handler_named.v1", Mode.PROMPT, if_=_with_code),
        Told(Audience.HANDLER, "handler_named_handler.v1", Mode.PROMPT),
    ),
    adoption.HandoverProposed: (Told(Audience.MANAGERS, "handover_proposed.v1", Mode.PROMPT),),
    adoption.LeaseReminderDue: (Told(Audience.HANDLER, "lease_reminder.v1"),),
    adoption.AdoptionLapsed: (
        Told(Audience.HANDLER, "adoption_lapsed.v1", Mode.PROMPT),
        Told(Audience.RESIDENT, "holder_gone.v1", Mode.PROMPT),
    ),
    adoption.AdoptionReleased: (Told(Audience.RESIDENT, "holder_gone.v1", Mode.PROMPT),),
    adoption.AdoptionRevoked: (
        Told(Audience.HANDLER, "wish_withdrawn_handler.v1", Mode.PROMPT, if_=_withdrawn),
        Told(Audience.HANDLER, "adoption_revoked.v1", Mode.PROMPT, if_=_not_withdrawn),
        Told(Audience.RESIDENT, "holder_gone.v1", Mode.PROMPT, if_=_wish_goes_on),
    ),
    adoption.PartnersChanged: (Told(Audience.ASKED, "partner_asked.v1", Mode.PROMPT),),
    adoption.SlotOffered: (Told(Audience.MANAGERS, "slot_offered.v1", Mode.PROMPT),),
    adoption.OfferEnded: (Told(Audience.MANAGERS, "offer_expired.v1", if_=_ran_out),),
    adoption.RecommendationDeclined: (Told(Audience.STAFF, "recommendation_declined_staff.v1"),),
    wish.WishRecommended: (Told(Audience.MANAGERS, "wish_recommended.v1", Mode.PROMPT),),
    adoption.DeliveryReported: (Told(Audience.RESIDENT, "delivery_reported.v1"),),
    wish.ConfirmationReminderDue: (Told(Audience.RESIDENT, "confirmation_reminder.v1"),),
    wish.DeliveryDisputed: (
        Told(Audience.HANDLER, "delivery_disputed.v1"),
        Told(Audience.STAFF, "delivery_disputed_staff.v1"),
    ),
    adoption.AdoptionFlagged: (
        Told(Audience.HANDLER, "adoption_flagged.v1", Mode.PROMPT),
        Told(Audience.STAFF, "adoption_flagged_staff.v1"),
    ),
    wish.WishFulfilled: (
        Told(Audience.RESIDENT, "wish_fulfilled.v1"),
        Told(Audience.HANDLERS, "wish_fulfilled_handler.v1"),
    ),
    wish.WishWithdrawn: (
        Told(Audience.RESIDENT, "wish_withdrawn.v1"),
        Told(Audience.HOLDERS, "wish_withdrawn_handler.v1", Mode.PROMPT),
    ),
    adoption.OrganisationVerified: (Told(Audience.MANAGERS, "organisation_verified.v1"),),
    adoption.OrganisationRefused: (Told(Audience.MANAGERS, "organisation_refused.v1"),),
    adoption.OrganisationSuspended: (Told(Audience.MANAGERS, "organisation_suspended.v1", Mode.PROMPT),),
    adoption.LimitLifted: (Told(Audience.MANAGERS, "limit_lifted.v1"),),
    adoption.MemberInvited: (Told(Audience.INVITED, "member_invited.v1", Mode.PROMPT, SMS_ONLY),),
    adoption.MemberChanged: (
        Told(Audience.MEMBER, "member_joined.v1", if_=_stays),
        Told(Audience.MEMBER, "member_left.v1", if_=_left),
        Told(Audience.MANAGERS, "member_changed_manager.v1", Mode.PROMPT),
    ),
}
"""Every event that somebody is told of."""

SILENT: dict[type[Event], str] = {
    wish.WishRevised: "its readers see it on the wish's page",
    wish.WishMoved: "nothing changes for who asked or who holds it; the wish's page shows its community",
    wish.DeliveryConfirmed: "WishFulfilled says thank you when the last slot is confirmed",
    wish.StaffTaskOpened: "tasks stand on the staff desk",
    wish.StaffTaskDone: "tasks stand on the staff desk",
    wish.StaffAssigned: "a fact about staff that this service only needs to know",
    wish.PersonErased: "who asked to be forgotten is not written to",
    wish.CommunitySaved: "concerns nobody in person",
    wish.CommunityMoved: "concerns nobody in person",
    wish.CampaignSaved: "concerns nobody in person",
    adoption.AdoptionExtended: "the resident's page shows the new day",
    adoption.ProgressNoted: "the resident's page shows how far it is",
    adoption.QueueChanged: "an organisation sees its place on its board",
    adoption.HandoverEnded: "AdoptionRevoked and WishAdopted tell of one that was accepted",
    adoption.InvitationEnded: "MemberChanged tells of who joined; one that is void needs no answer",
    adoption.ContactRead: "the resident's access log shows it",
    adoption.OrganisationRegistered: "staff see it in their queue, its manager has just done it",
    adoption.OrganisationChanged: "a public fact that this service only needs to know",
    adoption.FollowingChanged: "its manager has just chosen it",
    contact.ContactSaved: "how to reach somebody is never news",
    notify.MessageSent: "this service's own",
    notify.MessageDelivered: "this service's own",
    notify.MessageFailed: "this service's own",
}
"""Events that nobody is told of, and why."""


def overtaken(event: Event, known: KnownWish | None) -> bool:
    """Whether later news makes this wrong: a claim that crossed the end of its wish must not have the last word.

    Both are told of that end (design, section 3), and that nobody comes.
    """
    return isinstance(event, adoption.WishAdopted) and known is not None and known.over


def told_of(event: Event) -> tuple[Told, ...]:
    """The lines of the table that apply to this very event."""
    return tuple(line for line in RULES.get(type(event), ()) if line.if_(event))


def news_of(event: Event, event_id: str) -> str:
    """What two events that bring the same news have in common; else the event's own id."""
    if isinstance(event, wish.WishWithdrawn) or _withdrawn(event):
        return f"withdrawal:{event.subject_id}"
    if isinstance(event, adoption.PartnersChanged):
        # It lists everybody who is asked, not who is new: each manager hears once that this adoption asks for them.
        return f"partners:{event.adoption_id}"
    return event_id
