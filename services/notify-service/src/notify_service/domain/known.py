"""What this service knows of others' facts, as plain values; a row that has not come yet is simply not known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class KnownAdoption:
    """One organisation's hold on a wish. `stands` is false once it was released, lapsed or revoked."""

    organisation_id: str
    organisation_name: str
    handler_id: str | None
    stands: bool
    due_at: datetime | None = None


@dataclass(frozen=True)
class KnownWish:
    """A wish: whose, what it is called in public, where, and who holds it.

    heard: whether wish-service's own events have come; before that only adoptions may be known.
    over: it was withdrawn, taken down, merged or closed: nobody goes there on its account any more.
    """

    id: str
    heard: bool = False
    resident_id: str | None = None
    title: str | None = None
    community: str | None = None
    adoptions: Mapping[str, KnownAdoption] = field(default_factory=dict)
    over: bool = False


@dataclass(frozen=True)
class KnownOrganisation:
    """An organisation and the people who manage it."""

    id: str
    name: str
    managers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Waiting:
    """Something must be heard of first: keys such as `contact:<id>`, `wish:<id>`, `organisation:<id>`."""

    keys: tuple[str, ...]


def contact_key(id: str) -> str:
    """What a message waits for when a contact is missing."""
    return f"contact:{id}"


def wish_key(id: str) -> str:
    """What waits for something about a wish or its adoptions."""
    return f"wish:{id}"


def organisation_key(id: str) -> str:
    """What waits for something about an organisation."""
    return f"organisation:{id}"
