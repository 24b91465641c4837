"""A campaign (主题活动): a named period for which wishes are gathered, such as 春节微心愿. Pure.

A wish belongs to at most one. Periods may overlap. Where a campaign stands follows from the day alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Any, Final

from microwish.events import Actor
from microwish.events.wish import CampaignColour, CampaignSaved
from wish_service.domain.errors import Fault, InvalidInput
from wish_service.domain.wish import Wish

LONGEST_DAYS: Final = 731
"""A campaign is a season, not an institution: two years at most."""


class CampaignState(StrEnum):
    """Where a campaign stands on a day."""

    UPCOMING = "upcoming"
    RUNNING = "running"
    ENDED = "ended"


PALETTE: Final[dict[CampaignColour, str]] = {
    CampaignColour.RED: "#a8221c",
    CampaignColour.GOLD: "#744907",
    CampaignColour.GREEN: "#1f6b4a",
    CampaignColour.BLUE: "#23568c",
    CampaignColour.PURPLE: "#6b3a7d",
    CampaignColour.BROWN: "#6a4a34",
}
"""How a colour looks, as in the pages' stylesheet: behind white text, with a contrast of at least 4.5:1 (tested)."""


@dataclass(frozen=True)
class Campaign:
    """One campaign. starts_on, ends_on: its first and last day in the installation's zone. scope: a division code."""

    id: str
    name: str
    colour: CampaignColour
    text: str
    starts_on: date
    ends_on: date
    scope: str

    def state(self, today: date) -> CampaignState:
        """Where it stands on this day."""
        if today < self.starts_on:
            return CampaignState.UPCOMING
        return CampaignState.RUNNING if today <= self.ends_on else CampaignState.ENDED

    def is_for(self, community: str) -> bool:
        """Whether wishes of this community may belong to it."""
        return community.startswith(self.scope)


def checked(campaign: Campaign) -> Campaign:
    """The campaign, if its period is one. Raises: InvalidInput."""
    if campaign.ends_on < campaign.starts_on:
        raise InvalidInput([Fault("to", "field.before_from")])
    if (campaign.ends_on - campaign.starts_on).days >= LONGEST_DAYS:
        raise InvalidInput([Fault("to", "field.campaign_too_long")])
    return campaign


def changed(campaign: Campaign, changes: Mapping[str, Any]) -> Campaign:
    """The campaign with these fields changed. Raises: InvalidInput."""
    return checked(replace(campaign, **changes))


def saved(campaign: Campaign, by: Actor) -> CampaignSaved:
    """The event that tells of it."""
    told = {name: value for name, value in vars(campaign).items() if name != "id"}
    return CampaignSaved(campaign_id=campaign.id, by=by, **told)


@dataclass(frozen=True)
class Choice:
    """What somebody chose for a wish: a campaign, or to be in none. zone: that of the campaigns' days."""

    campaign: Campaign | None
    zone: tzinfo

    def faults(self, community: str, *moments: datetime) -> list[Fault]:
        """Why a wish of this community may not join it; it must run on the day of one of these moments."""
        if self.campaign is None:
            return []
        if not self.campaign.is_for(community):
            return [Fault("campaign", "field.campaign_elsewhere")]
        states = {self.campaign.state(moment.astimezone(self.zone).date()) for moment in moments}
        if CampaignState.RUNNING in states:
            return []
        ended = CampaignState.ENDED in states
        return [Fault("campaign", "field.campaign_ended" if ended else "field.campaign_upcoming")]

    @property
    def id(self) -> str | None:
        """The campaign's id; None for none."""
        return self.campaign.id if self.campaign else None


def joined(wish: Wish, choice: Choice | None, now: datetime) -> Wish:
    """The wish in the campaign that was chosen for it; without a choice it stays where it is.

    Who asked in time is in time, however long the review takes. Raises: InvalidInput, naming `campaign`.
    """
    if choice is None or choice.id == wish.campaign_id:
        return wish
    faults = choice.faults(wish.community.code, wish.submitted_at, now)
    if faults:
        raise InvalidInput(faults)
    return replace(wish, campaign_id=choice.id)
