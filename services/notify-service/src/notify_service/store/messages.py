"""Messages: truth about each one, one document, every step a guarded write with its events (design, section 6).

{_id, state, cause?, lane, template, event_type, event_time, wish_id, community, recipient, person_id, notices: [id],
 channels, waits_for, round, out: {id, channel, provider, deadline, to_masked}?, secret?, since, use_until, give_up_at,
 timeline, …outbox}
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from microwish.events import Event
from microwish.events.base import Role
from microwish.store.aggregate import Aggregates, Change
from microwish.store.mongo import ASCENDING, DESCENDING, Document, IndexModel
from microwish.store.outbox import literal
from microwish.store.refusals import AlreadyExists
from microwish.telemetry import counter
from microwish.when import When
from notify_service.domain.message import STEPS, State, Step

_steps = counter("messages", "Messages by the step they took", ("step",))


@dataclass(frozen=True)
class By:
    """Who took the step; the service itself has no person."""

    person_id: str | None = None
    role: Role = Role.SYSTEM


SYSTEM = By()


@dataclass(frozen=True)
class Moved:
    """What a step writes besides the state."""

    step: Step
    set: Mapping[str, Any] = field(default_factory=dict)
    remove: Sequence[str] = ()
    events: Sequence[Event] = ()
    where: Mapping[str, Any] = field(default_factory=dict)
    by: By = SYSTEM


class Messages:
    """The collection `messages`, through its table of steps only."""

    def __init__(self, aggregates: Aggregates) -> None:
        self._aggregates = aggregates
        self.rows = aggregates.collection

    async def ensure_indexes(self) -> None:
        """Found by state and age, by what they wait for, by wish, and newest first."""
        waiting = {"state": State.AWAITING.value}
        await self._aggregates.ensure_indexes(
            IndexModel([("state", ASCENDING), ("since", ASCENDING)], name="state"),
            IndexModel([("state", ASCENDING), ("out.deadline", ASCENDING)], name="deadline"),
            IndexModel([("waits_for", ASCENDING)], name="waiting", partialFilterExpression=waiting),
            IndexModel([("wish_id", ASCENDING), ("since", DESCENDING), ("_id", DESCENDING)], name="wish"),
            IndexModel([("since", DESCENDING), ("_id", DESCENDING)], name="newest"),
            IndexModel([("recipient", ASCENDING)], name="recipient"),
        )

    async def create(self, id: str, fields: Mapping[str, Any], state: State, *, when: When) -> bool:
        """Add a message; False if it was there already."""
        document = {
            **fields,
            "state": state.value,
            "round": 1,
            "since": when.recorded_at,
            "timeline": [_entry(f"created:{state.value}", SYSTEM, when, None)],
        }
        try:
            await self._aggregates.create(id, document, [], when=when)
        except AlreadyExists:
            return False
        _steps.labels(f"created_{state.value}").inc()
        return True

    async def find(self, id: str) -> Document | None:
        """The message, or None."""
        return await self._aggregates.find(id)

    async def move(self, id: str, moved: Moved, *, when: When) -> Document | None:
        """Take a step, if the message is in one of its source states and `where` holds; else None and no change."""
        way = STEPS[moved.step]
        where = {"state": {"$in": [state.value for state in way.sources]}, **moved.where}
        values = {**moved.set, "state": way.target.value}
        entry = _entry(moved.step.value, moved.by, when, moved.set.get("cause"))
        longer = {"timeline": {"$concatArrays": ["$timeline", [literal(entry)]]}}
        change = Change(values, moved.remove, moved.events)
        document = await self._aggregates.write(id, where, change, when=when, expressions=longer)
        if document is not None:
            _steps.labels(moved.step.value).inc()
        return document

    async def waiting_for(self, key: str) -> list[str]:
        """Messages that wait for this key."""
        query = {"state": State.AWAITING.value, "waits_for": key}
        return [row["_id"] async for row in self.rows.find(query, {"_id": 1})]

    async def since_before(self, state: State, moment: datetime, *, limit: int) -> list[Document]:
        """Messages in a state that were made before the moment, oldest first."""
        query = {"state": state.value, "since": {"$lt": moment}}
        return [row async for row in self.rows.find(query).sort("since", ASCENDING).limit(limit)]

    async def past_deadline(self, state: State, moment: datetime, *, limit: int) -> list[Document]:
        """Messages in a state whose deadline of handing over lies before the moment."""
        query = {"state": state.value, "out.deadline": {"$lt": moment}}
        return [row async for row in self.rows.find(query).sort("out.deadline", ASCENDING).limit(limit)]

    async def of_recipient(self, recipient: str, states: Sequence[State]) -> list[str]:
        """Messages to somebody in any of these states."""
        query = {"recipient": recipient, "state": {"$in": [state.value for state in states]}}
        return [row["_id"] async for row in self.rows.find(query, {"_id": 1})]

    async def forget(self, recipient: str) -> None:
        """Remove what names somebody who asked to be forgotten."""
        await self.rows.update_many({"recipient": recipient}, {"$unset": {"out.to_masked": "", "person_id": ""}})


def _entry(what: str, by: By, when: When, why: str | None) -> Document:
    entry: Document = {"at": when.at, "by": {"person_id": by.person_id, "role": by.role.value}, "what": what}
    return {**entry, "why": why} if why else entry
