"""The life of a message as one table: from which states each step leads, and where to (design, section 6).

awaiting ─ready→ queued ─take→ sending ─accepted→ sent ─delivered→ delivered
└─give_up→ failed   ↑          ├─lost→ unknown ─accepted/delivered→ …  └─undelivered→ undelivered
                    │          ├─refused→ failed  └─never_accepted→ queued
                    └─retry, fall_back─┘
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a message stands."""

    AWAITING = "awaiting"
    """A contact or a wish that it needs has not been heard of yet."""
    QUEUED = "queued"
    SENDING = "sending"
    """Taken by one process, with an out id and a deadline."""
    SENT = "sent"
    """The provider accepted it."""
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    """The provider accepted it, and it did not reach the person."""
    UNKNOWN = "unknown"
    """Whether the provider accepted it can't be known yet; never sent again on a guess."""
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    """Recorded, on purpose not sent: late, expired, erased, or not wanted."""


class Step(StrEnum):
    """What can happen to it."""

    READY = "ready"
    WAIT = "wait"
    GIVE_UP = "give_up"
    SUPPRESS = "suppress"
    TAKE = "take"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REFUSED = "refused"
    RETRY = "retry"
    """Refused for now: the same provider again, not before a time."""
    FALL_BACK = "fall_back"
    """Refused, or accepted and not delivered: by another provider or channel."""
    LOST = "lost"
    NEVER_ACCEPTED = "never_accepted"
    RESEND = "resend"


@dataclass(frozen=True)
class Way:
    """A step leads from any of these states to one."""

    sources: frozenset[State]
    target: State


def _way(target: State, *sources: State) -> Way:
    return Way(frozenset(sources), target)


STEPS: dict[Step, Way] = {
    Step.READY: _way(State.QUEUED, State.AWAITING),
    Step.WAIT: _way(State.AWAITING, State.QUEUED),
    Step.GIVE_UP: _way(State.FAILED, State.AWAITING, State.QUEUED),
    Step.SUPPRESS: _way(State.SUPPRESSED, State.AWAITING, State.QUEUED),
    Step.TAKE: _way(State.SENDING, State.QUEUED),
    # What a provider says counts also when the process that asked was too slow and had been given up.
    Step.ACCEPTED: _way(State.SENT, State.SENDING, State.UNKNOWN),
    Step.DELIVERED: _way(State.DELIVERED, State.SENDING, State.UNKNOWN, State.SENT),
    Step.UNDELIVERED: _way(State.UNDELIVERED, State.SENDING, State.UNKNOWN, State.SENT),
    Step.REFUSED: _way(State.FAILED, State.SENDING, State.UNKNOWN, State.SENT),
    Step.RETRY: _way(State.QUEUED, State.SENDING, State.UNKNOWN),
    Step.FALL_BACK: _way(State.QUEUED, State.SENDING, State.UNKNOWN, State.SENT),
    Step.LOST: _way(State.UNKNOWN, State.SENDING),
    Step.NEVER_ACCEPTED: _way(State.QUEUED, State.UNKNOWN),
    Step.RESEND: _way(State.QUEUED, State.FAILED, State.UNDELIVERED),
}


class Cause(StrEnum):
    """Why a message failed or was suppressed; stable codes."""

    NO_CONTACT = "no_contact"
    """Nobody told us within a day how to reach the person."""
    TELEPHONE = "telephone"
    """Neither a mobile nor WeChat: staff call (电话告知)."""
    NO_AUDIENCE = "no_audience"
    """Nobody told us within a day whom the event concerns."""
    UNREADABLE = "unreadable"
    """What it should say can't be opened with the keys we have."""
    LATE = "late"
    """The event is older than its use."""
    EXPIRED = "expired"
    """A sign-in code past its time."""
    OVERTAKEN = "overtaken"
    """Later news has made it wrong."""
    ERASED = "erased"
    """The person asked to be forgotten."""
    PREFERENCE = "preference"
    """The person does not want this one."""
    OPTED_OUT = "opted_out"
    """The person wants nothing more by any channel that is left."""
    EXHAUSTED = "exhausted"
    """Tried as often as it may be, and refused each time."""


def too_late(happened: datetime, now: datetime, use_seconds: float) -> bool:
    """Whether an event is older than its use, so that telling it would only confuse (24 h unless set otherwise)."""
    return (now - happened).total_seconds() > use_seconds
