"""What time does to a wish: leases end and are reminded of, offers end, and freed slots are offered to who waits."""

from adoption_service.domain import tending, waiting
from adoption_service.domain.claims import Claims, Decided
from adoption_service.domain.waiting import Offering, WaitingTerms
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.organisations import OrganisationStore
from adoption_service.use_cases.entitlement import may_claim
from microwish.when import When


async def pass_time(claims: ClaimsStore, organisations: OrganisationStore, terms: WaitingTerms, *, when: When) -> int:
    """Let every timer go off that is due; how many wishes were looked at.

    Safe with several replicas: each wish is one write guarded by its revision, and who comes second finds nothing due.
    """
    seen = 0
    while wishes := await claims.due(when.recorded_at):
        for wish_id in wishes:
            await _look(wish_id, claims, organisations, terms, when)
        seen += len(wishes)
    return seen


async def _look(
    wish_id: str, claims: ClaimsStore, organisations: OrganisationStore, terms: WaitingTerms, when: When
) -> None:
    found = await claims.find(wish_id)
    if found is None:
        return
    entitled = await _entitled(_leases_passed(found, when).claims, claims, organisations, terms, when)

    def decide(now: Claims) -> Decided | None:
        done = _leases_passed(now, when)
        done = done.then(waiting.pass_time(done.claims, when, Offering(terms.offer, entitled)))
        return done if done.events else None

    await claims.look(wish_id, decide, when=when)


def _leases_passed(claims: Claims, when: When) -> Decided:
    return tending.pass_time(claims, when) or Decided(claims)


async def _entitled(
    found: Claims, claims: ClaimsStore, organisations: OrganisationStore, terms: WaitingTerms, when: When
) -> dict[str, bool]:
    """Who may claim: of those with an offer, all; of those who wait, as many as there are slots for."""
    known: dict[str, bool] = {}
    free = found.slots - found.held
    for organisation_id in waiting.next_in_line(found, when.recorded_at):
        if free <= 0:
            break
        if organisation_id not in known:
            known[organisation_id] = await may_claim(
                organisation_id, organisations, claims, terms.overdue_allowed, when=when
            )
            free -= known[organisation_id]
    return known
