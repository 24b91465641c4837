"""A suspended organisation loses its active adoptions, whatever happens to the process that began it."""

from adoption_service.domain.adoption import AdoptionState
from adoption_service.domain.claims import Claims, Decided
from adoption_service.domain.tending import SYSTEM, Act, revoke
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.organisations import OrganisationStore
from microwish.events.adoption import RevocationCause
from microwish.when import When


async def release_all(organisation_id: str, claims: ClaimsStore, *, when: When) -> None:
    """Take back its active adoptions, each in one write; doing it again changes nothing."""

    def take_back(found: Claims) -> Decided | None:
        held = found.holder(organisation_id)
        if held is None or held.state is not AdoptionState.ACTIVE:
            return None
        cause = RevocationCause.ORGANISATION_SUSPENDED
        return revoke(found, held.id, Act(SYSTEM, when), cause=cause, reason=None)

    async for wish_id in claims.with_active_of(organisation_id):
        await claims.decide(wish_id, take_back, when=when)


async def release_suspended(organisations: OrganisationStore, claims: ClaimsStore, *, when: When) -> None:
    """Complete what suspensions began, until no claim from before them can arrive any more."""
    async for organisation_id, until in organisations.to_release():
        await release_all(organisation_id, claims, when=when)
        if until <= when.recorded_at:
            await organisations.released(organisation_id, until)
