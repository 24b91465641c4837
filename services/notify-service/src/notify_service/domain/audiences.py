"""From an audience to people: found in the event's payload and in what is known; never guessed.

FOLLOWERS and STAFF may be many and are read page by page from the views (`use_cases/fan_out.py`); ASKED are those of
several organisations (`managers_of`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from microwish.events import Event, adoption, wish
from notify_service.domain.known import KnownOrganisation, KnownWish, Waiting, organisation_key, wish_key
from notify_service.domain.rules import Audience


@dataclass(frozen=True)
class Recipient:
    """Who gets a message: the contact to use (a person's id, or a wish's for somebody without an account)."""

    contact_id: str
    person_id: str | None = None


Found = tuple[Recipient, ...] | Waiting


def person(id: str) -> Recipient:
    """Somebody with an account: their contact has their own id."""
    return Recipient(id, id)


def people_of(audience: Audience, event: Event, known: KnownWish | None, group: KnownOrganisation | None) -> Found:
    """Who the audience is, or what has to be heard of first.

    known: the wish of the event, group: its organisation, each None while nothing of it has come.
    """
    return _FINDERS[audience](event, known, group)


def wish_id_of(event: Event) -> str | None:
    """The wish that the event is about, if any."""
    return getattr(event, "wish_id", None)


def managers_of(groups: Mapping[str, KnownOrganisation | None]) -> Found:
    """The managers of all these organisations, or what has to be heard of first."""
    unheard = tuple(organisation_key(one) for one, group in groups.items() if group is None or not group.managers)
    if unheard:
        return Waiting(unheard)
    managers = (manager for group in groups.values() if group is not None for manager in group.managers)
    return tuple(person(manager) for manager in dict.fromkeys(managers))


def organisation_id_of(event: Event) -> str | None:
    """The organisation that the event is for, if any: of a hand-over, the one that is asked."""
    return getattr(event, "to_organisation_id", None) or getattr(event, "organisation_id", None)


def community_of(event: Event, known: KnownWish | None) -> str | None:
    """The community that the event belongs to, if it is known."""
    if isinstance(event, wish.WishEvent):
        return event.community
    return known.community if known else None


def _resident(event: Event, known: KnownWish | None, _group: KnownOrganisation | None) -> Found:
    wish_id = wish_id_of(event) or ""
    if isinstance(event, wish.WishEvent):
        return (person(event.resident_id) if event.resident_id else Recipient(wish_id),)
    if known is None or not known.heard:
        return Waiting((wish_key(wish_id),))
    return (person(known.resident_id) if known.resident_id else Recipient(wish_id),)


def _handler(event: Event, known: KnownWish | None, group: KnownOrganisation | None) -> Found:
    if isinstance(event, adoption.AdoptionEvent) and event.handler_id:
        return (person(event.handler_id),)
    wish_id, adoption_id = wish_id_of(event) or "", getattr(event, "adoption_id", "")
    held = known.adoptions.get(adoption_id) if known else None
    if held is None:
        return Waiting((wish_key(wish_id),))
    return (person(held.handler_id),) if held.handler_id else _managers(event, known, group)


def _handlers(event: Event, known: KnownWish | None, _group: KnownOrganisation | None) -> Found:
    assert isinstance(event, wish.WishFulfilled)
    adoptions = known.adoptions if known else {}
    if any(held not in adoptions for held in event.adoption_ids):
        return Waiting((wish_key(event.wish_id),))
    handlers = (adoptions[held].handler_id for held in event.adoption_ids)
    return tuple(person(handler) for handler in dict.fromkeys(handlers) if handler)


def _holders(_event: Event, known: KnownWish | None, _group: KnownOrganisation | None) -> Found:
    standing = (held.handler_id for held in (known.adoptions if known else {}).values() if held.stands)
    return tuple(person(handler) for handler in dict.fromkeys(standing) if handler)


def _managers(event: Event, _known: KnownWish | None, group: KnownOrganisation | None) -> Found:
    if group is None or not group.managers:
        return Waiting((organisation_key(organisation_id_of(event) or ""),))
    return tuple(person(manager) for manager in group.managers)


def _member(event: Event, _known: KnownWish | None, _group: KnownOrganisation | None) -> Found:
    assert isinstance(event, adoption.MemberChanged)
    return (person(event.person_id),)


def _invited(event: Event, _known: KnownWish | None, _group: KnownOrganisation | None) -> Found:
    assert isinstance(event, adoption.MemberInvited)
    return (Recipient(event.invitation_id),)


_Finder = Callable[[Event, KnownWish | None, KnownOrganisation | None], Found]
_FINDERS: dict[Audience, _Finder] = {
    Audience.RESIDENT: _resident,
    Audience.HANDLER: _handler,
    Audience.HANDLERS: _handlers,
    Audience.HOLDERS: _holders,
    Audience.MANAGERS: _managers,
    Audience.MEMBER: _member,
    Audience.INVITED: _invited,
}
