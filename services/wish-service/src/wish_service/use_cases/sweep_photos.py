"""Clean up after uploads that never finished, and after whatever let go of a photo without deleting its files."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from microwish.when import When
from wish_service.domain import picturing
from wish_service.store.photos.photos import Photos
from wish_service.store.wishes import Wishes

AT_ONCE = 500


@dataclass(frozen=True)
class Swept:
    """How many places were given up, and how many photos' files deleted."""

    places: int = 0
    files: int = 0


async def sweep_photos(photos: Photos, wishes: Wishes, *, when: When, patience: timedelta) -> Swept:
    """Give up places older than `patience`, then delete the files that no wish names.

    Safe beside uploads and other sweeps, whatever their clocks say: a wish names a file before it is stored, and a
    name that was given up never comes back, so a file without a name stays without one. An upload that was taken
    for dead finds its place gone and fails. Files younger than `patience` are left alone all the same: while the
    database changes its primary, an answer may be some seconds old.
    Raises: PhotoStoreAway.
    """
    before = when.recorded_at - patience
    places = await _give_up_places(photos, wishes, before, when)
    files, batch = 0, set[str]()
    async for name in photos.files.names():
        if _written_at(name) < before:
            batch.add(name)
        if len(batch) >= AT_ONCE:
            files += await _delete_unnamed(photos, batch)
            batch = set()
    return Swept(places, files + await _delete_unnamed(photos, batch))


async def _give_up_places(photos: Photos, wishes: Wishes, before: datetime, when: When) -> int:
    waiting = await photos.named.with_places_before(before, limit=AT_ONCE)
    for wish_id in waiting:
        await wishes.change(wish_id, lambda wish: picturing.leave_old_places(wish, before), when=when)
    return len(waiting)


async def _delete_unnamed(photos: Photos, names: set[str]) -> int:
    unnamed = await photos.named.unnamed(list(names)) if names else set()
    for name in unnamed:
        await photos.files.delete(name)
    return len(unnamed)


def _written_at(name: str) -> datetime:
    """Names are UUIDv7: their first 48 bits are milliseconds since 1970 (RFC 9562, 5.7)."""
    return datetime.fromtimestamp((UUID(name).int >> 80) / 1000, tz=UTC)
