"""How wishes look in answers: to everybody, to their resident, to staff."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from microwish.store.mongo import Document
from wish_service.domain.adoptions import HOLDING, Adoption, held
from wish_service.domain.wish import Entry, Wish
from wish_service.store.seals import Seals
from wish_service.web.edits import Pieces, compared, difference_of
from wish_service.web.present_consents import hints_of, known_consents
from wish_service.web.present_photos import known_photos, public_photos


def rfc3339(moment: datetime | None) -> str | None:
    """`2026-06-12T07:40:00.000Z`."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def public_wish(row: Document) -> dict[str, Any]:
    """A row of the wall, for everybody: no person, no id of one, nothing personal."""
    wish = row["wish"]
    return {
        "id": row["_id"],
        "title": wish["title"],
        "detail": wish["detail"],
        "category": wish["category"],
        "community": wish["community"],
        "public_name": wish["public_name"],
        "status": row["status"],
        "slots": wish["slots"],
        "held": row["held"],
        "holders": [
            {**_named(holder), "partners": [_named(one) for one in holder.get("partners", [])]}
            for holder in row["holders"]
        ],
        "posted_at": rfc3339(wish["posted_at"]),
        "ended_at": rfc3339(wish.get("ended_at")),
        "campaign": wish.get("campaign"),
        "photos": public_photos(wish.get("photos")),
        "version": wish["version"],
    }


def _named(who: Mapping[str, Any]) -> dict[str, Any]:
    return {"organisation_id": who["organisation_id"], "name": who["name"], "kind": who["kind"]}


def names_of(holders: Sequence[Mapping[str, Any]]) -> str:
    """Everybody who holds a slot, alone or together with another, in words."""
    return "、".join(one["name"] for holder in holders for one in (holder, *holder.get("partners", [])))


def own_wish(wish: Wish, seals: Seals) -> dict[str, Any]:
    """A wish for its resident, with who comes to the door and the code they must know."""
    return {**_known_wish(wish, seals), "adoptions": [_own_adoption(wish, one, seals) for one in wish.adoptions]}


def staff_wish(wish: Wish, seals: Seals) -> dict[str, Any]:
    """A wish for staff: everything but the contact, which is asked for by itself, and the door code."""
    return {
        **_known_wish(wish, seals),
        "adoptions": [_adoption(wish, one, seals) for one in wish.adoptions],
        "consents": {**known_consents(wish, seals), "recorded_at": rfc3339(wish.consents.recorded_at)},
        "hints": hints_of(wish, seals),
        "difference": _difference(wish, seals),
        "recommended": list(wish.recommended),
    }


def _difference(wish: Wish, seals: Seals) -> dict[str, Pieces] | None:
    """What the public text says otherwise than the resident did; None where both say the same."""
    if wish.public_title is None or wish.erased_at is not None:
        return None
    original = {name: seals.of_wish(wish.id, text) or "" for name, text in vars(wish).items() if name in _WORDS}
    return compared(original, {"title": wish.public_title, "detail": wish.public_detail or ""})


_WORDS = ("title", "detail")


def _known_wish(wish: Wish, seals: Seals) -> dict[str, Any]:
    title, detail = seals.of_wish(wish.id, wish.title), seals.of_wish(wish.id, wish.detail)
    return {
        "id": wish.id,
        "title": wish.public_title or title,
        "detail": wish.public_detail if wish.public_detail is not None else detail,
        "original": {"title": title, "detail": detail},
        "category": wish.category.value,
        "community": wish.community.model_dump(),
        "public_name": wish.public_name,
        "beneficiary": seals.of_wish(wish.id, wish.beneficiary),
        "relation": wish.relation,
        "under_14": wish.for_child,
        "without_account": wish.resident_id is None,
        "erased": wish.erased_at is not None,
        "estimated_value_fen": wish.estimated_value_fen,
        "on_behalf": wish.on_behalf,
        "status": wish.status.value,
        "slots": wish.slots,
        "held": held(wish.adoptions),
        "holders": [
            {
                "organisation_id": one.organisation_id,
                "name": one.organisation_name,
                "kind": one.organisation_kind,
                "partners": [asdict(partner) for partner in one.partners],
            }
            for one in wish.adoptions
            if one.state in HOLDING
        ],
        "contact_masked": {
            "name": wish.contact.name_masked,
            "phone": wish.contact.phone_masked,
            "address": wish.contact.address_masked,
        },
        "submitted_at": rfc3339(wish.submitted_at),
        "posted_at": rfc3339(wish.posted_at),
        "ended_at": rfc3339(wish.ended_at),
        "merged_into": wish.merged_into,
        "campaign": wish.campaign_id,
        **_last_reason(wish, seals),
        "photos": known_photos(wish),
        "version": wish.version,
    }


def _last_reason(wish: Wish, seals: Seals) -> dict[str, str | None]:
    """Why it was returned, refused or ended, if that is where it stands, and its code in the catalogue."""
    telling = {"WishReturned", "WishRejected", "WishTakenDown", "WishClosed", "WishWithdrawn"}
    last = next((line for line in reversed(wish.timeline) if line.what in telling), None)
    if last is None or wish.status.value not in {"returned", "rejected", "taken_down", "closed", "withdrawn"}:
        return {"reason": None, "reason_code": None}
    return {"reason": seals.of_wish(wish.id, last.why), "reason_code": last.reason_code}


def _adoption(wish: Wish, adoption: Adoption, seals: Seals) -> dict[str, Any]:
    return {
        "id": adoption.id,
        "organisation_id": adoption.organisation_id,
        "organisation": adoption.organisation_name,
        "kind": adoption.organisation_kind,
        "state": adoption.state.value,
        "claimed_at": rfc3339(adoption.claimed_at),
        "due_at": rfc3339(adoption.due_at),
        "delivered_at": rfc3339(adoption.delivered_at),
        "confirmed_at": rfc3339(adoption.confirmed_at),
        "handler": seals.of_wish(wish.id, adoption.handler_name),
        "office_phone": seals.of_wish(wish.id, adoption.office_phone),
        "note": seals.of_wish(wish.id, adoption.note),
    }


def _own_adoption(wish: Wish, adoption: Adoption, seals: Seals) -> dict[str, Any]:
    return {**_adoption(wish, adoption, seals), "door_code": seals.of_wish(wish.id, adoption.door_code)}


_ONLY_IN_ACCESS_LOG = {"ContactRead", "ContactShown"}


def own_timeline(wish: Wish, seals: Seals) -> list[dict[str, Any]]:
    """Every line for the resident and staff: what, when, in which capacity, which organisation, and the words."""
    names = {adoption.organisation_id: adoption.organisation_name for adoption in wish.adoptions}
    return [
        {
            "at": rfc3339(line.at),
            "what": line.what,
            "role": line.by.role.value,
            "organisation": line.organisation_name or names.get(line.organisation_id or ""),
            "organisation_id": line.organisation_id,
            "why": None if line.what in _ONLY_IN_ACCESS_LOG else seals.of_wish(wish.id, line.why),
            "reason_code": line.reason_code,
            "difference": difference_of(line, wish, seals),
            "recorded_at": rfc3339(line.recorded_at),
            "recorded_by": line.recorded_by,
        }
        for line in wish.timeline
    ]


def access_line(line: Entry, name: str | None) -> dict[str, Any]:
    """One reading of the contact: when, who, for which organisation."""
    return {
        "at": rfc3339(line.at),
        "reader": {"role": line.by.role.value, "name": name, "organisation": line.organisation_name},
        "adoption_id": line.adoption_id,
    }


def public_timeline(lines: list[Document]) -> list[dict[str, Any]]:
    """The public lines with their times as text."""
    return [{**line, "at": rfc3339(line["at"])} for line in lines]
