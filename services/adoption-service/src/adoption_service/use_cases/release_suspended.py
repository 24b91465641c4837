"""A suspended organisation loses its active adoptions, whatever happens to the process that began it."""

from adoption_service.domain import handover, partnership, waiting
from adoption_service.domain.adoption import AdoptionState
from adoption_service.domain.claims import Claims, Decided
from adoption_service.domain.tending import SYSTEM, Act, revoke
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.organisations import OrganisationStore
from microwish.events.adoption import RevocationCause
from microwish.when import When


async def release_all(organisation_id: str, claims: ClaimsStore, *, when: When) -> None:
    """Take back its active adoptions, and let it go from those of others, each wish in one write.

    Its offers go to the next in line, and it waits for nothing any more; doing it again changes nothing. An
    adoption of another that it joined, or was asked to join, goes on without it; what it was asked to take over stays
    where it is.
    """
    act = Act(SYSTEM, when)

    def take_back(found: Claims) -> Decided | None:
        done = Decided(found)
        for one in (one for one in found.adoptions if one.state is AdoptionState.ACTIVE):
            if one.organisation.id == organisation_id:
                cause = RevocationCause.ORGANISATION_SUSPENDED
                done = done.then(revoke(done.claims, one.id, act, cause=cause, reason=None))
            elif partnership.without(one, organisation_id) is not None:
                done = done.then(partnership.let_go(done.claims, one.id, act, organisation_id=organisation_id))
            if one.handover is not None and one.handover.to.id == organisation_id:
                done = done.then(handover.withdraw(done.claims, one.id, act))
        return done if done.events else None

    async for wish_id in claims.with_active_of(organisation_id):
        await claims.decide(wish_id, take_back, when=when)
    async for wish_id in claims.with_waiting_of(organisation_id):
        await claims.decide(wish_id, lambda found: waiting.expel(found, organisation_id), when=when)


async def release_suspended(organisations: OrganisationStore, claims: ClaimsStore, *, when: When) -> None:
    """Complete what suspensions began, until no claim from before them can arrive any more."""
    async for organisation_id, until in organisations.to_release():
        await release_all(organisation_id, claims, when=when)
        if until <= when.recorded_at:
            await organisations.released(organisation_id, until)
