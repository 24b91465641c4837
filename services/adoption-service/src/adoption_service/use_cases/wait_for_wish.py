"""An organisation waits for a slot of a wish (候补), or lets its place or its offer go."""

from dataclasses import dataclass

from adoption_service.domain import waiting
from adoption_service.domain.claims import Claims, Decision
from adoption_service.domain.errors import NotYetClaimable
from adoption_service.domain.tending import Act
from adoption_service.domain.waiting import Place
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.organisations import OrganisationStore
from adoption_service.use_cases.acting import acting_for, member_actor
from adoption_service.use_cases.entitlement import within_limit
from microwish.identity.people import Person
from microwish.store.aggregate import Idempotency
from microwish.store.refusals import NotFound
from microwish.when import When


@dataclass(frozen=True)
class WaitRequest:
    """Which organisation, for which wish; who asks, when, and under which key."""

    wish_id: str
    organisation_id: str
    person: Person
    when: When
    idempotency: Idempotency | None = None

    @property
    def act(self) -> Act:
        """Who does it, and when."""
        return Act(member_actor(self.person), self.when)


async def join_queue(
    request: WaitRequest, organisations: OrganisationStore, claims: ClaimsStore, *, overdue_allowed: int
) -> Place:
    """Put it at the end of the waiting list; where it stands. One that waits, or has an offer, stays as it is.

    Raises: NotMember, NotVerified, LimitReached, NotYetClaimable, AlreadyHeld, WishClosed, SlotFree, QueueFull,
    KeyReused.
    """
    organisation = await acting_for(request.organisation_id, request.person.id, organisations)
    organisation.may_claim()
    await within_limit(organisation, claims, overdue_allowed, request.when)

    after = await _decided(request, claims, lambda found: waiting.join(found, request.organisation_id, request.act))
    return waiting.place_of(after, request.organisation_id, request.when.recorded_at)


async def leave_queue(request: WaitRequest, organisations: OrganisationStore, claims: ClaimsStore) -> None:
    """Give up its place, or the offer that it has; nothing where it has neither. Raises: NotMember, KeyReused."""
    await acting_for(request.organisation_id, request.person.id, organisations)
    try:
        await _decided(request, claims, lambda found: waiting.leave(found, request.organisation_id, request.act))
    except NotYetClaimable:
        return  # nobody waits for what is not known here


async def _decided(request: WaitRequest, claims: ClaimsStore, decision: Decision) -> Claims:
    try:
        return await claims.decide(request.wish_id, decision, when=request.when, idempotency=request.idempotency)
    except NotFound as unknown:
        raise NotYetClaimable from unknown
