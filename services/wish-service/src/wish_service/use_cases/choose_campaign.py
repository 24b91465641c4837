"""What somebody chose for a wish, by the id of a campaign."""

from wish_service.domain.campaign import Choice
from wish_service.domain.errors import Fault, InvalidInput
from wish_service.store.campaigns import Campaigns


async def chosen_campaign(id: str | None, campaigns: Campaigns) -> Choice:
    """The campaign, or none. Whether the wish may join it is said when the wish is known. Raises: InvalidInput."""
    if id is None:
        return Choice(None, campaigns.zone)
    campaign = await campaigns.find(id)
    if campaign is None:
        raise InvalidInput([Fault("campaign", "field.campaign_unknown")])
    return Choice(campaign, campaigns.zone)
