"""Messages as staff and operations read them: by wish, state and community, newest first, without texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from microwish.store.mongo import DESCENDING, Collection, Document
from notify_service.domain.message import State

Position = tuple[datetime, str]
_SHOWN = {"secret": 0, "outbox": 0, "relay": 0}


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


class MessageList:
    """Reads `messages`."""

    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def page(
        self,
        scope: Scope,
        *,
        wish_id: str | None = None,
        states: Sequence[State] = (),
        before: Position | None = None,
        limit: int = 50,
    ) -> list[Document]:
        """The newest that match, at most `limit`."""
        query = scope.query()
        if wish_id:
            query["wish_id"] = wish_id
        if states:
            query["state"] = {"$in": [state.value for state in states]}
        if before is not None:
            since, last = before
            query["$or"] = [{"since": {"$lt": since}}, {"since": since, "_id": {"$lt": last}}]
        order = [("since", DESCENDING), ("_id", DESCENDING)]
        return [row async for row in self._rows.find(query, _SHOWN).sort(order).limit(limit)]

    async def counts(self, scope: Scope) -> dict[str, int]:
        """How many there are in each state."""
        stages: list[dict[str, Any]] = [
            {"$match": scope.query()},
            {"$group": {"_id": "$state", "count": {"$sum": 1}}},
        ]
        found = {row["_id"]: row["count"] async for row in self._rows.aggregate(stages)}
        return {state.value: found.get(state.value, 0) for state in State}
