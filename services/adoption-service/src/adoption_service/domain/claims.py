"""The claims of one wish: how many slots it has and who holds them.

    unposted ──WishPosted──▶ open ──withdrawn, taken down, merged, closed, fulfilled──▶ closed
        └──────────────────────────── the wish ended before it was posted ────────────────┘

Decisions take the claims as they are and give what they become, with the events and timeline entries to write.
The claim itself is not here: it is one guarded write (`store/claims.py`), since hundreds may contend for one slot.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from adoption_service.domain.adoption import HOLDING, Adoption, AdoptionState, Step
from adoption_service.domain.errors import AlreadyHeld, NotFound, NotYetClaimable, Reserved, Taken, WishClosed
from microwish.events import Actor, Event


class ClaimsState(StrEnum):
    """Whether the wish can be claimed."""

    UNPOSTED = "unposted"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class Offer:
    """A slot reserved for one organisation of the waiting list, until a moment."""

    organisation_id: str
    until: datetime


@dataclass(frozen=True)
class Recommendation:
    """Staff recommended the wish to an organisation, which has not answered yet."""

    organisation_id: str
    at: datetime


@dataclass(frozen=True)
class Entry:
    """One line of the timeline: what was done by whom, and why (sealed, or a code); to which organisation."""

    what: str
    by: Actor
    adoption_id: str | None = None
    why: str | None = None
    organisation_id: str | None = None
    code: str | None = None


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""As a time to wake: at once."""


@dataclass(frozen=True)
class Claims:
    """adoptions hold slots; ended ones wait here until their last event is published.

    queue: the waiting list (候补), first to last. offers: slots reserved, also those that ran out a moment ago.
    """

    wish_id: str
    state: ClaimsState = ClaimsState.UNPOSTED
    slots: int = 0
    community: str = ""
    resident_id: str | None = None
    adoptions: tuple[Adoption, ...] = ()
    ended: tuple[Adoption, ...] = ()
    queue: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    recommended: tuple[Recommendation, ...] = ()

    @property
    def held(self) -> int:
        """How many slots are held: active, delivered and confirmed."""
        return len(self.adoptions)

    @property
    def wake_at(self) -> datetime | None:
        """When there is something to do next: a lease or an offer ends, or, at once, a slot can be offered."""
        leases = [moment for adoption in self.adoptions if (moment := adoption.wake_at)]
        at_once = [EPOCH] if self.can_offer else []
        return min([*leases, *(offer.until for offer in self.offers), *at_once], default=None)

    @property
    def can_offer(self) -> bool:
        """Whether somebody waits for a slot that nobody holds and nobody was offered."""
        return self.state is ClaimsState.OPEN and bool(self.queue) and self.held + len(self.offers) < self.slots

    def live_offers(self, now: datetime) -> int:
        """How many slots are reserved."""
        return sum(offer.until > now for offer in self.offers)

    def offer_to(self, organisation_id: str, now: datetime) -> Offer | None:
        """The live offer that an organisation has."""
        return next((one for one in self.offers if one.organisation_id == organisation_id and one.until > now), None)

    def ahead_of(self, organisation_id: str) -> int:
        """How many wait before it; all of them if it does not wait itself."""
        return self.queue.index(organisation_id) if organisation_id in self.queue else len(self.queue)

    def settled(self, organisation_id: str) -> "Claims":
        """The claims when it holds a slot: it waits no longer, its offer is consumed, a recommendation answered."""
        return replace(
            self,
            queue=tuple(one for one in self.queue if one != organisation_id),
            offers=tuple(one for one in self.offers if one.organisation_id != organisation_id),
            recommended=tuple(one for one in self.recommended if one.organisation_id != organisation_id),
        )

    def holder(self, organisation_id: str) -> Adoption | None:
        """The adoption by which an organisation holds this wish, as the one that leads or as a partner."""
        return next((one for one in self.adoptions if one.held_by(organisation_id)), None)

    def adoption(self, adoption_id: str) -> Adoption:
        """An adoption of this wish that holds a slot or has just ended. Raises: NotFound."""
        for adoption in (*self.adoptions, *self.ended):
            if adoption.id == adoption_id:
                return adoption
        raise NotFound(adoption_id)

    def with_adoption(self, adoption: Adoption) -> "Claims":
        """The claims with this adoption in its new state; one that has ended frees its slot."""
        others = tuple(one for one in self.adoptions if one.id != adoption.id)
        if adoption.state not in HOLDING:
            ended = tuple(one for one in self.ended if one.id != adoption.id)
            return replace(self, adoptions=others, ended=(*ended, adoption))
        kept = tuple(adoption if one.id == adoption.id else one for one in self.adoptions)
        return replace(self, adoptions=kept)


@dataclass(frozen=True)
class Decided:
    """What a decision does: the claims afterwards, what is announced, what the timeline says."""

    claims: Claims
    events: tuple[Event, ...] = ()
    entries: tuple[Entry, ...] = field(default=())

    def then(self, more: "Decided | None") -> "Decided":
        """This decision and one that was made on its outcome."""
        if more is None:
            return self
        return Decided(more.claims, (*self.events, *more.events), (*self.entries, *more.entries))


Decision = Callable[[Claims], Decided | None]
"""Looks at the claims and says what to do; None leaves them as they are."""


def why_refused(claims: Claims | None, organisation_id: str, *, now: datetime) -> Exception | None:
    """Why a claim's write did not hold, read afterwards; None if it would hold now, so that it is worth another try."""
    if claims is None or claims.state is ClaimsState.UNPOSTED:
        return NotYetClaimable()
    if mine := claims.holder(organisation_id):
        return AlreadyHeld(mine.id)
    if claims.state is ClaimsState.CLOSED:
        return WishClosed()
    if claims.held >= claims.slots:
        return Taken()
    spoken_for = claims.live_offers(now) + claims.ahead_of(organisation_id)
    if claims.offer_to(organisation_id, now) is None and claims.held + spoken_for >= claims.slots:
        return Reserved()
    return None


def allowed(claims: Claims, adoption_id: str, step: Step) -> Adoption | None:
    """The adoption if the step is possible for it now, else None."""
    found = next((one for one in claims.adoptions if one.id == adoption_id), None)
    return found if found is not None and found.can(step) else None


__all__ = [
    "AdoptionState",
    "Claims",
    "ClaimsState",
    "Decided",
    "Decision",
    "Entry",
    "Offer",
    "Recommendation",
    "allowed",
    "why_refused",
]
