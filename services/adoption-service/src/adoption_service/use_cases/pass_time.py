"""Leases end by themselves, and are reminded of once before."""

from adoption_service.domain import tending
from adoption_service.store.claims import ClaimsStore
from microwish.when import When


async def pass_time(claims: ClaimsStore, *, when: When) -> int:
    """Let every timer go off that is due; how many wishes were looked at.

    Safe with several replicas: each wish is one write guarded by its revision, and who comes second finds nothing due.
    """
    seen = 0
    while wishes := await claims.due(when.recorded_at):
        for wish_id in wishes:
            await claims.decide(wish_id, lambda found: tending.pass_time(found, when), when=when)
        seen += len(wishes)
    return seen
