"""A person asked to be forgotten (PersonErased, which wish-service decides): what this service has of them goes.

Their id stays where it says who did what and when: it leads to nobody any more (ADR 0027).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from adoption_service.domain import membership
from adoption_service.domain.claims import Entry
from adoption_service.domain.organisation import Organisation
from adoption_service.domain.tending import SYSTEM
from adoption_service.store.erasures import Erasing, Erasures
from adoption_service.store.forgetting import Forgetting
from adoption_service.store.organisations import (
    OrganisationStore,
    Rewrite,
    departed_documents,
    member_documents,
)
from adoption_service.use_cases.invite_member import end_invitations
from adoption_service.views.contacts import Contacts
from microwish.events import Actor, Envelope, Role, UnknownEvent
from microwish.events.adoption import InvitationEnd, MemberChanged
from microwish.events.contact import ContactKind, OrganisationContactSaved
from microwish.events.wish import PersonErased
from microwish.messaging.streams import Outcome
from microwish.one_by_one import by_itself
from microwish.privacy.phones import is_mobile
from microwish.privacy.sealing import CannotOpen, Sealer
from microwish.store.outbox import Outgoing
from microwish.when import When

LATE: Final = timedelta(hours=1)
"""For how long something of the person that was under way may still arrive."""
SOON: Final = timedelta(seconds=1)
NOW_AND_THEN: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Kept:
    """Everything here that may hold something of a person."""

    organisations: OrganisationStore
    contacts: Contacts
    erasures: Erasures
    forgetting: Forgetting
    sealer: Sealer


async def take_erasure(event: Envelope, erasures: Erasures, *, when: When) -> Outcome:
    """Remember who is to be forgotten; the rounds see to it. It is a person's last word, so it needs no order."""
    try:
        payload = event.payload()
    except UnknownEvent:
        return Outcome.APPLIED
    if isinstance(payload, PersonErased):
        erasing = Erasing(payload.person_id, payload.contact_ids, when.recorded_at)
        await erasures.begin(erasing, version=event.version)
    return Outcome.APPLIED


async def forget_contact(contact_id: str, version: int, kept: Kept, *, when: When) -> None:
    """A contact is erased: nobody waits for its phone any more, then it goes itself."""
    await _uninvite(contact_id, kept, when)
    await kept.contacts.erase(contact_id, version)


async def follow_erasures(kept: Kept, *, when: When) -> None:
    """Take out what is left of everybody who asked for it.

    Guarantee: safe at any time, by any number of processes, and after a kill at any moment: what is left is read from
    the truth. Looked at again until an hour has passed, for what was under way.
    """
    for erasing in await kept.erasures.due(when.recorded_at):
        if not await by_itself(_forget(erasing, kept, when), what="erasure", subject=erasing.person_id):
            await kept.erasures.look_again(erasing.person_id, when.recorded_at + SOON)
        elif when.recorded_at - erasing.since < LATE:
            await kept.erasures.look_again(erasing.person_id, when.recorded_at + NOW_AND_THEN)
        else:
            await kept.erasures.end(erasing.person_id)


async def _forget(erasing: Erasing, kept: Kept, when: When) -> bool:
    """Whether nothing is left, as far as is known now."""
    await _uninvite(erasing.person_id, kept, when)
    for organisation_id in await kept.organisations.naming(erasing.person_id):
        await _leave(organisation_id, erasing.person_id, kept, when)
    done = await kept.forgetting.name(erasing.person_id, when=when)
    for organisation_id in await kept.organisations.called_at(erasing.person_id):
        current = await _phone_now(organisation_id, kept)
        done = await kept.forgetting.office(organisation_id, current, when=when) and done
    for wish_id in erasing.contact_ids:
        done = await kept.forgetting.words(wish_id, when=when) and done
    return done


async def _uninvite(contact_id: str, kept: Kept, when: When) -> None:
    index = await kept.contacts.phone_index_of(contact_id)
    for organisation in await kept.organisations.inviting(index) if index else []:
        theirs = [one.id for one in organisation.invitations if one.phone_index == index]
        await end_invitations(organisation.id, theirs, InvitationEnd.WITHDRAWN, SYSTEM, kept.organisations, when)


async def _leave(organisation_id: str, person_id: str, kept: Kept, when: When) -> None:
    def leave(organisation: Organisation) -> Rewrite | None:
        by = Actor(person_id=person_id, role=Role.MEMBER)
        values: dict[str, Any] = {}
        events: list[Outgoing] = []
        if any(one.person_id == person_id for one in organisation.members):
            after = membership.forgotten(organisation, person_id, when.recorded_at)
            values["members"] = member_documents(after.members)
            values["departed"] = departed_documents(after.departed)
            events.append(MemberChanged(organisation_id=organisation.id, by=by, person_id=person_id))
        if organisation.contact_person == person_id:
            contact = _nobody(organisation, kept.sealer)
            # Whose phone it was stays known: it is in adoptions too, and what is under way may still bring it there.
            values["contact"] = {"name": contact.name, "phone": contact.phone, "person_id": None}
            values["contact_was"] = person_id
            events.append(contact)
        return Rewrite(values, events, Entry("PersonErased", by)) if values else None

    await kept.organisations.rewrite(organisation_id, leave, when=when)


async def _phone_now(organisation_id: str, kept: Kept) -> str:
    return _office_phone(await kept.organisations.get(organisation_id), kept.sealer)


def _office_phone(organisation: Organisation, sealer: Sealer) -> str:
    try:
        return sealer.open(organisation.office_phone, about=f"contact:{organisation.id}")
    except CannotOpen:
        return ""


def _nobody(organisation: Organisation, sealer: Sealer) -> OrganisationContactSaved:
    """The organisation's contact without the person: a landline is the office's, a mobile was theirs."""
    about = f"contact:{organisation.id}"
    phone = _office_phone(organisation, sealer)
    office = "" if is_mobile(phone) else phone
    return OrganisationContactSaved(
        contact_id=organisation.id,
        kind=ContactKind.ORGANISATION,
        name=sealer.seal("", about=about),
        phone=sealer.seal(office, about=about),
    )
