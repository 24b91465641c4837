"""Whether an organisation may claim at all: its state, and how much it has on its hands."""

from adoption_service.domain.errors import LimitReached, NotFound, NotVerified
from adoption_service.domain.organisation import Organisation
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.organisations import OrganisationStore
from microwish.events.adoption import OrganisationRef
from microwish.when import When


async def within_limit(organisation: Organisation, claims: ClaimsStore, overdue_allowed: int, when: When) -> None:
    """Refuse one with too many active adoptions past half their term; staff may have allowed it more.

    Counted before the claim, so two claims at once may pass together: slightly late is accepted (design, section 3).
    Raises: LimitReached.
    """
    too_many = organisation.allowed(when.recorded_at, overdue_allowed) + 1
    if await claims.count_past_half(organisation.id, when.recorded_at, limit=too_many) >= too_many:
        raise LimitReached


async def may_claim(
    organisation_id: str, organisations: OrganisationStore, claims: ClaimsStore, overdue_allowed: int, *, when: When
) -> bool:
    """Whether what it is would not stop a claim: verified, somebody there to claim, within its limit."""
    try:
        organisation = await organisations.get(organisation_id)
        organisation.may_claim()
        await within_limit(organisation, claims, overdue_allowed, when)
    except (NotFound, NotVerified, LimitReached):
        return False
    return bool(organisation.members)


async def verified_ref(organisation_id: str, organisations: OrganisationStore) -> OrganisationRef:
    """A verified organisation as the public knows it. Raises: NotFound, NotVerified."""
    organisation = await organisations.get(organisation_id)
    organisation.may_claim()
    return organisation.ref
