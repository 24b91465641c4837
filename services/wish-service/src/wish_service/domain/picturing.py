"""How a wish gets photos: a place first, then the file, then staff's consent. Never compelled, at most nine.

A file is stored only while its wish keeps a place for it, and becomes a photo only if the place is still there. So
ten uploads at once can't leave ten photos, and whoever finds a file that no wish names may delete it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from microwish.events import Actor
from microwish.events.wish import WishEvent, WishRevised
from microwish.when import When
from wish_service.domain.errors import PhotoNotFound, PhotoPlaceLost, TooManyPhotos
from wish_service.domain.photos import PHOTOS_AT_MOST, Photo, PhotoState, approved_ids
from wish_service.domain.states import Step
from wish_service.domain.wish import Decision, Wish, entry, stepped, target


def photo_of(wish: Wish, photo_id: str) -> Photo:
    """The photo, once its file is there. Raises: PhotoNotFound."""
    for photo in wish.photos:
        if photo.id == photo_id and photo.state is not PhotoState.STORING:
            return photo
    raise PhotoNotFound(photo_id)


def names(wish: Wish, file: str) -> bool:
    """Whether the file belongs to the wish: as a photo, or as what its place is kept for."""
    return any(photo.file == file for photo in wish.photos)


def has(wish: Wish, file: str) -> bool:
    """Whether the file is a photo of the wish."""
    return any(photo.file == file and photo.state is not PhotoState.STORING for photo in wish.photos)


def take_place(wish: Wish, photo_id: str, file: str, when: When) -> Decision | None:
    """Keep a place for a file; None if the photo is there by another try.

    A retry under the same photo id takes the place over from a try that never came back.
    Raises: WrongState, TooManyPhotos.
    """
    target(wish.status, Step.ADD_PHOTO)
    if any(photo.id == photo_id and photo.state is not PhotoState.STORING for photo in wish.photos):
        return None
    others = tuple(photo for photo in wish.photos if photo.id != photo_id)
    if len(others) >= PHOTOS_AT_MOST:
        raise TooManyPhotos(PHOTOS_AT_MOST)
    return Decision(replace(wish, photos=(*others, Photo(photo_id, file, when.recorded_at))))


def leave_place(wish: Wish, file: str) -> Decision | None:
    """Give up the place of a file that did not come; None if it isn't kept, or is a photo by now."""
    kept = tuple(photo for photo in wish.photos if photo.file != file or photo.state is not PhotoState.STORING)
    return None if kept == wish.photos else Decision(replace(wish, photos=kept))


def leave_old_places(wish: Wish, before: datetime) -> Decision | None:
    """Give up the places taken before this time; None if there are none."""
    kept = tuple(photo for photo in wish.photos if photo.state is not PhotoState.STORING or photo.at >= before)
    return None if kept == wish.photos else Decision(replace(wish, photos=kept))


def add_photo(wish: Wish, file: str, size: tuple[int, int], by: Actor, when: When) -> Decision:
    """The file is there: it waits for staff. Raises: WrongState, PhotoPlaceLost."""
    place = next((photo for photo in wish.photos if photo.file == file), None)
    if place is None or place.state is not PhotoState.STORING:
        raise PhotoPlaceLost(file)
    added = replace(place, state=PhotoState.WAITING, at=when.at, width=size[0], height=size[1])
    return stepped(wish, Step.ADD_PHOTO, entry("PhotoAdded", by, when), photos=_with(wish, added))


def approve_photo(wish: Wish, photo_id: str, by: Actor, when: When) -> Decision | None:
    """Everybody may see it while the wish is on the wall; None if they may already.

    Raises: WrongState, PhotoNotFound.
    """
    photo = photo_of(wish, photo_id)
    if photo.state is PhotoState.APPROVED:
        return None
    photos = _with(wish, replace(photo, state=PhotoState.APPROVED))
    line = entry("PhotoApproved", by, when)
    return stepped(wish, Step.APPROVE_PHOTO, line, _told(wish, photos, by), photos=photos)


def remove_photo(wish: Wish, photo_id: str, by: Actor, when: When) -> Decision:
    """It is gone for good, in whatever state the wish is. Raises: PhotoNotFound."""
    gone = photo_of(wish, photo_id)
    photos = tuple(photo for photo in wish.photos if photo.id != photo_id)
    events = _told(wish, photos, by) if gone.state is PhotoState.APPROVED else ()
    return stepped(wish, Step.REMOVE_PHOTO, entry("PhotoRemoved", by, when), events, photos=photos)


def _with(wish: Wish, changed: Photo) -> tuple[Photo, ...]:
    return tuple(changed if photo.id == changed.id else photo for photo in wish.photos)


def _told(wish: Wish, photos: Sequence[Photo], by: Actor) -> tuple[WishEvent, ...]:
    """Before it is on the wall nobody else has anything of the wish: WishPosted tells what is approved by then."""
    return (WishRevised(**wish.about, by=by, photo_ids=approved_ids(photos)),) if wish.posted_at else ()
