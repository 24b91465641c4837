"""From an event and what is known to the variables of a template, each short enough for a carrier."""

from collections.abc import Callable, Set
from datetime import datetime, tzinfo

from microwish.events import Event, adoption
from notify_service.domain.known import KnownOrganisation, KnownWish, Waiting, organisation_key, wish_key
from notify_service.domain.templates import Language, fitting
from notify_service.domain.variables import SEE_PAGE, VARIABLES

Open = Callable[[str, str], str]
"""Opens a sealed text: (token, about)."""

_ROLES = {
    adoption.MemberRole.MANAGER: ("管理员", "a manager"),
    adoption.MemberRole.HANDLER: ("经办人", "a handler"),
}
_SEALED = {"handler": "handler_name", "office_phone": "office_phone", "door_code": "door_code"}
_BY_ORGANISATION = (adoption.OrganisationEvent, adoption.RecommendationDeclined)
"""They name an organisation that holds nothing of the wish."""
_OTHERWISE = {
    "title": ("您关心的心愿", "your wish"),
    "organisation": ("认领单位", "the organisation"),
    "handler": SEE_PAGE,
    "office_phone": SEE_PAGE,
    "door_code": SEE_PAGE,
}


def short_number(wish_id: str) -> str:
    """The short code of a wish that fits into a message beside a fixed address: the last six characters of its id."""
    return wish_id.replace("-", "")[-6:].upper()


def values_for(
    needed: Set[str],
    event: Event,
    known: KnownWish | None,
    group: KnownOrganisation | None,
    *,
    open_: Open,
    zone: tzinfo,
    language: Language,
) -> dict[str, str] | Waiting:
    """The needed variables, or what has to be heard of first.

    Raises: whatever `open_` raises for a sealed text that it can't open.
    """
    values: dict[str, str] = {}
    missing: list[str] = []
    for name in sorted(needed):
        found = _value(name, event, known, group, open_=open_, zone=zone, language=language)
        if isinstance(found, Waiting):
            missing += found.keys
        else:
            values[name] = found
    return Waiting(tuple(dict.fromkeys(missing))) if missing else values


def _value(
    name: str,
    event: Event,
    known: KnownWish | None,
    group: KnownOrganisation | None,
    *,
    open_: Open,
    zone: tzinfo,
    language: Language,
) -> str | Waiting:
    wish_id: str = getattr(event, "wish_id", "")
    if name == "number":
        return short_number(wish_id)
    if name == "title":
        title = getattr(event, "title", None) or (known.title if known else None)
        return _fit(name, title, language) if title else Waiting((wish_key(wish_id),))
    if name == "organisation":
        return _organisation(event, known, group, language)
    if name == "due":
        return _due(event, zone, language)
    if name == "role":
        assert isinstance(event, adoption.MemberChanged | adoption.MemberInvited)
        return _pick(_ROLES[event.role or adoption.MemberRole.HANDLER], language)
    if name == "allowed":
        assert isinstance(event, adoption.LimitLifted)
        return str(event.allowed)
    token: str = getattr(event, _SEALED[name])
    return _fit(name, open_(token, f"wish:{wish_id}"), language)


def _organisation(
    event: Event, known: KnownWish | None, group: KnownOrganisation | None, language: Language
) -> str | Waiting:
    if isinstance(event, adoption.WishAdopted):
        return _fit("organisation", event.organisation.name, language)
    held = known.adoptions.get(getattr(event, "adoption_id", "")) if known else None
    name = held.organisation_name if held else group.name if group else None
    if name:
        return _fit("organisation", name, language)
    if isinstance(event, _BY_ORGANISATION):
        return Waiting((organisation_key(event.organisation_id),))
    return Waiting((wish_key(getattr(event, "wish_id", "")),))


def _due(event: Event, zone: tzinfo, language: Language) -> str:
    if isinstance(event, adoption.SlotOffered):
        local = event.until.astimezone(zone)
        day = _day(local, language)
        return f"{day} {local:%H:%M}"
    if isinstance(event, adoption.LimitLifted):
        return _day(event.until.astimezone(zone), language)
    moment: datetime = event.due_at  # type: ignore[attr-defined]  # rules give {due} only to events with a day
    return _day(moment.astimezone(zone), language)


def _day(local: datetime, language: Language) -> str:
    return f"{local.day} {local:%b}" if language == "en" else f"{local.month} 月 {local.day} 日"


def _fit(name: str, value: str, language: Language) -> str:
    otherwise = _pick(_OTHERWISE[name], language)
    fits = fitting(value, otherwise=otherwise)
    # Organisations write their number as they like; one that nobody could dial stands on the page alone.
    return otherwise if name == "office_phone" and VARIABLES[name].fault(fits) else fits


def _pick(pair: tuple[str, str], language: Language) -> str:
    return pair[1] if language == "en" else pair[0]
