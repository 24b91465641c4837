"""Make the wishes of accepted imports, some rows at a time, in any number of processes."""

from microwish.logs import get_logger
from microwish.rounds import Rounds
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
        self._clock = clock
        # What fails stays kept, and is tried again when the lease of this try is over.
        self.rounds = Rounds("imports", self.step, seconds=poll_seconds)

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
