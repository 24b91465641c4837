"""A relay's hold on the outbox of a document, and how a write that fills the outbox may take it along.

While a lease lasts no other relay sends what the outbox holds. It keeps down what is sent twice; the order of events
does not rest on it, as every relay sends an outbox from its oldest event on, one acknowledged after the other.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from microwish.store.mongo import Collection

FREE: Mapping[str, Any] = {"$lt": ["$relay.until", "$$NOW"]}
"""Of a document that no relay holds, or none any more: what is missing is less than every time."""


@dataclass(frozen=True)
class Lease:
    """token: whose. seconds: how long, by the database's clock from the write on.

    deadline: monotonic seconds of this process, set before the write is sent: never later than the database's end.
    """

    token: str
    seconds: float
    deadline: float

    @classmethod
    def starting(cls, token: str, seconds: float) -> "Lease":
        """A lease whose write is sent from now on."""
        return cls(token, seconds, time.monotonic() + seconds)

    @property
    def value(self) -> dict[str, Any]:
        """What `relay` of the document becomes, as a pipeline expression."""
        return {"token": self.token, "until": {"$add": ["$$NOW", int(self.seconds * 1000)]}}

    @property
    def if_free(self) -> dict[str, Any]:
        """The same for a write that must leave another's lease alone."""
        return {"$cond": [FREE, self.value, "$relay"]}


class OutboxRelay(Protocol):
    """The relay of this process, as the stores know it."""

    def lease(self) -> Lease | None:
        """What the next write takes along, so that the relay need not take the document; None if it is not ready."""

    def wake(self, collection: Collection, id: str, lease: Lease | None) -> None:
        """This document has something to send now; lease: what the write asked for."""
