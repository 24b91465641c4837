"""A wish as a document and back."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from microwish.events import Actor, Category, Community, Role
from microwish.store.mongo import Document
from wish_service.domain.access import areas_of
from wish_service.domain.adoptions import Adoption, AdoptionState, Partner
from wish_service.domain.consents import Consents
from wish_service.domain.photos import Photo, PhotoState
from wish_service.domain.reviewing import ReviewClaim
from wish_service.domain.states import PUBLIC, Status
from wish_service.domain.wish import Contact, Entry, Wish
from wish_service.store.follow_up_documents import FIELDS as FOLLOW_UP
from wish_service.store.follow_up_documents import follow_up_document, follow_up_of

_CONVERTED = {
    "community",
    "category",
    "status",
    "contact",
    "consents",
    "adoptions",
    "timeline",
    "photos",
    "review_claim",
    *FOLLOW_UP,
}
_PLAIN = [name.name for name in fields(Wish) if name.name not in {"id", "version", *_CONVERTED}]


def to_document(wish: Wish) -> Document:
    """The state of a wish, without what the outbox keeps beside it.

    areas: the divisions it lies in; unconfirmed_since: the oldest delivery without an answer; photos_since: the
    oldest photo on the wall that staff haven't seen; places_since: the oldest place of a file on the way. All four are
    for indexes.
    """
    return {
        **{name: getattr(wish, name) for name in _PLAIN},
        "status": wish.status.value,
        "category": wish.category.value,
        "community": {"code": wish.community.code, "name": wish.community.name},
        "areas": areas_of(wish.community.code),
        "unconfirmed_since": _unconfirmed_since(wish),
        # Both are flat; `asdict` would copy each text apart.
        "contact": dict(vars(wish.contact)),
        "consents": dict(vars(wish.consents)),
        "adoptions": [{**asdict(adoption), "state": adoption.state.value} for adoption in wish.adoptions],
        "timeline": [_line(line) for line in wish.timeline],
        "review_claim": asdict(wish.review_claim) if wish.review_claim else None,
        "photos": [{**asdict(photo), "state": photo.state.value} for photo in wish.photos],
        "photos_since": _oldest(wish, PhotoState.WAITING) if wish.status in PUBLIC else None,
        "places_since": _oldest(wish, PhotoState.STORING),
        **follow_up_document(wish),
    }


def from_document(document: Document) -> Wish:
    """The wish that a document holds."""
    return Wish(
        **{name: document[name] for name in _PLAIN if name in document},
        id=document["_id"],
        version=document["streamversion"],
        status=Status(document["status"]),
        category=Category(document["category"]),
        community=Community(**document["community"]),
        contact=Contact(**document["contact"]),
        consents=Consents(**document["consents"]),
        adoptions=tuple(_adoption(kept) for kept in document["adoptions"]),
        timeline=tuple(_entry(kept) for kept in document["timeline"]),
        review_claim=ReviewClaim(**document["review_claim"]) if document.get("review_claim") else None,
        photos=tuple(_photo(kept) for kept in document.get("photos", [])),
        **follow_up_of(document),
    )


def _unconfirmed_since(wish: Wish) -> datetime | None:
    waiting = [one.delivered_at for one in wish.adoptions if one.state is AdoptionState.DELIVERED]
    return min((at for at in waiting if at is not None), default=None)


def _oldest(wish: Wish, state: PhotoState) -> datetime | None:
    return min((photo.at for photo in wish.photos if photo.state is state), default=None)


def _line(line: Entry) -> dict[str, Any]:
    kept = {name: value for name, value in vars(line).items() if value is not None}
    return {**kept, "by": line.by.model_dump(mode="json", exclude_none=True)}


def _entry(kept: Document) -> Entry:
    # As it was written: an actor that was checked then need not be checked at each reading.
    by = kept["by"]
    return Entry(**{**kept, "by": Actor.model_construct(**{**by, "role": Role(by["role"])})})


def _photo(kept: Document) -> Photo:
    return Photo(**{**kept, "state": PhotoState(kept["state"])})


def _adoption(kept: Document) -> Adoption:
    partners = tuple(Partner(**one) for one in kept.get("partners", ()))
    return Adoption(**{**kept, "state": AdoptionState(kept["state"]), "partners": partners})
