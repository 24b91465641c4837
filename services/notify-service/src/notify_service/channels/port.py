"""The port to a provider of one channel. Every adapter passes the same suite (`channels/conformance.py`).

Guarantees that an adapter gives:
- One call of `send` makes at most one message. Where `repeats_for` is not zero, an out id that comes again within that
  time of its first acceptance shows nothing a second time and tells what became of it.
- A call ends within the caller's deadline or is cancelled by it; after that its outcome is unknown, until `lookup`.
- `lookup` says NEVER_ACCEPTED only when the provider has not accepted this out id, nor will by a call that has ended.
- REFUSED means that the provider did not accept it, and says what that asks of us (`Refusal`). The adapter itself does
  not try again, but for a token that has run out, once.
- `ProviderAway` means that nothing is known; any other exception is a fault of the adapter and treated alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from microwish.events.notify import Channel
from notify_service.domain.templates import Language


class Fate(StrEnum):
    """What the provider says of one out id."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    """Accepted, but it did not reach the person and will not."""
    REFUSED = "refused"
    NEVER_ACCEPTED = "never_accepted"


class Refusal(StrEnum):
    """What a refusal asks of us."""

    LATER = "later"
    """Busy, or too many in a while: the same again later."""
    QUOTA = "quota"
    """Nothing more for anybody until the provider's quota begins anew; ops are told."""
    PERSON = "person"
    """This person can't be reached here: not subscribed, no such address. Another channel may."""
    OPTED_OUT = "opted_out"
    """The person told the provider that they want none: by this channel never again."""
    CONFIGURATION = "configuration"
    """Our signature, template or credentials are wrong: ops are told; another provider may do."""


@dataclass(frozen=True)
class Receipt:
    """A provider's word.

    cause: its stable code where it refused or did not deliver. retry_after: when a LATER or QUOTA is over, if it says
    so. reference: the provider's own id of what it accepted. at: when it happened, if it says so (UTC).
    """

    fate: Fate
    cause: str | None = None
    refusal: Refusal | None = None
    retry_after: timedelta | None = None
    reference: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Outgoing:
    """One message as it leaves, rendered. Never logged: it holds a phone and a text.

    to: the address on the channel (mobile, openid, or the name of a group's robot). phone: the recipient's phone, on
    which the sandbox shows it. text: all of it, as a phone shows it. values: the variables of the template, for
    providers that hold the text themselves.
    """

    out_id: str
    to: str
    phone: str
    text: str
    template: str
    event_type: str
    wish_id: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    language: Language = "zh"
    large_print: bool = False
    """In the form whose links lead to pages in large print."""


@dataclass(frozen=True)
class Sent:
    """What was handed over, for asking what became of it. at: when, by our clock."""

    out_id: str
    to: str
    at: datetime
    reference: str | None = None


@dataclass(frozen=True)
class Report:
    """A provider's later word, brought by a callback: it names what it speaks of by our out id or by its reference."""

    provider: str
    receipt: Receipt
    out_id: str | None = None
    reference: str | None = None


class ProviderAway(Exception):
    """The provider gave no answer, or none that says anything: whether it accepted is not known."""


class ChannelAdapter(Protocol):
    """One provider on one channel. repeats_for: how long it drops an out id that comes again; zero if it does not."""

    channel: Channel
    provider: str
    repeats_for: timedelta

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand it over. Raises: ProviderAway."""
        ...

    async def lookup(self, sent: Sent) -> Receipt:
        """What became of it. Raises: ProviderAway, also where the provider can't say."""
        ...

    async def close(self) -> None:
        """End its connections."""
        ...
