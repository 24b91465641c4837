"""What adoption-service tells about a wish, and what follows here. Never refused; never answered with an event.

A fact about an adoption that is confirmed already changes nothing but the timeline: the person's word stands.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from microwish.events import Actor, Event
from microwish.events.adoption import (
    AdoptionEvent,
    AdoptionExtended,
    AdoptionFlagged,
    AdoptionLapsed,
    AdoptionReleased,
    AdoptionRevoked,
    ClaimsEvent,
    ContactRead,
    DeliveryReported,
    HandlerNamed,
    PartnersChanged,
    ProgressNoted,
    WishAdopted,
)
from microwish.when import When
from wish_service.domain.adoptions import Adoption, AdoptionState, Partner
from wish_service.domain.errors import ContactErased
from wish_service.domain.states import Step
from wish_service.domain.wish import Decision, Wish, entry, stepped


def react(wish: Wish, event: Event, when: When) -> Decision | None:
    """The wish after the event; None if it means nothing here (a waiting list changed, an offer was made)."""
    if isinstance(event, WishAdopted):
        return _adopted(wish, event, when)
    how = _HOW.get(type(event))
    if how is None or not isinstance(event, AdoptionEvent):
        return None
    return how(wish, event, when)


def _adopted(wish: Wish, event: WishAdopted, when: When) -> Decision:
    adoption = Adoption(
        id=event.adoption_id,
        organisation_id=event.organisation.id,
        organisation_name=event.organisation.name,
        organisation_kind=event.organisation.kind.value,
        claimed_at=event.claimed_at,
        due_at=event.due_at,
        handler_name=event.handler_name,
        office_phone=event.office_phone,
        door_code=event.door_code,
    )
    return _told(wish, Step.ADOPTED, event, when, adoption)


def _ended(step: Step, state: AdoptionState) -> "_How":
    def end(wish: Wish, event: AdoptionEvent, when: When) -> Decision | None:
        adoption = _known(wish, event)
        if adoption is None:
            return None
        kept = adoption if adoption.state is AdoptionState.CONFIRMED else replace(adoption, state=state)
        # Who came to the door is nobody's business once nobody comes.
        gone = replace(kept, door_code=None, office_phone=None, handler_name=None) if kept.state is state else kept
        return _told(wish, step, event, when, gone, why=getattr(event, "reason", None))

    return end


def _reported(wish: Wish, event: AdoptionEvent, when: When) -> Decision | None:
    adoption = _known(wish, event)
    if adoption is None or not isinstance(event, DeliveryReported):
        return None
    if adoption.state is not AdoptionState.ACTIVE:
        return _told(wish, Step.NOTED, event, when, adoption, why=event.note)
    done = replace(adoption, state=AdoptionState.DELIVERED, delivered_at=event.delivered_at, note=event.note)
    return _told(wish, Step.REPORTED, event, when, done, why=event.note)


def _noted(*fields: str) -> "_How":
    def note(wish: Wish, event: AdoptionEvent, when: When) -> Decision | None:
        adoption = _known(wish, event)
        if adoption is None:
            return None
        changes: dict[str, Any] = {name: getattr(event, name) for name in fields}
        why = getattr(event, "note", None) or getattr(event, "reason", None) or getattr(event, "reader_name", None)
        return _told(wish, Step.NOTED, event, when, replace(adoption, **changes), why=why)

    return note


def _renamed(wish: Wish, event: AdoptionEvent, when: When) -> Decision | None:
    adoption = _known(wish, event)
    if adoption is None or not isinstance(event, HandlerNamed):
        return None
    # The code of before holds on where the event brings none.
    door_code = event.door_code or adoption.door_code
    return _told(wish, Step.NOTED, event, when, replace(adoption, handler_name=event.handler_name, door_code=door_code))


def _joined(wish: Wish, event: AdoptionEvent, when: When) -> Decision | None:
    adoption = _known(wish, event)
    if adoption is None or not isinstance(event, PartnersChanged):
        return None
    partners = tuple(Partner(one.id, one.name, one.kind.value) for one in event.partners)
    # Who was asked and has not answered is none of the resident's business.
    if partners == adoption.partners:
        return None
    return _told(wish, Step.NOTED, event, when, replace(adoption, partners=partners))


def _told(
    wish: Wish, step: Step, event: ClaimsEvent, when: When, adoption: Adoption, *, why: str | None = None
) -> Decision:
    line = entry(type(event).__name__, event.by, when, why=why, adoption=adoption)
    return stepped(wish, step, line, adoptions=wish.with_adoption(adoption))


def _known(wish: Wish, event: AdoptionEvent) -> Adoption | None:
    return next((adoption for adoption in wish.adoptions if adoption.id == event.adoption_id), None)


_How = Callable[[Wish, AdoptionEvent, When], Decision | None]

_HOW: dict[type[Event], _How] = {
    HandlerNamed: _renamed,
    PartnersChanged: _joined,
    AdoptionExtended: _noted("due_at"),
    AdoptionReleased: _ended(Step.RELEASED, AdoptionState.RELEASED),
    AdoptionLapsed: _ended(Step.LAPSED, AdoptionState.LAPSED),
    AdoptionRevoked: _ended(Step.REVOKED, AdoptionState.REVOKED),
    AdoptionFlagged: _noted(),
    ProgressNoted: _noted(),
    DeliveryReported: _reported,
    ContactRead: _noted(),
}


def contact_shown(wish: Wish, by: Actor, when: When, step: Step = Step.SHOW_CONTACT) -> Decision:
    """Staff have read how to reach the resident, who can see that. Raises: WrongState, ContactErased."""
    if wish.erased_at is not None:
        raise ContactErased(wish.id)
    return stepped(wish, step, entry("ContactShown", by, when))
