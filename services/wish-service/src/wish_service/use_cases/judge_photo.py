"""Staff approve a photo; staff or its resident remove it."""

from wish_service.domain import picturing
from wish_service.domain.access import as_owner_or_staff, as_staff
from wish_service.domain.wish import Decision, Wish
from wish_service.store.photos.files import PhotoFiles
from wish_service.use_cases.add_photo import delete_files
from wish_service.use_cases.asked import Asked


async def approve_photo(wish_id: str, photo_id: str, asked: Asked) -> Wish:
    """Everybody may see it while the wish is on the wall (WishRevised, if it is there already).

    Raises: PhotoNotFound, OtherCommunity.
    """

    def decide(wish: Wish) -> Decision | None:
        return picturing.approve_photo(wish, photo_id, as_staff(asked.person, wish), asked.when)

    return await asked.change(wish_id, decide)


async def remove_photo(wish_id: str, photo_id: str, asked: Asked, *, files: PhotoFiles) -> Wish:
    """It is gone for good: from the wish at once, its files right after (WishRevised, if everybody saw it).

    Raises: PhotoNotFound, OtherCommunity.
    """
    file = ""

    def decide(wish: Wish) -> Decision:
        nonlocal file
        by = as_owner_or_staff(asked.person, wish)
        file = picturing.photo_of(wish, photo_id).file
        return picturing.remove_photo(wish, photo_id, by, asked.when)

    wish = await asked.change(wish_id, decide)
    if file:
        await delete_files(file, files)
    return wish
