"""How the photos of a wish look in answers."""

from collections.abc import Iterable
from typing import Any

from wish_service.domain.photos import Photo, PhotoState
from wish_service.domain.wish import Wish


def photo_links(photo_id: str) -> dict[str, str]:
    """A photo for everybody: where it is."""
    return {"id": photo_id, "url": f"/photos/{photo_id}", "thumbnail_url": f"/photos/{photo_id}/thumbnail"}


def public_photos(ids: Iterable[str] | None) -> list[dict[str, str]]:
    """The photos that a row of the wall names."""
    return [photo_links(photo_id) for photo_id in ids or ()]


def known_photo(photo: Photo) -> dict[str, Any]:
    """A photo for its resident and staff: also whether staff have approved it."""
    return {**photo_links(photo.id), "state": photo.state.value, "width": photo.width, "height": photo.height}


def known_photos(wish: Wish) -> list[dict[str, Any]]:
    """All photos whose files are there."""
    return [known_photo(photo) for photo in wish.photos if photo.state is not PhotoState.STORING]
