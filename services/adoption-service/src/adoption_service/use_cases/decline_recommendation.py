"""An organisation answers a recommendation with no; yes is a claim."""

from adoption_service.domain import recommendations
from adoption_service.domain.errors import NotRecommended
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.organisations import OrganisationStore
from adoption_service.use_cases.acting import acting_for
from adoption_service.use_cases.wait_for_wish import WaitRequest
from microwish.privacy.sealing import Sealer
from microwish.store.refusals import NotFound


async def decline_recommendation(
    request: WaitRequest, reason: str | None, organisations: OrganisationStore, claims: ClaimsStore, sealer: Sealer
) -> None:
    """Say no, with a reason if there is one to tell. Raises: NotMember, NotRecommended, KeyReused."""
    await acting_for(request.organisation_id, request.person.id, organisations)
    sealed = sealer.seal(reason, about=f"wish:{request.wish_id}") if reason else None
    try:
        await claims.decide(
            request.wish_id,
            lambda found: recommendations.decline(found, request.organisation_id, request.act, reason=sealed),
            when=request.when,
            idempotency=request.idempotency,
        )
    except NotFound as unknown:
        raise NotRecommended from unknown
