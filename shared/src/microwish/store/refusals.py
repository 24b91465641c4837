"""Why a write was not done.

Refusal ── NotFound          no such aggregate
├─ AlreadyExists     created before, without a key or by somebody else
├─ KeyReused         the same Idempotency-Key with another request
└─ Busy              try again in a while (503 busy): an event that acts here waits instead of failing
├─ OutboxFull     500 unsent events: the broker has been away for long
└─ Contended      many writers at once
"""


class Refusal(Exception):
    """The write was not done; nothing changed."""

    code = "refused"


class NotFound(Refusal):
    """No such aggregate."""

    code = "not_found"


class AlreadyExists(Refusal):
    """There is one by this id already."""

    code = "already_exists"


class KeyReused(Refusal):
    """The Idempotency-Key was used for another request."""

    code = "key_reused"


class Busy(Refusal):
    """Not now; nothing is wrong with the request."""

    code = "busy"


class OutboxFull(Busy):
    """Too many events wait to be sent."""


class Contended(Busy):
    """Other writers were faster every time."""
