"""Similar open wishes of the same community: while one is typed, and at review."""

from typing import Any

from fastapi import APIRouter

from microwish.identity.people import Person
from wish_service.domain.errors import Fault, InvalidInput
from wish_service.domain.similarity import Words
from wish_service.domain.wish import Wish
from wish_service.use_cases.find_similar import SimilarWish, Sources, find_similar, similar_to, spend_question
from wish_service.web.answers.base import answers
from wish_service.web.answers.wishes import SimilarWishes
from wish_service.web.api.desk import StaffHere
from wish_service.web.parts import Parts, PartsHere, PersonHere
from wish_service.web.schemas_of_similar import SimilarTo

router = APIRouter(tags=["similar wishes"])


@router.post("/api/wishes/similar", **answers(SimilarWishes))
async def similar(body: SimilarTo, person: PersonHere, parts: PartsHere) -> dict[str, Any]:
    """Open wishes that say much the same, by `score` from 0 to 1; nothing is kept of the question.

    Everybody gets public wishes and their own that wait; staff of the community all that wait there as well.
    """
    if parts.communities.community(body.community) is None:
        raise InvalidInput([Fault("community", "field.community_unknown")])
    await spend_question(person, parts.limits, parts.settings.similar_per_person_per_hour, now=parts.clock())
    words = Words(body.title, body.detail, body.category.value if body.category else None)
    return _listed(await find_similar(words, body.community, person, sources_of(parts), but=body.wish_id))


@router.get("/api/wishes/{wish_id}/similar", **answers(SimilarWishes))
async def similar_to_one(wish_id: str, staff: StaffHere, parts: PartsHere) -> dict[str, Any]:
    """What is similar to this wish, for staff of its community."""
    return _listed(await similar_to(await parts.wishes.load(wish_id), staff, sources_of(parts)))


async def similar_at_review(wish: Wish, staff: Person, parts: Parts) -> list[dict[str, Any]]:
    """The items for the desk's `_similar.html`."""
    return [item(one) for one in await similar_to(wish, staff, sources_of(parts))]


def sources_of(parts: Parts) -> Sources:
    """Where the running service looks."""
    return Sources(parts.alike, parts.wall, parts.wishes, parts.seals)


def item(one: SimilarWish) -> dict[str, Any]:
    """A similar wish in an answer; `published`: it is on the wall, so that another can be merged into it."""
    return {
        "id": one.id,
        "title": one.title,
        "detail": one.detail,
        "category": one.category,
        "status": one.status,
        "score": round(one.score, 2),
        "published": one.published,
        "own": one.own,
    }


def _listed(found: list[SimilarWish]) -> dict[str, Any]:
    return {"items": [item(one) for one in found], "next_cursor": None}
