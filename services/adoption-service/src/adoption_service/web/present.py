"""How organisations and adoptions look in answers: to everybody, and to those who may see more."""

from adoption_service.domain.adoption import Adoption
from adoption_service.web.schemas import AdoptionOut, Following, MemberOut, NoteOut, OrganisationOut
from microwish.privacy.masking import mask_name, mask_phone
from microwish.privacy.sealing import CannotOpen, Sealer
from microwish.store.mongo import Document


def organisation_out(document: Document) -> OrganisationOut:
    """What everybody may know."""
    return OrganisationOut(id=document["_id"], name=document["name"], kind=document["kind"], state=document["state"])


def own_organisation_out(document: Document, sealer: Sealer, person_id: str | None = None) -> OrganisationOut:
    """What its members and staff may know; the contact is masked."""
    about, contact = f"contact:{document['_id']}", document["contact"]
    members = [
        MemberOut(
            person_id=one["person_id"],
            role=one["role"],
            name=sealer.open(one["name"], about=f"organisation:{document['_id']}"),
        )
        for one in document["members"]
    ]
    return organisation_out(document).model_copy(
        update={
            "scope": document["scope"],
            "uscc": document.get("uscc"),
            "branch_id": document.get("branch_id"),
            "contact": {
                "name": mask_name(sealer.open(contact["name"], about=about)),
                "phone": mask_phone(sealer.open(contact["phone"], about=about)),
            },
            "following": Following.model_validate(document["following"]),
            "members": members,
            "role": next((one.role for one in members if one.person_id == person_id), None),
            "reason": _verdict_reason(document, sealer),
        }
    )


def adoption_out(wish_id: str, adoption: Adoption, sealer: Sealer) -> AdoptionOut:
    """An adoption with its texts in clear, for those who may read them."""
    about = f"wish:{wish_id}"
    note = adoption.delivery_note
    return AdoptionOut(
        id=adoption.id,
        wish_id=wish_id,
        organisation_id=adoption.organisation.id,
        organisation=adoption.organisation.name,
        state=adoption.state,
        claimed_at=adoption.claimed_at,
        due_at=adoption.due_at,
        extended=adoption.extended,
        handler_id=adoption.handler_id,
        handler_name=sealer.open(adoption.handler_name, about=about),
        delivered_at=adoption.delivered_at,
        delivery_note=sealer.open(note, about=about) if note else None,
        progress=[NoteOut(at=one.at, note=sealer.open(one.text, about=about)) for one in adoption.notes],
        ended_at=adoption.ended_at,
        cause=adoption.cause,
        reason=_readable(adoption.reason, sealer, about),
        thanks=_readable(adoption.thanks, sealer, about),
        needs_attention=bool(adoption.flags),
    )


def _verdict_reason(document: Document, sealer: Sealer) -> str | None:
    """What staff said when they refused or suspended it, as long as that stands."""
    said = {"refused": "OrganisationRefused", "suspended": "OrganisationSuspended"}.get(document["state"])
    verdicts = [line for line in document["timeline"] if line["what"] == said]
    return _readable(verdicts[-1].get("why") if verdicts else None, sealer, f"organisation:{document['_id']}")


def _readable(sealed: str | None, sealer: Sealer, about: str) -> str | None:
    """A word that is good to know; one that no key of ours opens must not hide the rest."""
    if sealed is None:
        return None
    try:
        return sealer.open(sealed, about=about)
    except CannotOpen:
        return None
