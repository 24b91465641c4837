"""How adoptions look in answers, for those who may see them."""

from adoption_service.domain.adoption import Adoption, Proposal
from adoption_service.web.schemas import (
    AdoptionOut,
    HandoverOut,
    NoteOut,
    PartnerOut,
)
from microwish.events.adoption import OrganisationRef
from microwish.privacy.sealing import CannotOpen, Sealer


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
        progress=[
            NoteOut(at=one.at, note=sealer.open(one.text, about=about), organisation=one.organisation)
            for one in adoption.notes
        ],
        ended_at=adoption.ended_at,
        cause=adoption.cause,
        reason=readable(adoption.reason, sealer, about),
        thanks=readable(adoption.thanks, sealer, about),
        needs_attention=bool(adoption.flags),
        partners=[partner_out(one) for one in adoption.partners],
        asked=[partner_out(one) for one in adoption.asked],
        handover=_handover_out(adoption.handover, sealer, about),
    )


def partner_out(who: OrganisationRef) -> PartnerOut:
    """An organisation that others name."""
    return PartnerOut(id=who.id, name=who.name, kind=who.kind)


def _handover_out(proposal: Proposal | None, sealer: Sealer, about: str) -> HandoverOut | None:
    if proposal is None:
        return None
    return HandoverOut(
        organisation_id=proposal.to.id,
        organisation=proposal.to.name,
        reason=readable(proposal.reason, sealer, about),
        proposed_at=proposal.at,
    )


def readable(sealed: str | None, sealer: Sealer, about: str) -> str | None:
    """A word that is good to know; one that no key of ours opens must not hide the rest."""
    if sealed is None:
        return None
    try:
        return sealer.open(sealed, about=about)
    except CannotOpen:
        return None
