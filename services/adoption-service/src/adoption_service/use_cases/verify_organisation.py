"""Staff of the place say whether an organisation may claim."""

from datetime import timedelta

from adoption_service.domain.claims import Entry
from adoption_service.domain.errors import Forbidden, Invalid
from adoption_service.domain.organisation import Organisation, Verdict
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.organisations import OrganisationStore, Rewrite
from adoption_service.use_cases.acting import staff_actor
from adoption_service.use_cases.release_suspended import release_all
from microwish.events import Actor
from microwish.events.adoption import (
    OrganisationEvent,
    OrganisationRefused,
    OrganisationSuspended,
    OrganisationVerified,
)
from microwish.identity.people import Person
from microwish.privacy.sealing import Sealer
from microwish.store.aggregate import Idempotency
from microwish.store.mongo import Document
from microwish.when import When

STRAGGLERS = timedelta(seconds=60)
"""How long after a suspension a claim that had passed the check before it may still be written."""


async def verify_organisation(
    organisation_id: str,
    verdict: Verdict,
    reason: str | None,
    staff: Person,
    organisations: OrganisationStore,
    claims: ClaimsStore,
    sealer: Sealer,
    *,
    when: When,
    idempotency: Idempotency | None = None,
) -> Document:
    """Approve, refuse (with a reason) or suspend; a suspension takes the active adoptions back.

    Raises: NotFound, Forbidden (not staff of its scope), Invalid (no reason), WrongState, KeyReused.
    """
    if verdict is Verdict.REFUSE and not reason:
        raise Invalid("reason", "field.missing")
    about = f"organisation:{organisation_id}"
    sealed = sealer.seal(reason, about=about) if reason else None

    def judge(organisation: Organisation) -> Rewrite:
        state = organisation.judged(verdict)
        by = staff_actor(staff)
        values: Document = {"state": state.value}
        if verdict is Verdict.SUSPEND:
            values["release_until"] = when.recorded_at + STRAGGLERS
        event = _event(organisation_id, verdict, sealed, by)
        return Rewrite(values, [event], Entry(type(event).__name__, by, why=sealed))

    current = await organisations.document(organisation_id)
    if not staff.serves(current["scope"]):
        raise Forbidden
    if verdict is Verdict.APPROVE and "release_until" in current:
        # What the suspension ends must have ended before it is trusted again.
        await release_all(organisation_id, claims, when=when)
        await organisations.released(organisation_id, current["release_until"])
    document = await organisations.rewrite(organisation_id, judge, when=when, idempotency=idempotency)
    if verdict is Verdict.SUSPEND:
        await release_all(organisation_id, claims, when=when)
    return document


def _event(organisation_id: str, verdict: Verdict, reason: str | None, by: Actor) -> OrganisationEvent:
    if verdict is Verdict.APPROVE:
        return OrganisationVerified(organisation_id=organisation_id, by=by)
    if verdict is Verdict.REFUSE:
        return OrganisationRefused(organisation_id=organisation_id, by=by, reason=reason or "")
    return OrganisationSuspended(organisation_id=organisation_id, by=by, reason=reason)
