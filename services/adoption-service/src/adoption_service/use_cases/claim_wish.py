"""An organisation claims a wish: one free slot, or the reason why not."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from adoption_service.domain.adoption import Adoption
from adoption_service.domain.claims import Entry, why_refused
from adoption_service.domain.errors import AlreadyHeld, Invalid, LimitReached, NotFound, NotMember
from adoption_service.domain.lease import Lease
from adoption_service.domain.organisation import Member, Organisation
from adoption_service.store.claims import AdoptionIdTaken, ClaimsStore
from adoption_service.store.organisations import OrganisationStore
from microwish.events import Actor, Role
from microwish.events.adoption import WishAdopted
from microwish.privacy.sealing import Sealer
from microwish.store.aggregate import Idempotency
from microwish.store.refusals import Contended, KeyReused
from microwish.when import When

TRIES = 5
DoorCode = Callable[[], str]
"""Gives the 4 digits that the handler says at the door (上门核验码)."""


@dataclass(frozen=True)
class ClaimWish:
    """handler: the member who will go there; None is the person who claims."""

    person_id: str
    wish_id: str
    organisation_id: str
    handler: str | None = None


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
    Invalid (handler), KeyReused, Contended.
    Guarantee: one atomic write; never more holders than slots.
    """
    if idempotency and (before := await _made_before(id, idempotency, claims)):
        return before
    organisation = await _acting(claim, organisations)
    await _within_limit(organisation, claims, terms, when)
    handler = _handler(claim, organisation)
    adoption = _adoption(claim, organisation, handler, sealer, terms, id=id, when=when)
    adoption = replace(adoption, created_with=idempotency.fingerprint if idempotency else None)
    by = Actor(person_id=claim.person_id, role=Role.MEMBER)
    event, entry = _adopted(claim.wish_id, adoption, by), Entry("WishAdopted", by, id)
    for _ in range(TRIES):
        try:
            if await claims.take_slot(claim.wish_id, adoption, event, entry, when=when):
                return adoption
        except AdoptionIdTaken as taken:
            raise KeyReused(id) from taken
        refused = why_refused(await claims.find(claim.wish_id), organisation.id, now=when.recorded_at)
        if isinstance(refused, AlreadyHeld) and refused.adoption_id == id and idempotency:
            return await _made_before(id, idempotency, claims) or adoption
        if refused is not None:
            raise refused
    raise Contended(claim.wish_id)


async def _made_before(id: str, idempotency: Idempotency, claims: ClaimsStore) -> Adoption | None:
    try:
        _, adoption = await claims.adoption(id)
    except NotFound:
        return None
    if adoption.created_with != idempotency.fingerprint:
        raise KeyReused(idempotency.key)
    return adoption


async def _acting(claim: ClaimWish, organisations: OrganisationStore) -> Organisation:
    try:
        organisation = await organisations.get(claim.organisation_id)
    except NotFound:
        raise NotMember from None  # whoever is no member need not know which organisations exist
    organisation.member(claim.person_id)
    organisation.may_claim()
    return organisation


async def _within_limit(organisation: Organisation, claims: ClaimsStore, terms: ClaimTerms, when: When) -> None:
    """Counted before the claim, so two claims at once may pass together: slightly late is accepted (section 3)."""
    too_many = terms.overdue_allowed + 1
    if await claims.count_past_half(organisation.id, when.recorded_at, limit=too_many) >= too_many:
        raise LimitReached


def _handler(claim: ClaimWish, organisation: Organisation) -> Member:
    try:
        return organisation.member(claim.handler or claim.person_id)
    except NotMember:
        raise Invalid("handler", "field.handler_not_member") from None


def _adoption(
    claim: ClaimWish,
    organisation: Organisation,
    handler: Member,
    sealer: Sealer,
    terms: ClaimTerms,
    *,
    id: str,
    when: When,
) -> Adoption:
    """Names and numbers are sealed anew for the wish, whose resident is the one to read them."""
    about = f"wish:{claim.wish_id}"
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


def _adopted(wish_id: str, adoption: Adoption, by: Actor) -> WishAdopted:
    return WishAdopted(
        wish_id=wish_id,
        by=by,
        adoption_id=adoption.id,
        organisation_id=adoption.organisation.id,
        handler_id=adoption.handler_id,
        organisation=adoption.organisation,
        handler_name=adoption.handler_name,
        office_phone=adoption.office_phone,
        door_code=adoption.door_code,
        claimed_at=adoption.claimed_at,
        due_at=adoption.due_at,
    )
