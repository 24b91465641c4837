"""What each event means for the public row of a wish. Shared by the wall and the statistics.

    wish:   {version, community, category, title, detail, slots, photos: [id], posted_at, ended, ended_at,
             confirmed: [adoption id], confirmed_at: [time], disputed: [adoption id], log: [{at, what}]}
    claims: {version, adoptions: [{id, organisation_id, name, kind, claimed_at}], delivered: [id], ended: [id],
             log: […], together: [{id, partners: [{organisation_id, name, kind}]}]}

Lists grow by one entry per event, in stream order; which adoptions hold is derived from both parts, so that any
interleaving of the two streams gives the same row.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from microwish.events import Community, Event
from microwish.events.adoption import (
    AdoptionExtended,
    AdoptionLapsed,
    AdoptionReleased,
    AdoptionRevoked,
    DeliveryReported,
    PartnersChanged,
    WishAdopted,
)
from microwish.events.wish import (
    DeliveryConfirmed,
    DeliveryDisputed,
    WishClosed,
    WishFulfilled,
    WishMerged,
    WishMoved,
    WishPosted,
    WishRevised,
    WishTakenDown,
    WishWithdrawn,
)
from microwish.store.outbox import literal
from microwish.store.views import Expression
from wish_service.domain.access import areas_of
from wish_service.domain.states import Status
from wish_service.domain.wish import ANONYMOUS

Changes = Mapping[str, Any]

ENDS: dict[type[Event], Status] = {
    WishMerged: Status.MERGED,
    WishWithdrawn: Status.WITHDRAWN,
    WishTakenDown: Status.TAKEN_DOWN,
    WishClosed: Status.CLOSED,
    WishFulfilled: Status.FULFILLED,
}


def appended(path: str, *entries: Any) -> Expression:
    """The list at this path of the row with these entries behind it."""
    return Expression({"$concatArrays": [{"$ifNull": [f"${path}", []]}, [literal(entry) for entry in entries]]})


def wish_changes(event: Event, at: datetime) -> Changes:
    """Fields of the part `wish`; empty for an event that the public has nothing of."""
    if isinstance(event, WishPosted):
        return _posted(event, at)
    if isinstance(event, WishRevised):
        return _revised(event)
    if isinstance(event, WishMoved):
        return {**_place(event.place), "log": _line("wish", event, at)}
    if isinstance(event, DeliveryConfirmed):
        return {
            "confirmed": appended("wish.confirmed", event.adoption_id),
            "confirmed_at": appended("wish.confirmed_at", at),
            "log": _line("wish", event, at, event.adoption_id),
        }
    if isinstance(event, DeliveryDisputed):
        return {
            "disputed": appended("wish.disputed", event.adoption_id),
            "log": _line("wish", event, at, event.adoption_id),
        }
    if type(event) in ENDS:
        into = {"into": event.into} if isinstance(event, WishMerged) else {}
        return {"ended": ENDS[type(event)].value, "ended_at": at, **into, "log": _line("wish", event, at)}
    return {}


def _posted(event: WishPosted, at: datetime) -> Changes:
    return {
        **_place(event.place),
        "category": event.category.value,
        "title": event.title,
        "detail": event.detail,
        "public_name": event.public_name,
        "slots": event.slots,
        "on_behalf": event.on_behalf,
        **({"campaign": event.campaign_id} if event.campaign_id else {}),
        "photos": event.photo_ids or [],
        "posted_at": at,
        "log": _line("wish", event, at),
    }


def _place(place: Community) -> Changes:
    return {"community": {"code": place.code, "name": place.name}, "areas": areas_of(place.code)}


def _revised(event: WishRevised) -> Changes:
    # Before review there is no text in the event and no row to show: the fields are simply overwritten by WishPosted.
    told = {"title": event.title, "detail": event.detail, "slots": event.slots, "photos": event.photo_ids}
    shown = {**told, "public_name": ANONYMOUS if event.anonymous else None}
    category = {"category": event.category.value} if event.category else {}
    return {name: value for name, value in shown.items() if value is not None} | category


def claims_changes(event: Event, at: datetime) -> Changes:
    """Fields of the part `claims`; empty for an event that the public has nothing of."""
    if isinstance(event, WishAdopted):
        adoption = {
            "id": event.adoption_id,
            "organisation_id": event.organisation.id,
            "name": event.organisation.name,
            "kind": event.organisation.kind.value,
            "claimed_at": event.claimed_at,
        }
        return {
            "adoptions": appended("claims.adoptions", adoption),
            "log": _line("claims", event, at, event.adoption_id),
        }
    if isinstance(event, PartnersChanged):
        partners = [{"organisation_id": one.id, "name": one.name, "kind": one.kind.value} for one in event.partners]
        return {"together": appended("claims.together", {"id": event.adoption_id, "partners": partners})}
    if isinstance(event, DeliveryReported):
        return {
            "delivered": appended("claims.delivered", event.adoption_id),
            "log": _line("claims", event, at, event.adoption_id),
        }
    if isinstance(event, AdoptionReleased | AdoptionLapsed | AdoptionRevoked):
        return {
            "ended": appended("claims.ended", event.adoption_id),
            "log": _line("claims", event, at, event.adoption_id),
        }
    if isinstance(event, AdoptionExtended):
        return {"log": _line("claims", event, at, event.adoption_id)}
    return {}


def _line(part: str, event: Event, at: datetime, adoption_id: str | None = None) -> Expression:
    line: dict[str, Any] = {"at": at, "what": type(event).__name__}
    if adoption_id:
        line["adoption_id"] = adoption_id
    return appended(f"{part}.log", line)


ChangesOf = Callable[[Event, datetime], Changes]
