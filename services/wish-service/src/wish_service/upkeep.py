"""What every process of this service does for the tree of communities: follow it, finish what was left, move wishes."""

from microwish.logs import get_logger
from microwish.rounds import Rounds
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
"""Between a change stream that broke off and the next; the tree in memory serves on."""


class CommunityUpkeep:
    """Keeps the copy of the tree in memory, and does in rounds what imports and moves have left."""

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
        self.following = Rounds("communities.follow", tree.follow, seconds=_AGAIN_SECONDS)
        self.rounds = Rounds("communities", self.tick, seconds=poll_seconds)

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
