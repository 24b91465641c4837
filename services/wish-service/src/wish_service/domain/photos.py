"""A photo of a wish, as the wish knows it: an id, what staff think of it, and which file it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

PHOTOS_AT_MOST: Final = 9


class PhotoState(StrEnum):
    """Where a photo stands."""

    STORING = "storing"
    """Its place is taken, its file is on the way. Nobody sees it."""
    WAITING = "waiting"
    """待审核: its resident and staff see it."""
    APPROVED = "approved"
    """Everybody sees it while the wish is on the wall."""


@dataclass(frozen=True)
class Photo:
    """One photo. at: when its place was taken (storing) or it was added. width and height are pixels.

    file: the name of its file. Every attempt to store one has a name of its own that never comes back, so a file
    that no wish names is nobody's for ever (ADR 0015).
    """

    id: str
    file: str
    at: datetime
    state: PhotoState = PhotoState.STORING
    width: int = 0
    height: int = 0


def approved_ids(photos: Iterable[Photo]) -> list[str]:
    """The photos that everybody may see while the wish is on the wall, in their order."""
    return [photo.id for photo in photos if photo.state is PhotoState.APPROVED]
