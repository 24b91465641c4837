"""Add a photo to a wish: look, make it fit to be kept, take a place, store the files, and only then have it."""

from typing import BinaryIO

from microwish.logs import get_logger
from wish_service.domain import picturing
from wish_service.domain.access import as_owner_or_staff
from wish_service.domain.wish import Decision, Wish
from wish_service.store.photos.files import PhotoFiles
from wish_service.store.photos.images import KeptPhoto
from wish_service.store.photos.port import PhotoStoreAway
from wish_service.use_cases.asked import Asked

log = get_logger(__name__)


async def add_photo(wish_id: str, sent: BinaryIO, asked: Asked, *, id: str, file: str, files: PhotoFiles) -> Wish:
    """Let the wish have the photo; it waits for staff, and the resident and they see it until then.

    sent: what was uploaded, at its start. id: the photo's, the same for every retry under one key. file: a name never
    used before. Bad photos change nothing; a photo whose storing fails leaves nothing that the sweep doesn't find.
    Raises: InvalidInput, TooManyPhotos, PhotoPlaceLost, PhotoStoreAway, OtherCommunity.
    """
    wish, done_before = await _looked(wish_id, asked, id, file)
    if done_before:
        return wish
    kept = await files.reencoded(sent)
    placed = await asked.wishes.change(
        wish_id, lambda wish: picturing.take_place(wish, id, file, asked.when), when=asked.when
    )
    if not picturing.names(placed, file):
        return placed
    try:
        await files.keep(file, kept)
        wish = await asked.change(wish_id, lambda wish: _added(wish, file, kept, asked))
    except Exception:
        await _give_back(wish_id, file, asked, files)
        raise
    if not picturing.has(wish, file):  # another try under the same key was faster: its photo is the answer
        await _give_back(wish_id, file, asked, files)
    return wish


async def _looked(wish_id: str, asked: Asked, id: str, file: str) -> tuple[Wish, bool]:
    """Whether it may be done at all, before any work; and whether the same request has been answered before."""
    done_before = True

    def look(wish: Wish) -> None:
        nonlocal done_before
        done_before = False
        as_owner_or_staff(asked.person, wish)
        picturing.take_place(wish, id, file, asked.when)

    return await asked.change(wish_id, look), done_before


def _added(wish: Wish, file: str, kept: KeptPhoto, asked: Asked) -> Decision:
    by = as_owner_or_staff(asked.person, wish)
    return picturing.add_photo(wish, file, (kept.width, kept.height), by, asked.when)


async def _give_back(wish_id: str, file: str, asked: Asked, files: PhotoFiles) -> None:
    """Tidy up at once what the sweep would find later; what went wrong first is what gets told."""
    try:
        wish = await asked.wishes.change(wish_id, lambda wish: picturing.leave_place(wish, file), when=asked.when)
        if not picturing.names(wish, file):
            await files.delete(file)
    except Exception as error:  # noqa: BLE001  the store or the database may be what is away
        log.warning("photo_left_for_the_sweep", error=type(error).__name__)


async def delete_files(file: str, files: PhotoFiles) -> None:
    """Delete the files of a photo that its wish no longer names; the sweep does it if the store is away."""
    try:
        await files.delete(file)
    except PhotoStoreAway as error:
        log.warning("photo_left_for_the_sweep", error=str(error))
