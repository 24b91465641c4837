"""What an organisation's members, or staff, do with an adoption after the claim.

Each loads who may act, then lets the domain decide inside one guarded write. A text is sealed for the wish.
"""

from collections.abc import Callable
from dataclasses import dataclass

from adoption_service.domain import tending
from adoption_service.domain.adoption import Adoption
from adoption_service.domain.claims import Claims, Decided
from adoption_service.domain.errors import NotActive
from adoption_service.domain.lease import Lease
from adoption_service.domain.tending import Act
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.organisations import OrganisationStore
from adoption_service.use_cases.acting import (
    member_actor,
    member_of_adoption,
    partner_of_adoption,
    staff_actor,
    staff_of_adoption,
)
from microwish.events.adoption import RevocationCause
from microwish.identity.people import Person
from microwish.privacy.sealing import Sealer
from microwish.store.aggregate import Idempotency
from microwish.when import When

Tended = tuple[str, Adoption]
"""The wish and the adoption as it is now."""


@dataclass(frozen=True)
class Tending:
    """What these use cases work with."""

    claims: ClaimsStore
    organisations: OrganisationStore
    sealer: Sealer
    lease: Lease


@dataclass(frozen=True)
class AdoptionRequest:
    """Who asks for which adoption, when, and under which key."""

    adoption_id: str
    person: Person
    when: When
    idempotency: Idempotency | None = None


async def note_progress(request: AdoptionRequest, note: str, tending_with: Tending) -> Tended:
    """Write down how far it is; partners of a joint claim may as well. Raises: NotFound, NotMember, NotActive."""
    wish_id, adoption, who = await partner_of_adoption(
        request.adoption_id, request.person, tending_with.claims, tending_with.organisations
    )
    act = Act(member_actor(request.person), request.when)
    sealed = tending_with.sealer.seal(note, about=f"wish:{wish_id}")
    return await decide(
        request,
        wish_id,
        adoption,
        tending_with,
        lambda claims: tending.note_progress(claims, request.adoption_id, act, note=sealed, who=who),
    )


async def report_delivery(request: AdoptionRequest, note: str | None, tending_with: Tending) -> Tended:
    """Say that it was brought; against a lapse the first write wins. Raises: NotFound, NotMember, NotActive."""
    return await _as_member(
        request,
        note,
        tending_with,
        lambda claims, act, text: tending.report_delivery(claims, request.adoption_id, act, note=text),
    )


async def release_adoption(request: AdoptionRequest, reason: str, tending_with: Tending) -> Tended:
    """Let it go, so that others can take it. Raises: NotFound, NotMember, NotActive."""
    return await _as_member(
        request,
        reason,
        tending_with,
        lambda claims, act, text: tending.release(claims, request.adoption_id, act, reason=text or ""),
    )


async def extend_adoption(request: AdoptionRequest, reason: str, tending_with: Tending) -> Tended:
    """Extend the lease once. Raises: NotFound, NotMember, NotActive, AlreadyExtended."""
    return await _as_member(
        request,
        reason,
        tending_with,
        lambda claims, act, text: tending.extend(
            claims, request.adoption_id, act, reason=text or "", lease=tending_with.lease
        ),
    )


async def revoke_adoption(request: AdoptionRequest, reason: str, tending_with: Tending) -> Tended:
    """Staff of the wish's community take an active adoption back. Raises: NotFound, Forbidden, NotActive."""
    wish_id, adoption = await staff_of_adoption(request.adoption_id, request.person, tending_with.claims)
    act = Act(staff_actor(request.person), request.when)
    sealed = tending_with.sealer.seal(reason, about=f"wish:{wish_id}")
    return await decide(
        request,
        wish_id,
        adoption,
        tending_with,
        lambda claims: tending.revoke(claims, request.adoption_id, act, cause=RevocationCause.STAFF, reason=sealed),
    )


async def _as_member(
    request: AdoptionRequest,
    text: str | None,
    tending_with: Tending,
    what: Callable[[Claims, Act, str | None], Decided],
) -> Tended:
    wish_id, adoption, _ = await member_of_adoption(
        request.adoption_id, request.person, tending_with.claims, tending_with.organisations
    )
    act = Act(member_actor(request.person), request.when)
    sealed = tending_with.sealer.seal(text, about=f"wish:{wish_id}") if text else None
    return await decide(request, wish_id, adoption, tending_with, lambda claims: what(claims, act, sealed))


async def decide(
    request: AdoptionRequest,
    wish_id: str,
    adoption: Adoption,
    tending_with: Tending,
    what: Callable[[Claims], Decided | None],
) -> Tended:
    """Write what `what` makes of the adoption. Raises: NotActive where its end is history, and what `what` raises."""

    def decision(claims: Claims) -> Decided | None:
        if not any(one.id == request.adoption_id for one in (*claims.adoptions, *claims.ended)):
            raise NotActive(adoption.state)  # its end is history already
        return what(claims)

    await tending_with.claims.decide(wish_id, decision, when=request.when, idempotency=request.idempotency)
    return await tending_with.claims.adoption(request.adoption_id)
