"""What a request or a form says about the campaign of a wish: nothing, one, or none."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from wish_service.domain.campaign import Campaign, Choice
from wish_service.domain.wish import Wish
from wish_service.use_cases.choose_campaign import chosen_campaign
from wish_service.web.parts import Parts
from wish_service.web.present_campaigns import campaign_card


async def choice_in(body: BaseModel, parts: Parts) -> Choice | None:
    """The choice; None where the field `campaign` is absent. Raises: InvalidInput for one that isn't there."""
    if "campaign" not in body.model_fields_set:
        return None
    campaign: str | None = getattr(body, "campaign", None)
    return await chosen_campaign(campaign, parts.campaigns)


async def choice_on_form(values: Mapping[str, str], parts: Parts) -> Choice | None:
    """The same of a page's form, where an empty value is the choice of none. Raises: InvalidInput."""
    return await chosen_campaign(values["campaign"] or None, parts.campaigns) if "campaign" in values else None


async def campaigns_to_choose(wish: Wish, parts: Parts) -> list[dict[str, Any]]:
    """What a wish may be put in at review: what runs now, what ran when it was submitted, and what it is in."""
    found: dict[str, Campaign] = {}
    for moment in (wish.submitted_at, parts.clock()):
        found |= {one.id: one for one in await parts.campaigns.running(wish.community.code, moment)}
    if wish.campaign_id and wish.campaign_id not in found:
        own = await parts.campaigns.find(wish.campaign_id)
        found |= {own.id: own} if own else {}
    today = parts.campaigns.day(parts.clock())
    return [campaign_card(one, today, parts.communities) for one in found.values()]
