"""A `claims` document and the domain's `Claims`.

{_id: wish id, state, slots, community, resident_id, adoptions: [holding], ended: [until published], moved: [ids],
 queue, offers, recommended?, wake_at?: when to look next, ended_since?: while something waits to be moved, timeline, …}
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from adoption_service.domain.adoption import Adoption, AdoptionState, Note, Proposal
from adoption_service.domain.claims import Claims, ClaimsState, Decided, Entry, Offer, Recommendation
from microwish.events import Actor
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


TOGETHER = frozenset({"partners", "asked", "handover"})
"""Fields of an adoption that `_together` stores."""


def adoption_document(adoption: Adoption) -> Document:
    """An adoption as it is stored; `half_at` is there to be counted by an index."""
    stored: Document = {
        name: value for name, value in vars(adoption).items() if value is not None and name not in TOGETHER
    }
    stored["organisation"] = adoption.organisation.model_dump(mode="json")
    stored["state"] = adoption.state.value
    if adoption.cause is not None:
        stored["cause"] = adoption.cause.value
    stored["notes"] = [asdict(note) for note in adoption.notes]
    stored["flags"] = [flag.value for flag in adoption.flags]
    stored |= _together(adoption)
    stored["half_at"] = adoption.half_at
    return stored


def _together(adoption: Adoption) -> Document:
    """Partners, those asked, and an open hand-over; left out where there are none, and so out of their indexes."""
    fields: Document = {}
    for name, refs in (("partners", adoption.partners), ("asked", adoption.asked)):
        if refs:
            fields[name] = [one.model_dump(mode="json") for one in refs]
    if (open_question := adoption.handover) is not None:
        to, by = open_question.to.model_dump(mode="json"), open_question.by.model_dump(mode="json", exclude_none=True)
        fields["handover"] = {"to": to, "reason": open_question.reason, "by": by, "at": open_question.at}
    return fields


def _proposal_of(stored: Document) -> Proposal:
    to, by = OrganisationRef.model_validate(stored["to"]), Actor.model_validate(stored["by"])
    return Proposal(to, stored["reason"], by, stored["at"])


def adoption_of(stored: Document) -> Adoption:
    """The adoption of a stored one."""
    fields: dict[str, Any] = {name: stored[name] for name in Adoption.__dataclass_fields__ if name in stored}
    fields["organisation"] = OrganisationRef.model_validate(stored["organisation"])
    fields["state"] = AdoptionState(stored["state"])
    fields["notes"] = tuple(Note(**note) for note in stored["notes"])
    if "cause" in stored:
        fields["cause"] = RevocationCause(stored["cause"])
    fields["flags"] = tuple(FlagKind(flag) for flag in stored["flags"])
    for name in ("partners", "asked"):
        fields[name] = tuple(OrganisationRef.model_validate(one) for one in stored.get(name, []))
    if "handover" in stored:
        fields["handover"] = _proposal_of(stored["handover"])
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
        recommended=tuple(Recommendation(**one) for one in document.get("recommended", [])),
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
        "recommended": [vars(one) for one in after.recommended],
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
    if entry.organisation_id:
        line["organisation_id"] = entry.organisation_id
    if entry.code:
        line["code"] = entry.code
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
