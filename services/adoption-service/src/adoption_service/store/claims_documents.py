"""A `claims` document and the domain's `Claims`.

{_id: wish id, state, slots, community, resident_id, adoptions: [holding], ended: [until published], moved: [ids],
 queue, offers, wake_at?: the first timer, ended_since?: while something waits to be moved, timeline, …}
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from adoption_service.domain.adoption import Adoption, AdoptionState, Note
from adoption_service.domain.claims import Claims, ClaimsState, Decided, Entry, Offer
from microwish.events.adoption import FlagKind, OrganisationRef, RevocationCause
from microwish.store.aggregate import Change
from microwish.store.mongo import Document
from microwish.when import When

STUB: Document = {
    "state": ClaimsState.UNPOSTED.value,
    "slots": 0,
    "adoptions": [],
    "ended": [],
    "moved": [],
    "queue": [],
    "offers": [],
    "timeline": [],
}
"""A wish of which something is known, but not that it is posted."""


def adoption_document(adoption: Adoption) -> Document:
    """An adoption as it is stored; `half_at` is there to be counted by an index."""
    stored: Document = {name: value for name, value in vars(adoption).items() if value is not None}
    stored["organisation"] = adoption.organisation.model_dump(mode="json")
    stored["state"] = adoption.state.value
    if adoption.cause is not None:
        stored["cause"] = adoption.cause.value
    stored["notes"] = [asdict(note) for note in adoption.notes]
    stored["flags"] = [flag.value for flag in adoption.flags]
    stored["half_at"] = adoption.half_at
    return stored


def adoption_of(stored: Document) -> Adoption:
    """The adoption of a stored one."""
    fields: dict[str, Any] = {name: stored[name] for name in Adoption.__dataclass_fields__ if name in stored}
    fields["organisation"] = OrganisationRef.model_validate(stored["organisation"])
    fields["state"] = AdoptionState(stored["state"])
    fields["notes"] = tuple(Note(**note) for note in stored["notes"])
    if "cause" in stored:
        fields["cause"] = RevocationCause(stored["cause"])
    fields["flags"] = tuple(FlagKind(flag) for flag in stored["flags"])
    fields.setdefault("remind_at", None)
    return Adoption(**fields)


def claims_of(document: Document) -> Claims:
    """The claims of a document."""
    return Claims(
        wish_id=document["_id"],
        state=ClaimsState(document["state"]),
        slots=document["slots"],
        community=document.get("community", ""),
        resident_id=document.get("resident_id"),
        adoptions=tuple(adoption_of(one) for one in document["adoptions"]),
        ended=tuple(adoption_of(one) for one in document["ended"]),
        queue=tuple(document["queue"]),
        offers=tuple(Offer(**offer) for offer in document["offers"]),
    )


def change_of(document: Document, decided: Decided, when: When) -> Change:
    """What a decision writes. The write is guarded by the revision of `document`, so whole arrays may be set."""
    after = decided.claims
    values: Document = {
        "state": after.state.value,
        "slots": after.slots,
        "community": after.community,
        "resident_id": after.resident_id,
        "adoptions": [adoption_document(one) for one in after.adoptions],
        "ended": [adoption_document(one) for one in after.ended],
        "queue": list(after.queue),
        "offers": [vars(offer) for offer in after.offers],
        "timeline": [*document["timeline"], *(timeline_entry(entry, when) for entry in decided.entries)],
    }
    if after.ended:
        values["ended_since"] = document.get("ended_since", when.recorded_at)
    if after.wake_at is None:
        return Change(values, ("wake_at",), decided.events)
    return Change({**values, "wake_at": after.wake_at}, (), decided.events)


def timeline_entry(entry: Entry, when: When) -> Document:
    """One line of the timeline (invariant 8): who, when, why; `recorded_*` where the past was recorded later."""
    line: Document = {"at": when.at, "what": entry.what, "by": entry.by.model_dump(mode="json", exclude_none=True)}
    if entry.adoption_id:
        line["adoption_id"] = entry.adoption_id
    if entry.why:
        line["why"] = entry.why
    return {**line, **recorded(when)}


def recorded(when: When) -> dict[str, datetime | str]:
    """The marks of a command that was dated back."""
    if when.recorded_at == when.at:
        return {}
    marks: dict[str, datetime | str] = {"recorded_at": when.recorded_at}
    if when.recorded_by:
        marks["recorded_by"] = when.recorded_by
    return marks
