"""Staff of the place say whether an organisation may claim, and whether it may bear another name or area."""

from dataclasses import replace

from adoption_service.domain.claims import Entry
from adoption_service.domain.errors import ChangedMeanwhile, Forbidden, Invalid
from adoption_service.domain.membership import STRAGGLERS
from adoption_service.domain.organisation import Organisation, OrganisationState, Verdict
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.organisations import OrganisationStore, Rewrite
from adoption_service.use_cases.acting import staff_actor
from adoption_service.use_cases.change_organisation import changed
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
    change_id: str | None = None,
) -> Document:
    """Approve, refuse (with a reason) or suspend; a suspension takes the active adoptions back.

    Where a verified organisation wants another name or area, approving and refusing are about that; change_id is the
    change that staff looked at.
    Raises: NotFound, Forbidden (not staff of its scope, or of the one it wants), Invalid (no reason), WrongState,
    ChangedMeanwhile, KeyReused.
    """
    if verdict is Verdict.REFUSE and not reason:
        raise Invalid("reason", "field.missing")
    about = f"organisation:{organisation_id}"
    sealed = sealer.seal(reason, about=about) if reason else None

    def judge(organisation: Organisation) -> Rewrite:
        by = staff_actor(staff)
        if _about_change(organisation, verdict, change_id):
            return _settle(organisation, verdict, sealed, staff)
        if not staff.serves(organisation.scope):
            raise Forbidden
        state = organisation.judged(verdict)
        values: Document = {"state": state.value}
        if verdict is Verdict.SUSPEND:
            values["release_until"] = when.recorded_at + STRAGGLERS
        event = _event(organisation_id, verdict, sealed, by)
        return Rewrite(values, [event], Entry(type(event).__name__, by, why=sealed))

    current = await organisations.document(organisation_id)
    serves_old, serves_new = (
        staff.serves(one) for one in (current["scope"], current.get("change", {}).get("scope", ""))
    )
    if not (serves_old or serves_new):
        raise Forbidden
    if serves_old and verdict is Verdict.APPROVE and "release_until" in current:
        # What the suspension ends must have ended before it is trusted again.
        await release_all(organisation_id, claims, when=when)
        await organisations.released(organisation_id, current["release_until"])
    document = await organisations.rewrite(organisation_id, judge, when=when, idempotency=idempotency)
    if verdict is Verdict.SUSPEND:
        await release_all(organisation_id, claims, when=when)
    return document


def _about_change(organisation: Organisation, verdict: Verdict, change_id: str | None) -> bool:
    """Whether the verdict is about a change that waits. Raises: ChangedMeanwhile."""
    waits = organisation.change
    if change_id is not None and (waits is None or waits.id != change_id):
        raise ChangedMeanwhile
    trusted = organisation.state is OrganisationState.VERIFIED
    return waits is not None and verdict is not Verdict.SUSPEND and (trusted or change_id is not None)


def _settle(organisation: Organisation, verdict: Verdict, why: str | None, staff: Person) -> Rewrite:
    """Apply the change, or drop it. Raises: Forbidden: who agrees serves the place that it will belong to."""
    wanted, by = organisation.change, staff_actor(staff)
    assert wanted is not None
    if not staff.serves(wanted.scope):
        raise Forbidden
    if verdict is Verdict.REFUSE:
        return Rewrite({}, [], Entry("ChangeRefused", by, why=why), ["change"])
    after = replace(organisation, name=wanted.name, scope=wanted.scope)
    values = {"name": after.name, "scope": after.scope}
    return Rewrite(values, [changed(after, by)], Entry("OrganisationChanged", by, why=why), ["change"])


def _event(organisation_id: str, verdict: Verdict, reason: str | None, by: Actor) -> OrganisationEvent:
    if verdict is Verdict.APPROVE:
        return OrganisationVerified(organisation_id=organisation_id, by=by)
    if verdict is Verdict.REFUSE:
        return OrganisationRefused(organisation_id=organisation_id, by=by, reason=reason or "")
    return OrganisationSuspended(organisation_id=organisation_id, by=by, reason=reason)
