"""How campaigns look in answers."""

from datetime import date
from typing import Any

from wish_service.domain.campaign import Campaign
from wish_service.store.communities import Communities


def campaign_answer(campaign: Campaign, today: date, tree: Communities) -> dict[str, Any]:
    """A campaign for everybody; `state` is that of today."""
    return {
        "id": campaign.id,
        "name": campaign.name,
        "colour": campaign.colour.value,
        "text": campaign.text,
        "from": campaign.starts_on.isoformat(),
        "to": campaign.ends_on.isoformat(),
        "scope": {"code": campaign.scope, "name": tree.name_of(campaign.scope)},
        "state": campaign.state(today).value,
    }


def campaign_card(campaign: Campaign, today: date, tree: Communities) -> dict[str, Any]:
    """The same for pages: its days as moments that lie on them in every zone of Asia and Europe."""
    answer = campaign_answer(campaign, today, tree)
    return {**answer, "first": f"{answer['from']}T04:00:00Z", "last": f"{answer['to']}T04:00:00Z"}
