"""Answers about divisions and campaigns."""

from datetime import date

from pydantic import Field

from microwish.events.wish import CampaignColour
from wish_service.domain.campaign import CampaignState
from wish_service.web.answers.base import Answer, Listed, Place


class Division(Answer):
    """A node of the tree. children: how many lie right below; below: what lies below, nested."""

    code: str
    name: str
    parent: str | None
    children: int | None = None
    below: "list[Division] | None" = None


class Divisions(Listed):
    """Divisions by code."""

    items: list[Division]


class OneDivision(Division):
    """A division, and where it went on if it moved."""

    moved_to: Place | None


class TreeChanges(Answer):
    """What a list of divisions does to the tree, or would do."""

    dry_run: bool
    added: int
    renamed: int
    unchanged: int


class Moved(Answer):
    """Under which code a community goes on."""

    code: str
    moved_to: Place


class Campaign(Answer):
    """A campaign; `state` is that of today."""

    id: str
    name: str
    colour: CampaignColour
    text: str
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    scope: Place
    state: CampaignState


class Campaigns(Listed):
    """Campaigns, the one that starts last first."""

    items: list[Campaign]
