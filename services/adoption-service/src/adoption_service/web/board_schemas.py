"""What requests and answers of the board look like: its wishes, waiting lists, recommendations."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from adoption_service.web.schemas import Id, PartnerOut, Text
from microwish.events import Category


class CommunityOut(BaseModel):
    """Where it is."""

    code: str
    name: str


class HolderOut(BaseModel):
    """Who holds a slot."""

    organisation_id: str
    name: str
    kind: str
    due_at: datetime | None = Field(None, description="When its lease ends, as it was told last.")
    partners: list[PartnerOut] = Field([], description="Who holds the same slot together with it.")


class BoardWish(BaseModel):
    """A wish on the board."""

    id: str
    title: str
    detail: str
    category: Category
    community: CommunityOut
    status: str = Field(
        description="`claimable`; `reserved`: what is free is for those who wait; `taken`; `ended`; `unposted`."
    )
    slots: int
    held: int
    free: int = Field(description="Slots that nobody holds, also where they are reserved.")
    waiting: int = Field(description="How many stand in the waiting list.")
    holders: list[HolderOut]
    posted_at: datetime


class BoardOut(BaseModel):
    """One page of the board."""

    items: list[BoardWish]
    next_cursor: str | None


class Waiting(BaseModel):
    """Which organisation waits, or stops waiting."""

    organisation_id: Id


class Declining(BaseModel):
    """An organisation says no to a recommendation."""

    organisation_id: Id
    reason: Text | None = None


class PlaceOut(BaseModel):
    """Where an organisation stands in the waiting list of a wish."""

    wish_id: str
    organisation_id: str
    place: int | None = Field(description="1 is next; null for one that does not wait, such as one with an offer.")
    waiting: int = Field(description="How many wait.")
    offer_until: datetime | None = Field(description="A slot is reserved for it until then; null without an offer.")


class StandingOut(BaseModel):
    """A wish that concerns an organisation which does not hold it."""

    wish_id: str
    wish: BoardWish | None = Field(description="As on the board; null while it has not arrived there.")
    recommended_at: datetime | None = Field(description="Staff recommended it then, and wait for an answer.")
    offer_until: datetime | None = Field(description="A slot is reserved for the organisation until then.")
    place: int | None = Field(description="Its place in the waiting list, 1 is next.")
    waiting: int


class StandingsOut(BaseModel):
    """All of them: offers first, the soonest end before; then recommendations; then waiting lists. 200 at most."""

    items: list[StandingOut]
    next_cursor: Annotated[str | None, Field(description="Always null: the list is short.")] = None
