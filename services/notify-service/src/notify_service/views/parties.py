"""Whom a wish concerns: its resident, public title and community, and who holds it.

{_id: <wish id>, wish: {version, resident_id, title, community, over?}, claims: {version, adoptions: {<id>: {…}}}}
"""

from datetime import datetime
from typing import Any

from microwish.events import Envelope, Event, UnknownEvent, adoption, wish
from microwish.messaging.streams import Outcome
from microwish.store.mongo import Database, Document
from microwish.store.views import View
from notify_service.domain.known import KnownAdoption, KnownWish

_OVER = (wish.WishWithdrawn, wish.WishTakenDown, wish.WishMerged, wish.WishClosed)
_ENDED = (adoption.AdoptionReleased, adoption.AdoptionLapsed, adoption.AdoptionRevoked)


class Parties:
    """The view `parties`."""

    def __init__(self, db: Database) -> None:
        self.view = View(db, "parties")

    async def apply_wish(self, event: Envelope) -> Outcome:
        """An event of the wish's own stream."""
        return await self.view.apply(event.subject, "wish", event.version, _of_wish(_payload(event)))

    async def apply_claims(self, event: Envelope) -> Outcome:
        """An event of its claims."""
        return await self.view.apply(event.subject, "claims", event.version, _of_claims(_payload(event)))

    async def find(self, wish_id: str) -> KnownWish | None:
        """What is known of a wish; None while nothing has come."""
        row = await self.view.find(wish_id)
        return _known(row) if row else None


def _payload(event: Envelope) -> Event | None:
    try:
        return event.payload()
    except UnknownEvent:
        return None  # a newer publisher's: its version still counts


def _of_wish(event: Event | None) -> dict[str, Any]:
    if not isinstance(event, wish.WishEvent):
        return {}
    changes: dict[str, Any] = {"resident_id": event.resident_id, "community": event.community}
    if isinstance(event, _OVER):
        changes["over"] = True
    title = getattr(event, "title", None)
    return {**changes, "title": title} if title else changes


def _of_claims(event: Event | None) -> dict[str, Any]:
    if not isinstance(event, adoption.AdoptionEvent):
        return {}
    row = f"adoptions.{event.adoption_id}"
    if isinstance(event, adoption.WishAdopted):
        return {
            row: {
                "organisation_id": event.organisation_id,
                "organisation_name": event.organisation.name,
                "handler_id": event.handler_id,
                "stands": True,
                "due_at": event.due_at,
            }
        }
    if isinstance(event, adoption.HandlerNamed):
        return {f"{row}.handler_id": event.handler_id}
    if isinstance(event, adoption.AdoptionExtended):
        return {f"{row}.due_at": event.due_at}
    return {f"{row}.stands": False} if isinstance(event, _ENDED) else {}


def _known(row: Document) -> KnownWish:
    own: Document = row.get("wish", {})
    return KnownWish(
        id=row["_id"],
        heard="version" in own,
        resident_id=own.get("resident_id"),
        title=own.get("title"),
        community=own.get("community"),
        over=bool(own.get("over")),
        adoptions={name: _adoption(held) for name, held in row.get("claims", {}).get("adoptions", {}).items()},
    )


def _adoption(held: Document) -> KnownAdoption:
    due_at: datetime | None = held.get("due_at")
    return KnownAdoption(
        organisation_id=held.get("organisation_id", ""),
        organisation_name=held.get("organisation_name", ""),
        handler_id=held.get("handler_id"),
        stands=bool(held.get("stands")),
        due_at=due_at,
    )
