"""Organisations as messages need them: name, managers, and what they follow.

{_id, organisation: {version, name, state, members: {<person>: role}, following: {communities, categories, notify}}}
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from microwish.events import Envelope, Event, UnknownEvent, adoption
from microwish.events.adoption import FollowNotice, MemberRole
from microwish.messaging.streams import Outcome
from microwish.store.mongo import ASCENDING, Database, Document, IndexModel
from microwish.store.views import REMOVE, View
from notify_service.domain.known import KnownOrganisation

_STATES: dict[type[Event], str] = {
    adoption.OrganisationVerified: "verified",
    adoption.OrganisationRefused: "refused",
    adoption.OrganisationSuspended: "suspended",
}


@dataclass(frozen=True)
class Follower:
    """An organisation that follows a community and a category, and how soon it wants to be told."""

    id: str
    managers: tuple[str, ...]
    notify: FollowNotice


class Organisations:
    """The view `organisations`."""

    def __init__(self, db: Database) -> None:
        following = [("organisation.following.communities", ASCENDING), ("_id", ASCENDING)]
        self.view = View(db, "organisations", indexes=[IndexModel(following, name="following")])

    async def apply(self, event: Envelope) -> Outcome:
        """An event of the organisation's stream."""
        try:
            changes = _changes(event.payload())
        except UnknownEvent:
            changes = {}
        return await self.view.apply(event.subject, "organisation", event.version, changes)

    async def find(self, organisation_id: str) -> KnownOrganisation | None:
        """What is known of it; None while nothing has come."""
        row = await self.view.find(organisation_id)
        return KnownOrganisation(row["_id"], row["organisation"].get("name", ""), _managers(row)) if row else None

    async def followers(self, community: str, category: str, *, after: str, limit: int) -> Sequence[Follower]:
        """Verified organisations that follow both, in the order of their ids, from the one after `after`."""
        follow = "organisation.following"
        query = {
            "_id": {"$gt": after},
            "organisation.state": "verified",
            f"{follow}.communities": {"$in": prefixes(community)},
            f"{follow}.categories": {"$in": [category, []]},
            f"{follow}.notify": {"$ne": FollowNotice.NONE.value},
        }
        rows = self.view.rows.find(query).sort("_id", ASCENDING).limit(limit)
        return [
            Follower(row["_id"], _managers(row), FollowNotice(row["organisation"]["following"]["notify"]))
            async for row in rows
        ]


def prefixes(code: str) -> list[str]:
    """Every prefix of a division code: whoever is responsible for one of them is responsible for the code."""
    return [code[:length] for length in range(1, len(code) + 1)]


def _changes(event: Event) -> dict[str, Any]:
    if isinstance(event, adoption.OrganisationRegistered):
        # Until it chooses otherwise it follows its own area, all categories, in the morning digest (design, section 8).
        return {
            "name": event.name,
            "state": "pending",
            f"members.{event.manager_id}": MemberRole.MANAGER.value,
            "following": _following([event.scope], [], FollowNotice.DIGEST),
        }
    if isinstance(event, adoption.OrganisationChanged):
        return {"name": event.name}
    if isinstance(event, adoption.MemberChanged):
        return {f"members.{event.person_id}": event.role.value if event.role else REMOVE}
    if isinstance(event, adoption.FollowingChanged):
        categories = [category.value for category in event.categories]
        return {"following": _following(event.communities, categories, event.notify)}
    return {"state": _STATES[type(event)]} if type(event) in _STATES else {}


def _following(communities: Sequence[str], categories: Sequence[str], notify: FollowNotice) -> Document:
    return {"communities": list(communities), "categories": list(categories), "notify": notify.value}


def _managers(row: Document) -> tuple[str, ...]:
    members: Document = row["organisation"].get("members", {})
    return tuple(person for person, role in members.items() if role == MemberRole.MANAGER.value)
