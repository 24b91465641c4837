"""The port to a provider of one channel. Every adapter passes the same suite (tests: `channel_suite`).

Guarantees that an adapter gives:
- `send` with an out id that the provider has accepted before shows nothing a second time and tells what became of it.
- A call ends within the caller's deadline or is cancelled by it; after that its outcome is unknown, until `lookup`.
- `lookup` says NEVER_ACCEPTED only when the provider has not accepted this out id, nor will by a call that has ended.
- `ProviderAway` means that nothing is known; any other exception is a fault of the adapter and treated alike.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from microwish.events.notify import Channel


class Fate(StrEnum):
    """What the provider says of one out id."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    REFUSED = "refused"
    NEVER_ACCEPTED = "never_accepted"


@dataclass(frozen=True)
class Receipt:
    """A provider's word. `cause` is a stable code where it refused."""

    fate: Fate
    cause: str | None = None


@dataclass(frozen=True)
class Outgoing:
    """One message as it leaves, rendered. Never logged: it holds a phone and a text.

    to: the address on the channel (mobile, or openid). phone: the recipient's phone, on which the sandbox shows it.
    """

    out_id: str
    to: str
    phone: str
    text: str
    template: str
    event_type: str
    wish_id: str | None = None


class ProviderAway(Exception):
    """The provider gave no answer: whether it accepted is not known."""


class ChannelAdapter(Protocol):
    """One provider on one channel."""

    channel: Channel
    provider: str

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand it over. Raises: ProviderAway."""
        ...

    async def lookup(self, out_id: str) -> Receipt:
        """What became of an out id. Raises: ProviderAway."""
        ...
