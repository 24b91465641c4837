"""An organisation claims a wish: one free slot, or the reason why not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from adoption_service.domain.adoption import Adoption
from adoption_service.domain.claims import Entry, why_refused
from adoption_service.domain.errors import Invalid, NotFound, NotMember, NotVerified
from adoption_service.domain.handover import adopted
from adoption_service.domain.lease import Lease
from adoption_service.domain.organisation import Member, Organisation
from adoption_service.store.claims import AdoptionIdTaken, ClaimsStore
from adoption_service.store.organisations import OrganisationStore
from adoption_service.use_cases.acting import acting_for
from adoption_service.use_cases.entitlement import verified_ref, within_limit
from microwish.events import Actor, Role
from microwish.events.adoption import OrganisationRef
from microwish.privacy.sealing import Sealer
from microwish.store.aggregate import Idempotency
from microwish.store.refusals import Contended, KeyReused
from microwish.when import When

TRIES = 5
DoorCode = Callable[[], str]
"""Gives the 4 digits that the handler says at the door (上门核验码)."""


@dataclass(frozen=True)
class ClaimWish:
    """handler: who will go there; None is the person who claims. partners: organisations asked to join in."""

    person_id: str
    wish_id: str
    organisation_id: str
    handler: str | None = None
    partners: Sequence[str] = ()


@dataclass(frozen=True)
class ClaimTerms:
    """overdue_allowed: how many active adoptions past half their term an organisation may have and still claim."""

    lease: Lease
    overdue_allowed: int
    door_code: DoorCode


async def claim_wish(
    claim: ClaimWish,
    organisations: OrganisationStore,
    claims: ClaimsStore,
    sealer: Sealer,
    terms: ClaimTerms,
    *,
    id: str,
    when: When,
    idempotency: Idempotency | None = None,
) -> Adoption:
    """Give one free slot of a wish to an organisation, or say why not.

    Raises: Taken, AlreadyHeld, WishClosed, Reserved, NotYetClaimable, LimitReached, NotVerified, NotMember,
    Invalid (handler, partners), KeyReused, Contended.
    Guarantee: one atomic write; never more holders than slots.
    """
    if idempotency and (before := await _made_before(id, idempotency, claims)):
        return before
    organisation = await acting_for(claim.organisation_id, claim.person_id, organisations)
    organisation.may_claim()
    await within_limit(organisation, claims, terms.overdue_allowed, when)
    handler = handler_of(organisation, claim.handler or claim.person_id)
    asked = await _verified(claim.partners, organisations)
    adoption = new_adoption(claim.wish_id, organisation, handler, sealer, terms, id=id, when=when)
    adoption = replace(adoption, asked=asked, created_with=idempotency.fingerprint if idempotency else None)
    by = Actor(person_id=claim.person_id, role=Role.MEMBER)
    event, entry = adopted(claim.wish_id, adoption, by), Entry("WishAdopted", by, id)
    for _ in range(TRIES):
        try:
            if await claims.take_slot(claim.wish_id, adoption, event, entry, when=when):
                return adoption
        except AdoptionIdTaken as taken:
            raise KeyReused(id) from taken
        now, made = await claims.find_with(claim.wish_id, id)
        if made is not None:
            return _the_same(made, idempotency)  # by this write, or by an earlier try under the same key
        if refused := why_refused(now, organisation.id, now=when.recorded_at):
            raise refused
    raise Contended(claim.wish_id)


async def _made_before(id: str, idempotency: Idempotency, claims: ClaimsStore) -> Adoption | None:
    try:
        _, adoption = await claims.adoption(id)
    except NotFound:
        return None
    return _the_same(adoption, idempotency)


def _the_same(made: Adoption, idempotency: Idempotency | None) -> Adoption:
    """What this very request has made. Raises: KeyReused if its key made it for another request."""
    if idempotency and made.created_with != idempotency.fingerprint:
        raise KeyReused(idempotency.key)
    return made


def handler_of(organisation: Organisation, person_id: str) -> Member:
    """The member who will go there. Raises: Invalid (handler)."""
    try:
        return organisation.member(person_id)
    except NotMember:
        raise Invalid("handler", "field.handler_not_member") from None


async def _verified(ids: Sequence[str], organisations: OrganisationStore) -> tuple[OrganisationRef, ...]:
    try:
        return tuple([await verified_ref(one, organisations) for one in ids])
    except (NotFound, NotVerified):
        raise Invalid("partners", "field.organisation_unverified") from None


def new_adoption(
    wish_id: str,
    organisation: Organisation,
    handler: Member,
    sealer: Sealer,
    terms: ClaimTerms,
    *,
    id: str,
    when: When,
) -> Adoption:
    """A fresh hold. Names and numbers are sealed anew for the wish, whose resident is the one to read them."""
    about = f"wish:{wish_id}"
    name = sealer.open(handler.name, about=f"organisation:{organisation.id}")
    phone = sealer.open(organisation.office_phone, about=f"contact:{organisation.id}")
    due_at = when.recorded_at + terms.lease.term
    return Adoption(
        id=id,
        organisation=organisation.ref,
        handler_id=handler.person_id,
        handler_name=sealer.seal(name, about=about),
        office_phone=sealer.seal(phone, about=about),
        door_code=sealer.seal(terms.door_code(), about=about),
        claimed_at=when.at,
        term_from=when.recorded_at,
        due_at=due_at,
        remind_at=terms.lease.remind_at(when.recorded_at, due_at),
    )
