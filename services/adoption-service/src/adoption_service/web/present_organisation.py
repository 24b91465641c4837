"""How organisations look in answers: to everybody, and to those who may see more."""

from adoption_service.web.organisation_schemas import TimelineLine, TimelineOut
from adoption_service.web.present import readable
from adoption_service.web.schemas import InvitationOut, MemberOut, OrganisationOut
from microwish.events.adoption import MemberRole
from microwish.privacy.masking import mask_name, mask_phone
from microwish.privacy.sealing import Sealer
from microwish.store.mongo import Document

_CHANGES = ("ChangeProposed", "ChangeWithdrawn", "ChangeRefused", "OrganisationChanged")
_OF_LINES = ("role", "fields", "allowed", "recorded_at")


def organisation_out(document: Document) -> OrganisationOut:
    """What everybody may know."""
    return OrganisationOut.model_validate(_public(document))


def own_organisation_out(document: Document, sealer: Sealer, person_id: str | None = None) -> OrganisationOut:
    """What its members and staff may know; the contact is masked. Who is invited is for its managers."""
    about, contact = f"contact:{document['_id']}", document["contact"]
    members = [
        MemberOut(person_id=one["person_id"], role=one["role"], name=sealer.open(one["name"], about=_about(document)))
        for one in document["members"]
    ]
    role = next((one.role for one in members if one.person_id == person_id), None)
    known = {
        "scope": document["scope"],
        "uscc": document.get("uscc"),
        "branch_id": document.get("branch_id"),
        "contact": {
            "name": mask_name(sealer.open(contact["name"], about=about)),
            "phone": mask_phone(sealer.open(contact["phone"], about=about)),
        },
        "following": document["following"],
        "members": members,
        "role": role,
        "reason": _verdict_reason(document, sealer),
        "change": document.get("change"),
        "change_refused": _change_refused(document, sealer),
        "limit": document.get("limit"),
        "invitations": _invitations(document, sealer) if role is MemberRole.MANAGER else None,
        "without_manager": not any(one.role is MemberRole.MANAGER for one in members) or None,
    }
    return OrganisationOut.model_validate(_public(document) | known)


def timeline_out(document: Document, sealer: Sealer) -> TimelineOut:
    """Every line, the oldest first: in which capacity, never by which id. Who is gone has no name here any more."""
    about = _about(document)
    names = {one["person_id"]: readable(one["name"], sealer, about) for one in document["members"]}
    lines = [
        TimelineLine(
            at=line["at"],
            what=line["what"],
            by=line["by"]["role"],
            who=names.get(line.get("person_id", "")),
            why=readable(line.get("why"), sealer, about),
            **{name: line[name] for name in _OF_LINES if name in line},
        )
        for line in document["timeline"]
    ]
    return TimelineOut(items=lines)


def _public(document: Document) -> Document:
    return {"id": document["_id"], "name": document["name"], "kind": document["kind"], "state": document["state"]}


def _about(document: Document) -> str:
    return f"organisation:{document['_id']}"


def _invitations(document: Document, sealer: Sealer) -> list[InvitationOut]:
    return [
        InvitationOut(
            id=one["id"],
            phone_masked=mask_phone(sealer.open(one["phone"], about=f"contact:{one['id']}")),
            name=sealer.open(one["name"], about=_about(document)),
            role=one["role"],
            invited_at=one["at"],
            expires_at=one["until"],
        )
        for one in document.get("invitations", [])
    ]


def _verdict_reason(document: Document, sealer: Sealer) -> str | None:
    """What staff said when they refused or suspended it, as long as that stands."""
    said = {"refused": "OrganisationRefused", "suspended": "OrganisationSuspended"}.get(document["state"])
    verdicts = [line for line in document["timeline"] if line["what"] == said]
    return readable(verdicts[-1].get("why") if verdicts else None, sealer, _about(document))


def _change_refused(document: Document, sealer: Sealer) -> str | None:
    """Why staff refused the last change, until another is asked for."""
    asked = [line for line in document["timeline"] if line["what"] in _CHANGES]
    if not asked or asked[-1]["what"] != "ChangeRefused":
        return None
    return readable(asked[-1].get("why"), sealer, _about(document))
