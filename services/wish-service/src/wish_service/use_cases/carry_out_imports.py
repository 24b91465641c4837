"""Make the wishes of accepted imports, some rows at a time, in any number of processes."""

import asyncio

from microwish.logs import get_logger
from microwish.store.mongo import PyMongoError
from microwish.when import Clock
from wish_service.store.communities import Communities
from wish_service.store.imports import Imports
from wish_service.store.people import People
from wish_service.store.seals import Seals
from wish_service.store.wishes import Wishes
from wish_service.use_cases.asked import Asked
from wish_service.use_cases.import_wishes import make_wishes

log = get_logger(__name__)


class ImportWorker:
    """Goes on with accepted imports until each row is a wish; what a killed process left, another takes up.

    poll_seconds: how often it looks for imports that another process accepted.
    """

    def __init__(
        self,
        imports: Imports,
        wishes: Wishes,
        people: People,
        tree: Communities,
        seals: Seals,
        *,
        clock: Clock,
        poll_seconds: float,
    ) -> None:
        self._imports, self._wishes, self._people = imports, wishes, people
        self._tree, self._seals = tree, seals
        self._clock, self._poll_seconds = clock, poll_seconds
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Work in the background from now on."""
        self._task = asyncio.create_task(self.run(), name="imports")

    async def stop(self) -> None:
        """Stop; what isn't done yet stays kept."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """An import was accepted here just now."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled. An outage of the store is waited out."""
        while True:
            self._woken.clear()
            try:
                while await self.step():
                    pass
            except PyMongoError as error:
                log.warning("imports_wait", error=type(error).__name__)
            except Exception as error:
                # The rows stay kept, and are tried again when the lease of this try is over.
                log.error("import_interrupted", exc_info=error)
            try:
                async with asyncio.timeout(self._poll_seconds):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def step(self) -> bool:
        """Make the wishes of the next rows; False when nothing waits."""
        chunk = await self._imports.take()
        if chunk is None:
            return False
        asked = Asked(chunk.of.person, self._wishes, self._seals, chunk.of.when)
        await make_wishes(chunk, asked, self._people, self._tree)
        await self._imports.finished(chunk, now=self._clock())
        if chunk.last:
            log.info("import_done", import_id=chunk.of.id, rows=chunk.of.rows)
        return True
