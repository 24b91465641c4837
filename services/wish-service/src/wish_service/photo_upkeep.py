"""Cleaning up after photos, in every process that has timers; several at once do no harm."""

from datetime import timedelta

from microwish.logs import get_logger
from microwish.rounds import Rounds
from microwish.when import Clock, When
from wish_service.store.photos.photos import Photos
from wish_service.store.wishes import Wishes
from wish_service.use_cases.sweep_photos import sweep_photos

log = get_logger(__name__)


class PhotoUpkeep:
    """Sweeps every `poll_seconds`. patience_seconds: after this long a place without its file is given up."""

    def __init__(
        self, photos: Photos, wishes: Wishes, *, clock: Clock, patience_seconds: int, poll_seconds: float
    ) -> None:
        self._photos = photos
        self._wishes = wishes
        self._clock = clock
        self._patience = timedelta(seconds=patience_seconds)
        self.rounds = Rounds("photos", self.tick, seconds=poll_seconds)

    async def tick(self) -> None:
        """One round."""
        when = When.now(self._clock)
        swept = await sweep_photos(self._photos, self._wishes, when=when, patience=self._patience)
        if swept.places or swept.files:
            log.info("photos_swept", places=swept.places, files=swept.files)
