"""Which open wishes of the community say much the same: asked while one is typed, before it is sent, and at review.

Everybody is compared with the public words of public wishes, and with their own that wait. Who serves the community
is compared with all that wait there as well: those are opened in memory, and no index of sealed words is kept.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from microwish.identity.people import Person
from microwish.store.mongo import Document
from microwish.store.views import View
from wish_service.domain.access import as_staff, owns
from wish_service.domain.errors import AskedTooOften, TooManyCodes
from wish_service.domain.similarity import ALIKE, Words, grams_to_find, profile, similarity
from wish_service.domain.states import ON_THE_ROAD, Status
from wish_service.domain.wish import Wish
from wish_service.store.limits import HourlyLimits
from wish_service.store.seals import Seals
from wish_service.store.wishes import Wishes
from wish_service.views.alike import candidates, open_on_the_wall

BEFORE_THE_WALL: Final = (Status.SUBMITTED, Status.RETURNED)
SHOWN = 5
CANDIDATES = 60
WAITING_LOOKED_AT = 200
"""How many wishes that wait in one community are compared, the newest first; more than that is a queue to clear."""


@dataclass(frozen=True)
class SimilarWish:
    """One that says much the same. title, detail: the public words; of one that waits, the resident's own."""

    id: str
    title: str
    detail: str
    category: str
    status: str
    score: float
    own: bool = False

    @property
    def published(self) -> bool:
        """Whether everybody can see it, and another wish can be merged into it."""
        return self.status in ON_THE_ROAD


@dataclass(frozen=True)
class Sources:
    """Where wishes are looked for."""

    alike: View
    wall: View
    wishes: Wishes
    seals: Seals


async def find_similar(
    words: Words, community: str, person: Person, sources: Sources, *, but: str | None = None
) -> list[SimilarWish]:
    """The most similar first, at most SHOWN. community: 12 digits. but: the id of the wish that is asked about."""
    waiting = await _waiting(community, person, sources)
    mine = {wish.id for wish in waiting if owns(person, wish)}
    ids = await candidates(sources.alike, community, grams_to_find(words.title, words.detail), limit=CANDIDATES)
    rows = await open_on_the_wall(sources.wall, ids)
    # A wish that was posted a moment ago may be among both: the wall's words count.
    told = {wish.id: _unpublished(wish, sources.seals, own=wish.id in mine) for wish in waiting}
    told |= {row["_id"]: _public(row) for row in rows}
    others = [one for one in told.values() if one.id != but]
    return await asyncio.to_thread(_ranked, words, others)  # some ten milliseconds: others are served meanwhile


async def similar_to(wish: Wish, person: Person, sources: Sources) -> list[SimilarWish]:
    """What is similar to a wish, for staff of its community. Raises: OtherCommunity, NotAllowed, Hidden."""
    as_staff(person, wish)
    return await find_similar(words_of(wish, sources.seals), wish.community.code, person, sources, but=wish.id)


async def spend_question(person: Person, limits: HourlyLimits, per_hour: int, *, now: datetime) -> None:
    """Count one question of this person. Raises: AskedTooOften."""
    try:
        await limits.spend(f"similar:{person.id}", per_hour, now=now)
    except TooManyCodes as full:
        raise AskedTooOften(full.retry_after_seconds) from None


def words_of(wish: Wish, seals: Seals) -> Words:
    """What a wish says: the public words once it has some, else the resident's own."""
    if wish.public_title is not None:
        return Words(wish.public_title, wish.public_detail or "", wish.category.value)
    title, detail = seals.of_wish(wish.id, wish.title) or "", seals.of_wish(wish.id, wish.detail) or ""
    return Words(title, detail, wish.category.value)


async def _waiting(community: str, person: Person, sources: Sources) -> list[Wish]:
    if person.serves(community):
        return await sources.wishes.newest_of(community, BEFORE_THE_WALL, limit=WAITING_LOOKED_AT)
    own = await sources.wishes.of_resident(person.id)
    return [wish for wish in own if wish.status in BEFORE_THE_WALL and wish.community.code == community]


def _public(row: Document) -> SimilarWish:
    wish = row["wish"]
    return SimilarWish(row["_id"], wish["title"], wish["detail"], wish["category"], row["status"], 0.0)


def _unpublished(wish: Wish, seals: Seals, *, own: bool) -> SimilarWish:
    words = words_of(wish, seals)
    return SimilarWish(wish.id, words.title, words.detail, wish.category.value, wish.status.value, 0.0, own)


def _ranked(words: Words, others: Iterable[SimilarWish]) -> list[SimilarWish]:
    asked = profile(words)
    scored = [
        replace(one, score=similarity(asked, profile(Words(one.title, one.detail, one.category)))) for one in others
    ]
    alike = [one for one in scored if one.score >= ALIKE]
    return sorted(alike, key=lambda one: (-one.score, one.id))[:SHOWN]
