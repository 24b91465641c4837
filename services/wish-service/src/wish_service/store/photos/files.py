"""The files of photos: made fit to be kept on threads of their own, two files each, under a name that never returns."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, TypeVar

from wish_service.store.photos.images import KeptPhoto, kept_photo
from wish_service.store.photos.port import PhotoStore

_T = TypeVar("_T")
_PIECE_BYTES = 1 << 20
_FULL, _THUMBNAIL = "full", "thumbnail"


class PhotoFiles:
    """Re-encodes photos off the event loop, `workers` at once, and keeps them behind the port."""

    def __init__(self, store: PhotoStore, *, workers: int) -> None:
        self.store = store
        # Threads are enough: Pillow lets go of the interpreter while it decodes, scales and encodes.
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="photo")

    async def close(self) -> None:
        """End the threads and the store's connections."""
        self._workers.shutdown(wait=False, cancel_futures=True)
        await self.store.close()

    async def digest(self, sent: BinaryIO) -> str:
        """SHA-256 of what was sent; by it a retry is told from another photo under the same key."""
        return await self._off_loop(lambda: _digest(sent))

    async def reencoded(self, sent: BinaryIO) -> KeptPhoto:
        """The photo as it may be kept. Raises: InvalidInput for field `photo`."""
        return await self._off_loop(lambda: kept_photo(sent))

    async def keep(self, name: str, photo: KeptPhoto) -> None:
        """Store both files. Raises: PhotoStoreAway."""
        await self.store.put(_key(name, _FULL), photo.full)
        await self.store.put(_key(name, _THUMBNAIL), photo.thumbnail)

    async def read(self, name: str, *, thumbnail: bool) -> bytes | None:
        """One of the two, or None if it is gone. Raises: PhotoStoreAway."""
        return await self.store.get(_key(name, _THUMBNAIL if thumbnail else _FULL))

    async def delete(self, name: str) -> None:
        """Remove both for good. Raises: PhotoStoreAway."""
        await self.store.delete(_key(name, _FULL))
        await self.store.delete(_key(name, _THUMBNAIL))

    async def names(self) -> AsyncIterator[str]:
        """The name of every file that takes up room; a name may come twice. Raises: PhotoStoreAway."""
        async for key in self.store.listed():
            yield key.partition("/")[0]

    async def _off_loop(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._workers, work)


def _key(name: str, variant: str) -> str:
    return f"{name}/{variant}.jpg"


def _digest(sent: BinaryIO) -> str:
    sent.seek(0)
    found = hashlib.sha256()
    while piece := sent.read(_PIECE_BYTES):
        found.update(piece)
    sent.seek(0)
    return found.hexdigest()
