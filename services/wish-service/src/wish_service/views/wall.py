"""The wall: one public row per posted wish, fed by the wish's stream and by its claims."""

from microwish.events import Envelope, UnknownEvent
from microwish.messaging.streams import Outcome
from microwish.store.mongo import ASCENDING, DESCENDING, Database, IndexModel
from microwish.store.views import View
from wish_service.views.derived import STATUS
from wish_service.views.facts_of_events import ChangesOf, claims_changes, wish_changes

_NEWEST = [("wish.posted_at", DESCENDING), ("_id", DESCENDING)]

INDEXES = [
    IndexModel([("public", ASCENDING), *_NEWEST], name="newest"),
    IndexModel([("public", ASCENDING), ("status", ASCENDING), *_NEWEST], name="by_status"),
    IndexModel([("public", ASCENDING), ("wish.category", ASCENDING), *_NEWEST], name="by_category"),
    IndexModel([("public", ASCENDING), ("wish.areas", ASCENDING), *_NEWEST], name="by_area"),
    IndexModel(
        [("public", ASCENDING), ("wish.areas", ASCENDING), ("status", ASCENDING), *_NEWEST], name="by_area_status"
    ),
]


def wall_view(db: Database) -> View:
    """The view; `open` it before use."""
    return View(db, "wall", derive=STATUS, indexes=INDEXES)


class Feeding:
    """Applies the events of the two streams to a view that keeps a row per wish."""

    def __init__(self, view: View) -> None:
        self.view = view

    async def take_wish(self, event: Envelope) -> Outcome:
        """An event of the wish's own stream."""
        return await self._take("wish", wish_changes, event)

    async def take_claims(self, event: Envelope) -> Outcome:
        """An event of the stream of its claims."""
        return await self._take("claims", claims_changes, event)

    async def _take(self, part: str, changes_of: ChangesOf, event: Envelope) -> Outcome:
        try:
            changes = changes_of(event.payload(), event.time)
        except UnknownEvent:
            changes = {}  # a newer publisher's event: its version counts, its meaning is not known here
        return await self.view.apply(event.subject, part, event.version, changes)
