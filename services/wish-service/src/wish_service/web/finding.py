"""What belongs to finding wishes: the cache of lists and the live wall, both fed by one change stream of the view."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request

from microwish.events import Category
from microwish.store.changes import Changes
from microwish.store.views import View
from wish_service.domain.states import Status
from wish_service.views.read_wall import NOT_SHOWN, WallQuery
from wish_service.web.list_cache import ListCache
from wish_service.web.live import LiveWall
from wish_service.web.schemas import Division, Words


class Finding:
    """Follows the wall of one replica.

    most_listeners: how many event streams it keeps open. heartbeat_seconds: how often each says that it lives.
    """

    def __init__(self, wall: View, *, most_listeners: int, heartbeat_seconds: float) -> None:
        # The live wall looks at the normalised text, so that stays.
        hidden = [path for path in NOT_SHOWN if path != "wish.sought"]
        self.changes = Changes(lambda: wall.rows, hidden=hidden)
        self.lists = ListCache(self.changes.fresh)
        # Before the live wall: who is told of a change and asks for the list must not get the page from before it.
        self.changes.subscribe(lambda _: self.lists.clear(), self.lists.clear)
        self.live = LiveWall(self.changes, most_listeners=most_listeners, heartbeat_seconds=heartbeat_seconds)

    def start(self) -> None:
        """Follow from now on."""
        self.changes.start()

    async def stop(self) -> None:
        """End the streams and follow no more."""
        self.live.close()
        await self.changes.stop()


async def wall_query(
    request: Request,
    status: Annotated[Status | None, Query()] = None,
    community: Annotated[Division | None, Query()] = None,
    category: Annotated[Category | None, Query()] = None,
    q: Annotated[Words | None, Query()] = None,
    campaign: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
) -> WallQuery:
    """The filters of a list of the wall: state, division-code prefix, category, words, campaign."""
    return WallQuery(
        status.value if status else None,
        request.app.state.parts.communities.current(community) if community else None,
        category.value if category else None,
        q,
        campaign=campaign,
    )
