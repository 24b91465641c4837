"""Wishes as cards of a page: why each fits the organisation that the reader acts for, and how it stands to each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from adoption_service.views.following import Followed, followed
from adoption_service.views.standings import Standing, standings_of
from adoption_service.web.pages.frame import Acting
from adoption_service.web.parts import Parts
from adoption_service.web.schemas import OrganisationOut
from microwish.events import Category
from microwish.when import When


@dataclass(frozen=True)
class Cards:
    """Makes the cards of one page; a wish that was shown further up is not shown again."""

    parts: Parts
    request: Request
    who: Acting
    standings: list[Standing]
    shown: set[str] = field(default_factory=set)

    def of(self, wishes: Iterable[dict[str, Any] | None]) -> list[dict[str, Any]]:
        """Each wish with the reason why it fits, whether it is held already, and how the organisation stands to it."""
        cards = []
        for wish in wishes:
            if wish is not None and wish["id"] not in self.shown:
                self.shown.add(wish["id"])
                cards.append(
                    wish | {"why": self._why(wish), "mine": self._mine(wish), "standing": self._standing(wish)}
                )
        return cards

    async def asked(self) -> list[dict[str, Any]]:
        """What was offered to the organisation or recommended to it: it is asked for an answer."""
        ids = [one.wish_id for one in self.standings if one.place.offer_until or one.recommended_at]
        wishes = await self.parts.board.titles(ids)
        return self.of(wishes.get(one) for one in ids)

    async def waiting(self) -> list[dict[str, Any]]:
        """What the organisation stands in the waiting list of."""
        ids = [one.wish_id for one in self.standings if one.place.place]
        wishes = await self.parts.board.titles(ids)
        return self.of(wishes.get(one) for one in ids)

    def _standing(self, wish: dict[str, Any]) -> Standing | None:
        return next((one for one in self.standings if one.wish_id == wish["id"]), None)

    def _mine(self, wish: dict[str, Any]) -> bool:
        if self.who.chosen is None:
            return False
        holders = [[one["organisation_id"], *(each["id"] for each in one["partners"])] for one in wish["holders"]]
        return any(self.who.chosen.id in each for each in holders)

    def _why(self, wish: dict[str, Any]) -> str:
        fitting = fits(self.who.chosen)
        if fitting is None or (fitting.categories and Category(wish["category"]) not in fitting.categories):
            return ""
        place, code = wish["community"]["name"], wish["community"]["code"]
        following = self.who.chosen.following if self.who.chosen else None
        if following and any(code.startswith(prefix) for prefix in following.communities):
            if not fitting.categories:
                return self._text("adopt.why_place", place=place)
            return self._text("adopt.why_both", place=place, category=self._text("category." + wish["category"]))
        near = any(code.startswith(prefix) for prefix in fitting.areas)
        return self._text("adopt.why_near", place=place) if near else ""

    def _text(self, key: str, **values: object) -> str:
        return self.parts.pages.text(self.request, key, **values)


async def cards_for(request: Request, parts: Parts, who: Acting, when: When) -> Cards:
    """The cards of a page for the organisation that the reader acts for."""
    found = await standings_of(parts.claims, who.chosen.id, now=when.recorded_at) if who.chosen else []
    return Cards(parts, request, who, found)


def fits(organisation: OrganisationOut | None) -> Followed | None:
    """What fits the organisation; None without one."""
    if organisation is None or organisation.following is None:
        return None
    following = organisation.following
    return followed(following.communities, following.categories, organisation.scope or "")
