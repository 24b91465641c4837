"""Messages: truth about each one, one document, every step a guarded write with its events (design, section 6).

{_id, state, cause?, lane, template, event_type, event_time, wish_id, number?, community, recipient, person_id,
 notices: [id], channels, waits_for, round, tries, not_before, barred: [<channel> or <channel>/<provider>],
 out: {id, channel, provider, deadline, at, by, asked, to_masked, phone_index, to? (sealed), reference?}?,
 secret?, since, use_until, give_up_at, timeline, …outbox}

`round` counts what somebody asked for, `tries` what was handed over in it; `barred` is what refused it in this round
for good. `not_before` is when it is next looked at: a queued one to be sent, an unknown one to be asked after.
`out.by` names the very handing over, so that who wrote it knows it again; `out.to` is there while it may have to be
asked after.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from microwish.events import Event
from microwish.events.base import Role
from microwish.store.aggregate import Aggregates, Change
from microwish.store.grouped import GroupedFinds, Landed
from microwish.store.missing import insert_missing
from microwish.store.mongo import ASCENDING, DESCENDING, Document, IndexModel
from microwish.store.outbox import literal
from microwish.store.refusals import AlreadyExists
from microwish.telemetry import counter
from microwish.when import When
from notify_service.domain.facts import short_number
from notify_service.domain.message import STEPS, State, Step

_WHERE_TO = {"out.to": "", "out.to_masked": "", "out.phone_index": ""}
_steps = counter("messages", "Messages by the step they took", ("step",))


@dataclass(frozen=True)
class By:
    """Who took the step; the service itself has no person."""

    person_id: str | None = None
    role: Role = Role.SYSTEM


SYSTEM = By()
LANES = ("signin", "normal", "bulk")


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
        self._finds = GroupedFinds(aggregates.collection, {})
        self.rows = aggregates.collection

    async def ensure_indexes(self) -> None:
        """Found by state and age, by what they wait for, by wish, and newest first."""
        waiting = {"state": State.AWAITING.value}
        await self._aggregates.ensure_indexes(
            _newest("state"),
            IndexModel([("state", ASCENDING), ("out.deadline", ASCENDING)], name="deadline"),
            IndexModel([("state", ASCENDING), ("lane", ASCENDING), ("not_before", ASCENDING)], name="due"),
            IndexModel([("out.id", ASCENDING)], name="out", sparse=True),
            IndexModel([("out.reference", ASCENDING)], name="reference", sparse=True),
            IndexModel([("waits_for", ASCENDING)], name="waiting", partialFilterExpression=waiting),
            _newest("wish_id", name="wish"),
            _newest("number", where={"number": {"$exists": True}}),
            _newest("recipient"),
            _newest("template"),
            _newest("out.provider", where={"out.provider": {"$exists": True}}),
            _newest("out.phone_index", where={"out.phone_index": {"$exists": True}}),
            IndexModel([("since", DESCENDING), ("_id", DESCENDING)], name="newest"),
        )

    async def create(self, id: str, fields: Mapping[str, Any], state: State, *, when: When) -> bool:
        """Add a message; False if it was there already."""
        document = _fresh(fields, state, when)
        try:
            await self._aggregates.create(id, document, [], when=when)
        except AlreadyExists:
            return False
        _steps.labels(f"created_{state.value}").inc()
        return True

    async def create_many(self, fields_of: Mapping[str, Mapping[str, Any]], *, when: When) -> None:
        """Add queued messages in one write, each by its id; those that are there already stay as they are."""
        # As an aggregate that has said nothing yet: they go past the groups of single writes, and hold up none.
        silent = {"revision": 1, "streamversion": 0, "outbox": []}
        documents = [{"_id": one, **_fresh(fields, State.QUEUED, when), **silent} for one, fields in fields_of.items()]
        added = await insert_missing(self.rows, documents)
        _steps.labels(f"created_{State.QUEUED.value}").inc(added)

    async def find(self, id: str) -> Document | None:
        """The message, or None; read together with others of the moment, so don't change it."""
        return await self._finds.find(id)

    async def move(self, id: str, moved: Moved, *, when: When) -> Document | None:
        """Take a step, if the message is in one of its source states and `where` holds; else None and no change."""
        where, change, longer = _written(moved, when)
        document = await self._aggregates.write(id, where, change, when=when, expressions=longer)
        if document is not None:
            _steps.labels(moved.step.value).inc()
        return document

    async def move_together(self, id: str, moved: Moved, *, when: When) -> Landed:
        """The same step, written together with others of the moment; PERHAPS: the message itself tells."""
        where, change, longer = _written(moved, when)
        landed = await self._aggregates.write_together(id, where, change, when=when, expressions=longer)
        if landed is Landed.YES:
            _steps.labels(moved.step.value).inc()
        return landed

    async def put_off(self, message: Document, until: datetime) -> bool:
        """Look at it again then, if nobody else has put it off or moved it since it was read."""
        as_read = {"_id": message["_id"], "state": message["state"], "not_before": message.get("not_before")}
        return (await self.rows.update_one(as_read, {"$set": {"not_before": until}})).matched_count > 0

    async def asking(self, message: Document, until: datetime) -> bool:
        """An unknown one is being asked after, by one process; who comes next waits until then."""
        asked = message["out"].get("asked", 0)
        as_read = {
            "_id": message["_id"],
            "state": State.UNKNOWN.value,
            "out.id": message["out"]["id"],
            "out.asked": asked or None,
        }
        change = {"$set": {"not_before": until, "out.asked": asked + 1}}
        return (await self.rows.update_one(as_read, change)).matched_count > 0

    async def due(
        self,
        state: State,
        now: datetime,
        *,
        limit: int,
        lanes: Sequence[str] = LANES,
        before: datetime | None = None,
    ) -> list[str]:
        """Messages in a state that are to be looked at now, those that waited longest first.

        before: only those that were made before then.
        """
        query: Document = {"state": state.value, "lane": {"$in": list(lanes)}, "not_before": {"$lte": now}}
        if before is not None:
            query["since"] = {"$lt": before}
        found = [row["_id"] async for row in self.rows.find(query, {"_id": 1}).sort("not_before", 1).limit(limit)]
        if len(found) < limit:  # those of a release that did not know `not_before`
            old = self.rows.find({**query, "not_before": None}, {"_id": 1}).limit(limit - len(found))
            found += [row["_id"] async for row in old]
        return found

    async def of_out(self, *, out_id: str | None, provider: str, reference: str | None) -> Document | None:
        """The message that a provider speaks of, by our out id or by its own reference."""
        if out_id is not None:
            return await self.rows.find_one({"out.id": out_id})
        return await self.rows.find_one({"out.reference": reference, "out.provider": provider})

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
        await self.rows.update_many({"recipient": recipient}, {"$unset": {**_WHERE_TO, "person_id": ""}})

    async def forget_phone(self, phone_index: str) -> None:
        """Remove where messages went that went to this phone, whomever they were for: sign-in codes are for nobody."""
        await self.rows.update_many({"out.phone_index": phone_index}, {"$unset": _WHERE_TO})


def _written(moved: Moved, when: When) -> tuple[Document, Change, Document]:
    """The conditions, the change and the longer timeline of a step."""
    way = STEPS[moved.step]
    where = {**moved.where, "state": {"$in": _sources(way.sources, moved.where.get("state"))}}
    values = {**moved.set, "state": way.target.value}
    entry = _entry(moved.step.value, moved.by, when, moved.set.get("cause"))
    longer = {"timeline": {"$concatArrays": ["$timeline", [literal(entry)]]}}
    return where, Change(values, moved.remove, moved.events), longer


def _newest(field: str, *, name: str = "", where: Document | None = None) -> IndexModel:
    """Found by this field, the newest first; read backwards, the oldest."""
    keys = [(field, ASCENDING), ("since", DESCENDING), ("_id", DESCENDING)]
    only: Document = {"partialFilterExpression": where} if where else {}
    # "state" and "recipient" were names of indexes that could not page.
    return IndexModel(keys, name=name or f"newest_by_{field.replace('.', '_')}", **only)


def _fresh(fields: Mapping[str, Any], state: State, when: When) -> Document:
    return {
        "not_before": when.recorded_at,
        "tries": 0,
        "barred": [],
        **({"number": short_number(fields["wish_id"])} if fields.get("wish_id") else {}),
        **fields,
        "state": state.value,
        "round": 1,
        "since": when.recorded_at,
        "timeline": [_entry(f"created:{state.value}", SYSTEM, when, None)],
    }


def _sources(sources: frozenset[State], wanted: str | Document | None) -> list[str]:
    """Those of the table's states from which the caller wants the step."""
    names = [wanted] if isinstance(wanted, str) else (wanted or {}).get("$in", list(State))
    return [state.value for state in sources if state in names]


def _entry(what: str, by: By, when: When, why: str | None) -> Document:
    entry: Document = {"at": when.at, "by": {"person_id": by.person_id, "role": by.role.value}, "what": what}
    return {**entry, "why": why} if why else entry
