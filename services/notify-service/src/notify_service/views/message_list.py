"""Messages as staff and operations find them: by wish, person, phone, provider, newest first, without texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from microwish.store.mongo import DESCENDING, Collection, Document
from notify_service.domain.message import State

Position = tuple[datetime, str]
_SHOWN = {"secret": 0, "outbox": 0, "relay": 0, "out.to": 0}
COUNTED = 10_000
_NUMBER = 6
_ARRIVALS_LOOKED_AT = 20_000


@dataclass(frozen=True)
class Scope:
    """Whose messages somebody may see: all, or those of communities with these prefixes."""

    prefixes: tuple[str, ...] | None = None

    def query(self) -> Document:
        """As a filter."""
        if self.prefixes is None:
            return {}
        # Digits only: a prefix is matched literally by an anchored expression, which the index serves.
        digits = [prefix for prefix in self.prefixes if prefix.isdigit()]
        return {"community": {"$regex": f"^(?:{'|'.join(digits)})"}} if digits else {"_id": {"$in": []}}

    def covers(self, community: str | None) -> bool:
        """Whether something of this community may be seen."""
        if self.prefixes is None:
            return True
        return community is not None and any(prefix and community.startswith(prefix) for prefix in self.prefixes)


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; what is left out is not asked.

    wish_id: its id, or the number that stands in messages (its last six characters). person: with an account.
    phone_index: what went to this phone, and what is for `contacts`, whose phone it is now.
    """

    wish_id: str | None = None
    states: Sequence[State] = ()
    person: str | None = None
    phone_index: str | None = None
    contacts: Sequence[str] = ()
    provider: str | None = None
    template: str | None = None
    cause: str | None = None

    def query(self) -> Document:
        """As a filter."""
        same = {
            **_of_wish(self.wish_id or ""),
            "recipient": self.person,
            "out.provider": self.provider,
            "template": self.template,
            "cause": self.cause,
        }
        query: Document = {name: value for name, value in same.items() if value}
        if self.states:
            query["state"] = {"$in": [state.value for state in self.states]}
        if self.phone_index:
            query["$or"] = [{"out.phone_index": self.phone_index}, {"recipient": {"$in": list(self.contacts)}}]
        return query


def _of_wish(asked: str) -> Document:
    return {"number": asked.upper()} if len(asked) == _NUMBER else {"wish_id": asked}


EVERYTHING = Wanted()


def _after(before: Position | None) -> Document:
    if before is None:
        return {}
    since, last = before
    return {"$or": [{"since": {"$lt": since}}, {"since": since, "_id": {"$lt": last}}]}


def _all_of(*queries: Document) -> Document:
    parts = [query for query in queries if query]
    return {"$and": parts} if parts else {}


class MessageList:
    """Reads `messages`."""

    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def page(
        self, scope: Scope, wanted: Wanted = EVERYTHING, *, before: Position | None = None, limit: int = 50
    ) -> list[Document]:
        """The newest that match, at most `limit`."""
        query = _all_of(scope.query(), wanted.query(), _after(before))
        order = [("since", DESCENDING), ("_id", DESCENDING)]
        return [row async for row in self._rows.find(query, _SHOWN).sort(order).limit(limit)]

    async def find(self, scope: Scope, id: str) -> Document | None:
        """This one, if it may be seen."""
        return await self._rows.find_one(_all_of({"_id": id}, scope.query()), _SHOWN)

    async def count(self, scope: Scope, wanted: Wanted, *, at_most: int) -> int:
        """How many match, counted no further than `at_most`."""
        return await self._rows.count_documents(_all_of(scope.query(), wanted.query()), limit=at_most)

    async def arrivals(self, since: datetime) -> dict[str, dict[str, int]]:
        """By provider, how far what was made since then has come; of the newest 20 000, so that it ends."""
        stages: list[dict[str, Any]] = [
            {"$match": {"since": {"$gte": since}}},
            {"$sort": {"since": -1, "_id": -1}},
            {"$limit": _ARRIVALS_LOOKED_AT},
            {"$match": {"out.provider": {"$exists": True}}},
            {"$group": {"_id": {"provider": "$out.provider", "state": "$state"}, "count": {"$sum": 1}}},
        ]
        found: dict[str, dict[str, int]] = {}
        async for row in self._rows.aggregate(stages):
            found.setdefault(row["_id"]["provider"], {})[row["_id"]["state"]] = row["count"]
        return found

    async def counts(self, scope: Scope) -> dict[str, int]:
        """How many there are in each state, counted no further than 10 000."""
        return {state.value: await self.count(scope, Wanted(states=[state]), at_most=COUNTED) for state in State}
