"""What the desk shows about photos: of the chosen wish, and of the wishes on the wall that have new ones."""

from collections.abc import Collection
from typing import Any

from wish_service.domain.photos import PHOTOS_AT_MOST, PhotoState
from wish_service.domain.states import Step
from wish_service.domain.wish import Wish, steps_from
from wish_service.web.parts import Parts


async def photos_at_desk(parts: Parts, areas: Collection[str] | None, chosen: Wish | None) -> dict[str, Any]:
    """The context of the desk's template: the queue of photos, and what may be done with those of the chosen wish."""
    possible = steps_from(chosen.status) if chosen else frozenset[Step]()
    return {
        "with_photos": [_waiting(wish) for wish in await parts.photos.named.waiting(areas)],
        "may_add_photo": Step.ADD_PHOTO in possible,
        "may_approve_photo": Step.APPROVE_PHOTO in possible,
        "photos_at_most": PHOTOS_AT_MOST,
    }


def _waiting(wish: Wish) -> dict[str, Any]:
    count = sum(photo.state is PhotoState.WAITING for photo in wish.photos)
    return {"id": wish.id, "title": wish.public_title, "community": wish.community.name, "count": count}
