"""The campaigns as everybody sees them, built from CampaignSaved alone.

{_id, campaign: {version, name, colour, text, starts_on, ends_on: "2026-02-01", scope, saved_at}}
"""

from collections.abc import Collection
from datetime import date

from microwish.events import Envelope, UnknownEvent
from microwish.events.wish import CampaignColour, CampaignSaved
from microwish.messaging.streams import Outcome
from microwish.store.mongo import DESCENDING, Database, Document, IndexModel
from microwish.store.views import View
from wish_service.domain.campaign import Campaign

_NEWEST = [("campaign.starts_on", DESCENDING), ("_id", DESCENDING)]


def campaigns_view(db: Database) -> View:
    """The view; `open` it before use."""
    return View(db, "campaign_board", indexes=[IndexModel(_NEWEST, name="newest")])


class CampaignBoard:
    """Feeds the view, and answers from it."""

    def __init__(self, view: View) -> None:
        self.view = view

    async def take(self, event: Envelope) -> Outcome:
        """An event of a campaign's stream."""
        try:
            payload = event.payload()
        except UnknownEvent:
            return await self.view.apply(event.subject, "campaign", event.version)
        changes = _changes(payload) if isinstance(payload, CampaignSaved) else {}
        return await self.view.apply(event.subject, "campaign", event.version, changes)

    async def find(self, id: str) -> Campaign | None:
        """The campaign, or None."""
        row = await self.view.rows.find_one({"_id": id})
        return _from_row(row) if row else None

    async def named(self, ids: Collection[str]) -> dict[str, Campaign]:
        """The campaigns by their ids; one that isn't known yet is left out."""
        if not ids:
            return {}
        found = await self.view.rows.find({"_id": {"$in": list(ids)}}).to_list(None)
        return {row["_id"]: _from_row(row) for row in found}

    async def listed(
        self, *, on: date | None = None, after: tuple[str, str] | None = None, limit: int = 20
    ) -> tuple[list[Campaign], bool]:
        """Campaigns, those that start last first, and whether more follow.

        on: only those that run on this day. after: (first day, id) of the last one seen.
        """
        conditions: list[Document] = [{"campaign.name": {"$exists": True}}]
        if on:
            day = on.isoformat()
            conditions += [{"campaign.starts_on": {"$lte": day}}, {"campaign.ends_on": {"$gte": day}}]
        if after:
            starts_on, last = after
            # The first condition is the range of the index; the other leaves out those that start on the same day.
            earlier = [{"campaign.starts_on": {"$lt": starts_on}}, {"_id": {"$lt": last}}]
            conditions += [{"campaign.starts_on": {"$lte": starts_on}}, {"$or": earlier}]
        cursor = self.view.rows.find({"$and": conditions}).sort(_NEWEST).limit(limit + 1)
        found = await cursor.to_list(limit + 1)
        return [_from_row(row) for row in found[:limit]], len(found) > limit


def _changes(event: CampaignSaved) -> Document:
    return {
        "name": event.name,
        "colour": event.colour.value,
        "text": event.text,
        "starts_on": event.starts_on.isoformat(),
        "ends_on": event.ends_on.isoformat(),
        "scope": event.scope,
    }


def _from_row(row: Document) -> Campaign:
    kept = row["campaign"]
    return Campaign(
        id=row["_id"],
        name=kept["name"],
        colour=CampaignColour(kept["colour"]),
        text=kept["text"],
        starts_on=date.fromisoformat(kept["starts_on"]),
        ends_on=date.fromisoformat(kept["ends_on"]),
        scope=kept["scope"],
    )
