"""The wall: one public row per posted wish, fed by the wish's stream and by its claims."""

from collections.abc import Collection, Iterator
from itertools import combinations

from microwish.events import Envelope, UnknownEvent
from microwish.messaging.streams import Outcome
from microwish.store.mongo import ASCENDING, DESCENDING, Database, IndexModel
from microwish.store.views import View
from wish_service.views.derived import STATUS
from wish_service.views.facts_of_events import ChangesOf, claims_changes

_NEWEST = ("wish.order", DESCENDING)

FILTERS = {"area": "wish.areas", "status": "status", "category": "wish.category"}
"""What lists are filtered by for equality, and where it stands in a row."""


def list_index(filters: Collection[str]) -> str:
    """The name of the index that holds exactly the list with these filters, in its order."""
    return "_".join(["list", *(name for name in FILTERS if name in filters)])


def _lists() -> Iterator[IndexModel]:
    """One per combination of filters: a page then costs what is on it, however far behind and among however many."""
    for count in range(len(FILTERS) + 1):
        for chosen in combinations(FILTERS, count):
            yield _public([*((FILTERS[name], ASCENDING) for name in chosen), _NEWEST], list_index(chosen))


def _public(keys: list[tuple[str, int]], name: str) -> IndexModel:
    return IndexModel(keys, name=name, partialFilterExpression={"public": True})


CAMPAIGN_INDEX = "list_campaign"
"""Of the few wishes that are in a campaign; other filters then look at these alone."""

INDEXES = [
    *_lists(),
    _public([("wish.grams", ASCENDING), _NEWEST], "words"),
    IndexModel(
        [("wish.campaign", ASCENDING), _NEWEST],
        name=CAMPAIGN_INDEX,
        partialFilterExpression={"public": True, "wish.campaign": {"$exists": True}},
    ),
]


def wall_view(db: Database) -> View:
    """The view; `open` it before use."""
    return View(db, "wall", derive=STATUS, indexes=INDEXES)


class Feeding:
    """Applies the events of the two streams to a view that keeps a row per wish.

    of_wish: what an event of the wish's own stream means for this view.
    """

    def __init__(self, view: View, of_wish: ChangesOf) -> None:
        self.view = view
        self._of_wish = of_wish

    async def take_wish(self, event: Envelope) -> Outcome:
        """An event of the wish's own stream."""
        return await self._take("wish", self._of_wish, event)

    async def take_claims(self, event: Envelope) -> Outcome:
        """An event of the stream of its claims."""
        return await self._take("claims", claims_changes, event)

    async def _take(self, part: str, changes_of: ChangesOf, event: Envelope) -> Outcome:
        try:
            changes = changes_of(event.payload(), event.time)
        except UnknownEvent:
            changes = {}  # a newer publisher's event: its version counts, its meaning is not known here
        return await self.view.apply(event.subject, part, event.version, changes)
