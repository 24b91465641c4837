"""Make a campaign, or change one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from microwish.events import Actor
from microwish.identity.people import Person
from microwish.store.aggregate import Idempotency
from microwish.when import When
from wish_service.domain.access import staff_actor
from wish_service.domain.campaign import Campaign, changed, checked
from wish_service.domain.errors import Fault, InvalidInput, ScopeElsewhere, StaffOnly
from wish_service.store.campaigns import Campaigns
from wish_service.store.communities import Communities


@dataclass(frozen=True)
class AskedOfCampaigns:
    """Who asked and when, as a retry of what, and where campaigns and the tree of divisions are kept."""

    person: Person
    campaigns: Campaigns
    tree: Communities
    when: When
    idempotency: Idempotency | None = None


async def make_campaign(campaign: Campaign, asked: AskedOfCampaigns) -> Campaign:
    """Keep a new campaign (CampaignSaved). Raises: StaffOnly, InvalidInput, ScopeElsewhere, KeyReused."""
    by = _actor(asked.person, campaign.scope)
    _refuse_unknown(campaign.scope, asked.tree)
    return await asked.campaigns.add(checked(campaign), by, when=asked.when, idempotency=asked.idempotency)


async def change_campaign(campaign_id: str, changes: Mapping[str, Any], asked: AskedOfCampaigns) -> Campaign:
    """Change these fields of a campaign (CampaignSaved); its wishes stay in it.

    Who changes it serves the place where it was and the one where it will be.
    Raises: NotFound, StaffOnly, InvalidInput, ScopeElsewhere, KeyReused.
    """

    def decide(campaign: Campaign) -> tuple[Campaign, Actor]:
        _actor(asked.person, campaign.scope)
        after = changed(campaign, changes)
        by = _actor(asked.person, after.scope)
        _refuse_unknown(after.scope, asked.tree)
        return after, by

    return await asked.campaigns.change(campaign_id, decide, when=asked.when, idempotency=asked.idempotency)


def _refuse_unknown(scope: str, tree: Communities) -> None:
    if not tree.knows(scope):
        raise InvalidInput([Fault("scope", "field.community_unknown")])


def _actor(person: Person, scope: str) -> Actor:
    if not person.serves(scope):
        raise ScopeElsewhere(scope) if person.communities else StaffOnly(person.id)
    return staff_actor(person)
