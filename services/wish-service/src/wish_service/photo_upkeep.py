"""The loop that cleans up after photos, in every process that has timers; several at once do no harm."""

import asyncio
from datetime import timedelta

from microwish.logs import get_logger
from microwish.when import Clock, When
from wish_service.store.photos.photos import Photos
from wish_service.store.wishes import Wishes
from wish_service.use_cases.sweep_photos import sweep_photos

log = get_logger(__name__)


class PhotoUpkeep:
    """Sweeps every `poll_seconds` until stopped. What fails in one round is tried again in the next."""

    def __init__(
        self, photos: Photos, wishes: Wishes, *, clock: Clock, patience_seconds: int, poll_seconds: float
    ) -> None:
        self._photos = photos
        self._wishes = wishes
        self._clock = clock
        self._patience = timedelta(seconds=patience_seconds)
        self._poll_seconds = poll_seconds
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._repeat(), name="photos.sweep")

    async def stop(self) -> None:
        """End; what was not finished, another process or the next start finishes."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _repeat(self) -> None:
        while True:
            try:
                swept = await sweep_photos(
                    self._photos, self._wishes, when=When.now(self._clock), patience=self._patience
                )
                if swept.places or swept.files:
                    log.info("photos_swept", places=swept.places, files=swept.files)
            except Exception as error:  # noqa: BLE001  the database or the store may be away; nothing is lost by waiting
                log.warning("photos_sweep_failed", error=type(error).__name__)
            await asyncio.sleep(self._poll_seconds)
