"""The published language: every event of every service, the one thing that all three share.

Event ── WishEvent          WishSubmitted WishReturned WishRejected WishPosted WishRevised WishMoved WishMerged
│                     WishWithdrawn WishTakenDown WishClosed DeliveryConfirmed DeliveryDisputed WishFulfilled
│                     WishRecommended ConfirmationReminderDue
├─ TaskEvent          StaffTaskOpened StaffTaskDone
├─ StaffAssigned, PersonErased, CommunitySaved, CommunityMoved, CampaignSaved
├─ ClaimsEvent ─ AdoptionEvent    WishAdopted … ContactRead, SlotOffered, QueueChanged
├─ OrganisationEvent  OrganisationRegistered … FollowingChanged
├─ ContactSaved, SignInCodeIssued
└─ MessageEvent       MessageSent MessageDelivered MessageFailed
"""

from microwish.events import adoption, contact, notify, signin, wish  # noqa: F401  signin: its events register
from microwish.events.base import (
    CONTACT_SOURCES,
    Actor,
    Category,
    Community,
    Envelope,
    Event,
    Role,
    Source,
    UnknownEvent,
)
from microwish.events.topics import POLICIES, Topic

_ABSTRACT = {
    wish.WishEvent,
    wish.TaskEvent,
    adoption.ClaimsEvent,
    adoption.AdoptionEvent,
    adoption.OrganisationEvent,
    notify.MessageEvent,
    contact.OrganisationContactSaved,
}


def _concrete(base: type[Event]) -> list[type[Event]]:
    found: list[type[Event]] = []
    for child in base.__subclasses__():
        if child not in _ABSTRACT:
            found.append(child)
        found += _concrete(child)
    return found


EVENTS: dict[str, type[Event]] = {event.type_name(): event for event in _concrete(Event)}
"""Every event of this release by its CloudEvents type."""

__all__ = [
    "CONTACT_SOURCES",
    "EVENTS",
    "POLICIES",
    "Actor",
    "Category",
    "Community",
    "Envelope",
    "Event",
    "Role",
    "Source",
    "Topic",
    "UnknownEvent",
]
