"""Where the files of photos are kept: the one port, which GridFS and S3 both answer (tests: one suite for both)."""

from collections.abc import AsyncIterator
from typing import Protocol


class PhotoStoreAway(Exception):
    """The store can't answer now; the same call may succeed later. The message names nothing secret."""

    code = "unavailable"
    retry_after_seconds = 5


class PhotoStore(Protocol):
    """Small files by key. A key is written once and never comes back after it was deleted.

    Guarantees: when `put` returns, the file survives the loss of this process and of any one member of the store;
    a file is seen whole or not at all; what `listed` gives includes whatever an unfinished `put` left behind.
    Every call raises PhotoStoreAway when the store doesn't answer.
    """

    async def open(self) -> None:
        """Get ready; the store itself need not answer yet."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...

    async def put(self, key: str, content: bytes) -> None:
        """Keep a file."""
        ...

    async def get(self, key: str) -> bytes | None:
        """The file, or None if there is none."""
        ...

    async def delete(self, key: str) -> None:
        """Remove the file and all that is left of it; nothing happens if there is none."""
        ...

    def listed(self) -> AsyncIterator[str]:
        """The key of everything that takes up room, in no particular order, without loading any file."""
        ...
