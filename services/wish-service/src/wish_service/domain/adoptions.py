"""Who holds a wish, as this service knows it from adoption-service, and what that makes of the wish's state."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wish_service.domain.states import Status


class AdoptionState(StrEnum):
    """Where one adoption stands."""

    ACTIVE = "active"
    DELIVERED = "delivered"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    LAPSED = "lapsed"
    REVOKED = "revoked"


HOLDING = frozenset({AdoptionState.ACTIVE, AdoptionState.DELIVERED, AdoptionState.CONFIRMED})
"""The states that occupy a slot."""


@dataclass(frozen=True)
class Partner:
    """An organisation that holds the slot together with the one that leads (联合认领)."""

    organisation_id: str
    name: str
    kind: str


@dataclass(frozen=True)
class Adoption:
    """One organisation's hold on the wish, alone or with partners.

    handler_name, office_phone, door_code and note are sealed.
    """

    id: str
    organisation_id: str
    organisation_name: str
    organisation_kind: str
    claimed_at: datetime
    due_at: datetime
    state: AdoptionState = AdoptionState.ACTIVE
    handler_name: str | None = None
    office_phone: str | None = None
    door_code: str | None = None
    note: str | None = None
    delivered_at: datetime | None = None
    confirmed_at: datetime | None = None
    partners: tuple[Partner, ...] = ()


def held(adoptions: Iterable[Adoption]) -> int:
    """How many slots are taken: active, delivered and confirmed adoptions."""
    return sum(adoption.state in HOLDING for adoption in adoptions)


def road_state(slots: int, adoptions: Iterable[Adoption]) -> Status:
    """The state of a wish on the wall, from its slots and adoptions alone.

    Fulfilled when every slot is confirmed; posted while a slot is free; adopted while somebody is at it; delivered
    when all that is left is to confirm.
    """
    states = [adoption.state for adoption in adoptions if adoption.state in HOLDING]
    if states.count(AdoptionState.CONFIRMED) >= slots:
        return Status.FULFILLED
    if len(states) < slots:
        return Status.POSTED
    return Status.ADOPTED if AdoptionState.ACTIVE in states else Status.DELIVERED
