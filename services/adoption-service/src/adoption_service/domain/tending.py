"""What people do with an adoption between claim and confirmation, and what time does.

Every function gives what the claims become; texts are sealed before they come here.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from adoption_service.domain.adoption import Adoption, AdoptionState, Note, Step
from adoption_service.domain.claims import Claims, Decided, Entry
from adoption_service.domain.errors import AlreadyExtended, ContactClosed, NotHandler, NotMember
from adoption_service.domain.lease import Lease
from microwish.events import Actor, Role
from microwish.events.adoption import (
    AdoptionEvent,
    AdoptionExtended,
    AdoptionLapsed,
    AdoptionReleased,
    AdoptionRevoked,
    ContactRead,
    DeliveryReported,
    LeaseReminderDue,
    OrganisationRef,
    ProgressNoted,
    RevocationCause,
)
from microwish.when import When

SYSTEM = Actor(role=Role.SYSTEM)


@dataclass(frozen=True)
class Act:
    """Who does it, and when."""

    by: Actor
    when: When


def about(claims: Claims, adoption: Adoption, by: Actor) -> dict[str, object]:
    """The fields that every event of an adoption has."""
    return {
        "wish_id": claims.wish_id,
        "by": by,
        "adoption_id": adoption.id,
        "organisation_id": adoption.organisation.id,
        "handler_id": adoption.handler_id,
    }


def decided(claims: Claims, adoption: Adoption, event: AdoptionEvent, why: str | None = None) -> Decided:
    """One adoption in its new state with the one event that tells of it."""
    entry = Entry(type(event).__name__, event.by, adoption.id, why)
    return Decided(claims.with_adoption(adoption), (event,), (entry,))


def note_progress(
    claims: Claims, adoption_id: str, act: Act, *, note: str, who: OrganisationRef | None = None
) -> Decided:
    """Keep what somebody of `who` wrote, the organisation that leads or a partner; None is the one that leads.

    Raises: NotFound, NotActive, NotMember (it is no partner any more).
    """
    before = claims.adoption(adoption_id).stepped(Step.NOTE_PROGRESS, at=act.when.at)
    writer = who or before.organisation
    if not before.held_by(writer.id):
        raise NotMember
    partner = None if writer.id == before.organisation.id else writer.name
    after = replace(before, notes=(*before.notes, Note(act.when.at, note, partner)))
    return decided(claims, after, ProgressNoted.model_validate({**about(claims, after, act.by), "note": note}), note)


def report_delivery(claims: Claims, adoption_id: str, act: Act, *, note: str | None) -> Decided:
    """It was brought: from now on only the resident's word moves it. Raises: NotFound, NotActive."""
    after = claims.adoption(adoption_id).stepped(Step.REPORT_DELIVERY, at=act.when.at)
    after = replace(after, delivered_at=act.when.at, delivery_note=note, reason=None)
    fields = {**about(claims, after, act.by), "note": note, "delivered_at": act.when.at}
    return decided(claims, after, DeliveryReported.model_validate(fields), note)


def release(claims: Claims, adoption_id: str, act: Act, *, reason: str) -> Decided:
    """The organisation lets it go. Raises: NotFound, NotActive."""
    after = replace(claims.adoption(adoption_id).stepped(Step.RELEASE, at=act.when.at), reason=reason)
    event = AdoptionReleased.model_validate({**about(claims, after, act.by), "reason": reason})
    return decided(claims, after, event, reason)


def extend(claims: Claims, adoption_id: str, act: Act, *, reason: str, lease: Lease) -> Decided:
    """The one extension. Raises: NotFound, NotActive, AlreadyExtended."""
    after = claims.adoption(adoption_id).stepped(Step.EXTEND, at=act.when.at)
    if after.extended:
        raise AlreadyExtended
    after = _until(replace(after, extended=True), after.due_at + lease.extension, lease, act.when.recorded_at)
    fields = {**about(claims, after, act.by), "due_at": after.due_at, "reason": reason}
    return decided(claims, after, AdoptionExtended.model_validate(fields), reason)


def revoke(claims: Claims, adoption_id: str, act: Act, *, cause: RevocationCause, reason: str | None) -> Decided:
    """Take an active adoption back. Raises: NotFound, NotActive."""
    ended = claims.adoption(adoption_id).stepped(Step.REVOKE, at=act.when.at)
    after = replace(ended, cause=cause, reason=reason)
    fields = {**about(claims, after, act.by), "cause": cause, "reason": reason}
    return decided(claims, after, AdoptionRevoked.model_validate(fields), reason)


def may_read_contact(adoption: Adoption, person_id: str) -> None:
    """Only its named handler, only while it is active. Raises: NotHandler, ContactClosed."""
    if adoption.handler_id != person_id:
        raise NotHandler
    if adoption.state is not AdoptionState.ACTIVE:
        raise ContactClosed


def read_contact(claims: Claims, adoption_id: str, act: Act, *, reader_name: str) -> Decided:
    """Record that the handler reads how to reach the resident. Raises: NotFound, NotHandler, ContactClosed."""
    adoption = claims.adoption(adoption_id)
    may_read_contact(adoption, act.by.person_id or "")
    fields = {**about(claims, adoption, act.by), "reader_name": reader_name}
    return decided(claims, adoption, ContactRead.model_validate(fields))


def pass_time(claims: Claims, when: When) -> Decided | None:
    """Lapse the leases that are past due and remind of those that end soon; None if nothing is due."""
    done = Decided(claims)
    for adoption in claims.adoptions:
        moment = adoption.wake_at
        if moment is None or moment > when.recorded_at:
            continue
        lapses = adoption.due_at <= when.recorded_at
        done = done.then(_lapse(done.claims, adoption, when) if lapses else _remind(done.claims, adoption))
    return done if done.events else None


def disputed(adoption: Adoption, lease: Lease, when: When, *, reason: str) -> Adoption:
    """Active again, with at least the grace left. Raises: NotActive."""
    again = adoption.stepped(Step.DISPUTE, at=when.at)
    after = replace(again, delivered_at=None, delivery_note=None, reason=reason)
    return _until(after, max(after.due_at, when.recorded_at + lease.grace), lease, when.recorded_at)


def _until(adoption: Adoption, due_at: datetime, lease: Lease, since: datetime) -> Adoption:
    return replace(adoption, due_at=due_at, remind_at=lease.remind_at(since, due_at))


def _lapse(claims: Claims, adoption: Adoption, when: When) -> Decided:
    after = adoption.stepped(Step.LAPSE, at=when.at)
    return decided(claims, after, AdoptionLapsed.model_validate(about(claims, after, SYSTEM)))


def _remind(claims: Claims, adoption: Adoption) -> Decided:
    after = replace(adoption, remind_at=None)
    fields = {**about(claims, after, SYSTEM), "due_at": after.due_at}
    return decided(claims, after, LeaseReminderDue.model_validate(fields))
