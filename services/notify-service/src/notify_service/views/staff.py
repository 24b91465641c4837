"""Who serves which communities: {_id: <person id>, person: {version, communities: [prefix]}}."""

from collections.abc import Sequence

from microwish.events import Envelope, UnknownEvent, wish
from microwish.messaging.streams import Outcome
from microwish.store.mongo import ASCENDING, Database, IndexModel
from microwish.store.views import View
from notify_service.views.organisations import prefixes


class Staff:
    """The view `staff`."""

    def __init__(self, db: Database) -> None:
        serving = [("person.communities", ASCENDING), ("_id", ASCENDING)]
        self.view = View(db, "staff", indexes=[IndexModel(serving, name="serving")])

    async def apply(self, event: Envelope) -> Outcome:
        """An event of a person's stream."""
        try:
            payload = event.payload()
        except UnknownEvent:
            payload = None
        changes: dict[str, list[str]] = {}
        if isinstance(payload, wish.StaffAssigned):
            changes = {"communities": list(payload.communities)}
        elif isinstance(payload, wish.PersonErased):
            changes = {"communities": []}
        return await self.view.apply(event.subject, "person", event.version, changes)

    async def serving(self, community: str, *, after: str, limit: int) -> Sequence[str]:
        """Ids of the people who serve the community, in order, from the one after `after`."""
        query = {"_id": {"$gt": after}, "person.communities": {"$in": prefixes(community)}}
        rows = self.view.rows.find(query, {"_id": 1}).sort("_id", ASCENDING).limit(limit)
        return [row["_id"] async for row in rows]
