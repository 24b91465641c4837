"""What every process of this service does for the tree of communities: follow it, finish what was left, move wishes."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from microwish.logs import get_logger
from microwish.when import Clock, When
from wish_service.store.campaigns import Campaigns
from wish_service.store.communities import Communities
from wish_service.store.community_imports import CommunityImports
from wish_service.store.people import People
from wish_service.store.seals import Seals
from wish_service.store.wishes import Wishes
from wish_service.use_cases.move_community import follow_moves

log = get_logger(__name__)

_AGAIN_SECONDS = 1.0


class CommunityUpkeep:
    """Two loops until stopped. What fails in one round is tried again in the next: everything due is still due."""

    def __init__(
        self,
        tree: Communities,
        imports: CommunityImports,
        *,
        wishes: Wishes,
        people: People,
        campaigns: Campaigns,
        seals: Seals,
        clock: Clock,
        poll_seconds: float,
    ) -> None:
        self._tree = tree
        self._imports = imports
        self._wishes = wishes
        self._people = people
        self._campaigns = campaigns
        self._seals = seals
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin; the tree was read before."""
        self._tasks = [
            asyncio.create_task(self._repeat(self._tree.follow, self._after_failure), name="communities.follow"),
            asyncio.create_task(self._repeat(self.tick, self._until_due), name="communities.moves"),
        ]

    async def stop(self) -> None:
        """End both; what was not finished, another process or the next start finishes."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def wake(self) -> None:
        """There is something to do now."""
        self._woken.set()

    async def tick(self) -> None:
        """One round of what may be left to do."""
        when = When.now(self._clock)
        imported = await self._imports.resume()
        moved = await follow_moves(
            tree=self._tree,
            wishes=self._wishes,
            people=self._people,
            campaigns=self._campaigns,
            seals=self._seals,
            when=when,
        )
        if imported or moved:
            log.info("communities_followed", imported=imported, moved=moved)

    async def _repeat(
        self, work: Callable[[], Coroutine[Any, Any, None]], wait: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        while True:
            try:
                await work()
            except Exception as error:  # noqa: BLE001  the database may be away; the tree in memory serves on
                log.warning("communities_upkeep_failed", error=type(error).__name__)
            await wait()

    async def _after_failure(self) -> None:
        await asyncio.sleep(_AGAIN_SECONDS)

    async def _until_due(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), self._poll_seconds)
        self._woken.clear()
