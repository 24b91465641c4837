"""How it looks who reviews a wish."""

from collections.abc import Iterable
from typing import Any

from wish_service.domain.reviewing import ReviewClaim
from wish_service.domain.wish import Wish
from wish_service.web.parts import Parts
from wish_service.web.present import rfc3339

Names = dict[str, str | None]
"""The names of people by id; None where staff gave none."""


async def reviewers(wishes: Iterable[Wish], parts: Parts) -> Names:
    """Who has these wishes for review."""
    ids = {claim.by for wish in wishes if (claim := live(wish, parts))}
    return {person_id: await name_of(person_id, parts) for person_id in ids}


def live(wish: Wish, parts: Parts) -> ReviewClaim | None:
    """The claim that holds now, by this process's clock: good enough to be shown; the database decides."""
    claim = wish.review_claim
    return claim if claim is not None and claim.until > parts.clock() else None


def review_of(wish: Wish, person_id: str, names: Names, parts: Parts) -> dict[str, Any] | None:
    """Who reviews the wish and until when, for staff; None where nobody does."""
    claim = live(wish, parts)
    if claim is None:
        return None
    return {"name": names.get(claim.by), "until": rfc3339(claim.until), "mine": claim.by == person_id}


async def name_of(person_id: str, parts: Parts) -> str | None:
    """The name of a member of staff, if there is one."""
    person = await parts.people.find(person_id)
    return parts.people.name_of(person) if person else None
