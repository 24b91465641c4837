"""The campaigns: truth, one document each, with its outbox.

{_id, name, colour, text, starts_on, ends_on: "2026-02-01", scope, timeline, …outbox}
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, tzinfo
from typing import Any

from microwish.events import Actor
from microwish.events.wish import CampaignColour
from microwish.store.aggregate import Aggregates, Change, Idempotency
from microwish.store.mongo import ASCENDING, Document, IndexModel
from microwish.when import When
from wish_service.domain.campaign import Campaign, saved

Decide = Callable[[Campaign], tuple[Campaign, Actor]]
"""Looks at a campaign and says how it shall be, and who says so; or raises a DomainError."""


class Campaigns:
    """The collection of campaigns; every change is one guarded write with its event in the same document."""

    def __init__(self, aggregates: Aggregates, zone: tzinfo) -> None:
        self.aggregates = aggregates
        self.zone = zone

    async def ensure_indexes(self) -> None:
        """By their last day: who posts a wish is offered what is running."""
        await self.aggregates.ensure_indexes(IndexModel([("ends_on", ASCENDING)], name="ends_on"))

    async def find(self, id: str) -> Campaign | None:
        """The campaign, or None."""
        document = await self.aggregates.find(id)
        return _from_document(document) if document else None

    def day(self, moment: datetime) -> date:
        """The day of a moment, as campaigns count days."""
        return moment.astimezone(self.zone).date()

    async def running(self, community: str, moment: datetime) -> list[Campaign]:
        """What wishes of this community may join now, by when it ends."""
        day = self.day(moment)
        query = {"ends_on": {"$gte": day.isoformat()}, "starts_on": {"$lte": day.isoformat()}}
        found = [_from_document(one) async for one in self.aggregates.collection.find(query).sort("ends_on", ASCENDING)]
        return [campaign for campaign in found if campaign.is_for(community)]

    async def all(self) -> list[Campaign]:
        """Every campaign there ever was: a handful a year and place."""
        return [_from_document(one) async for one in self.aggregates.collection.find({})]

    async def add(
        self, campaign: Campaign, by: Actor, *, when: When, idempotency: Idempotency | None = None
    ) -> Campaign:
        """Keep a new campaign (CampaignSaved). Raises: KeyReused, AlreadyExists."""
        state = {**_to_document(campaign), "timeline": [_line("CampaignMade", by, when)]}
        kept = await self.aggregates.create(
            campaign.id, state, [saved(campaign, by)], when=when, idempotency=idempotency
        )
        return _from_document(kept)

    async def change(self, id: str, decide: Decide, *, when: When, idempotency: Idempotency | None = None) -> Campaign:
        """Change it (CampaignSaved); what stays as it was isn't written. Raises: NotFound, KeyReused, Contended."""

        def decided(document: Document) -> Change | None:
            before = _from_document(document)
            after, by = decide(before)
            if after == before:
                return None
            timeline = [*document["timeline"], _line("CampaignChanged", by, when)]
            return Change(set={**_to_document(after), "timeline": timeline}, events=[saved(after, by)])

        return _from_document(await self.aggregates.change(id, decided, when=when, idempotency=idempotency))

    async def follow(self, code: str, to: str, *, by: Actor, when: When) -> int:
        """Let campaigns for exactly this division be for another in its place (CampaignSaved); how many. Repeatable."""
        own = await self.aggregates.collection.find({"scope": code}, {"_id": 1}).to_list(None)

        def decide(campaign: Campaign) -> tuple[Campaign, Actor]:
            return (replace(campaign, scope=to) if campaign.scope == code else campaign), by

        for row in own:
            await self.change(row["_id"], decide, when=when)
        return len(own)


def _line(what: str, by: Actor, when: When) -> dict[str, Any]:
    return {"at": when.at, "what": what, "by": by.model_dump(mode="json", exclude_none=True)}


def _to_document(campaign: Campaign) -> Document:
    return {
        "name": campaign.name,
        "colour": campaign.colour.value,
        "text": campaign.text,
        "starts_on": campaign.starts_on.isoformat(),
        "ends_on": campaign.ends_on.isoformat(),
        "scope": campaign.scope,
    }


def _from_document(document: Document) -> Campaign:
    return Campaign(
        id=document["_id"],
        name=document["name"],
        colour=CampaignColour(document["colour"]),
        text=document["text"],
        starts_on=date.fromisoformat(document["starts_on"]),
        ends_on=date.fromisoformat(document["ends_on"]),
        scope=document["scope"],
    )
