"""What requests about campaigns hold."""

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from microwish.events.wish import CampaignColour
from microwish.web.cleaning import cleaned, one_line, printable
from wish_service.domain.campaign import Campaign
from wish_service.web.schemas import Body, Division, IsoDay

CampaignName = Annotated[
    str,
    BeforeValidator(cleaned(one_line)),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=30),
]
CampaignText = Annotated[
    str, BeforeValidator(cleaned(printable)), StringConstraints(strip_whitespace=True, max_length=600)
]
Day = Annotated[IsoDay, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]

_NAMES = {"since": "starts_on", "until": "ends_on"}


class NewCampaign(Body):
    """A campaign as staff describe it. from, to: its first and last day; scope: the division that it is for."""

    name: CampaignName
    colour: CampaignColour
    text: CampaignText = ""
    since: Annotated[Day, Field(alias="from")]
    until: Annotated[Day, Field(alias="to")]
    scope: Division

    def campaign(self, id: str) -> Campaign:
        """The campaign under this id."""
        return Campaign(
            id=id,
            name=self.name,
            colour=self.colour,
            text=self.text,
            starts_on=self.since,
            ends_on=self.until,
            scope=self.scope,
        )


class CampaignChange(Body):
    """What changes; absent fields stay."""

    name: CampaignName | None = None
    colour: CampaignColour | None = None
    text: CampaignText | None = None
    since: Annotated[Day | None, Field(alias="from")] = None
    until: Annotated[Day | None, Field(alias="to")] = None
    scope: Division | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that change, as the domain names them."""
        return {_NAMES.get(name, name): value for name, value in self if value is not None}
