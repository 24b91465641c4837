"""The tasks of staff: one document and one stream each, under an id that their wish has derived."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from microwish.events import Actor, Community
from microwish.events.wish import TaskKind
from microwish.store.aggregate import Aggregates, Change, Idempotency
from microwish.store.mongo import ASCENDING, Document, IndexModel
from microwish.store.refusals import AlreadyExists
from microwish.when import When
from wish_service.domain import tasks
from wish_service.domain.access import areas_of
from wish_service.domain.follow_up import SYSTEM
from wish_service.domain.tasks import Task, TaskLine

_OPEN: Document = {"open": True}
_OLDEST = [("opened_at", ASCENDING), ("_id", ASCENDING)]


@dataclass(frozen=True)
class TaskQuery:
    """Which open tasks. areas: the divisions that the reader serves (None: all); community: prefix of the wish's."""

    areas: Collection[str] | None
    kind: TaskKind | None = None
    community: str | None = None
    after: tuple[datetime, str] | None = None
    limit: int = 20


class Tasks:
    """The collection of tasks. A task is opened once and done once, however often and by whomever it is tried."""

    def __init__(self, aggregates: Aggregates) -> None:
        self.aggregates = aggregates

    async def ensure_indexes(self) -> None:
        """Open tasks by the divisions that see to them, the oldest first; done ones are only found by id."""
        await self.aggregates.ensure_indexes(
            IndexModel(_OLDEST, name="open", partialFilterExpression=_OPEN),
            IndexModel([("areas", ASCENDING), *_OLDEST], name="open_of_area", partialFilterExpression=_OPEN),
            IndexModel(
                [("areas", ASCENDING), ("kind", ASCENDING), *_OLDEST],
                name="open_of_area_kind",
                partialFilterExpression=_OPEN,
            ),
            IndexModel([("wish_id", ASCENDING)], name="wish"),
        )

    async def load(self, id: str) -> Task:
        """The task. Raises: NotFound."""
        return _task(await self.aggregates.load(id))

    async def open(self, task: Task) -> None:
        """Keep a new task (StaffTaskOpened). One that is there stays, and goes along if its wish has moved."""
        when = When(task.opened_at, task.opened_at)
        try:
            await self.aggregates.create(task.id, _document(task), [tasks.opened(task)], when=when)
        except AlreadyExists:

            def move(document: Document) -> Change | None:
                there = tasks.moved(_task(document), task)
                return Change(set=_document(there)) if there else None

            await self.aggregates.change(task.id, move, when=when)

    async def close(self, id: str, at: datetime) -> None:
        """Its reason has gone (StaffTaskDone by the system); nothing if staff have done it already."""

        def decide(document: Document) -> Change | None:
            task = _task(document)
            return None if task.done_at is not None else _done(task, SYSTEM, at, None)

        await self.aggregates.change(id, decide, when=When(at, at))

    async def done(
        self, id: str, by: Actor, note: str | None, *, when: When, idempotency: Idempotency | None = None
    ) -> Task:
        """Staff have seen to it (StaffTaskDone); `note` is sealed. Raises: NotFound, TaskAlreadyDone, KeyReused."""
        document = await self.aggregates.change(
            id, lambda found: _done(_task(found), by, when.at, note), when=when, idempotency=idempotency
        )
        return _task(document)

    async def without_words(self, wish_id: str, *, when: When) -> dict[str, bool]:
        """Take out what staff noted at the tasks of a wish; its tasks, each with whether all of it was sent."""

        def decide(document: Document) -> Change | None:
            if not any("why" in line for line in document["timeline"]):
                return None
            lines = [{name: value for name, value in line.items() if name != "why"} for line in document["timeline"]]
            return Change(set={"timeline": lines})

        rows = await self.aggregates.collection.find({"wish_id": wish_id}, {"unsent_since": 1}).to_list(None)
        for row in rows:
            await self.aggregates.change(row["_id"], decide, when=when)
        return {row["_id"]: "unsent_since" not in row for row in rows}

    async def list(self, query: TaskQuery) -> list[Task]:
        """Open tasks, the oldest first, behind a keyset position."""
        found: Document = {**_OPEN, **_within(query.areas)}
        if query.kind:
            found["kind"] = query.kind.value
        if query.community:
            found["place.code"] = {"$gte": query.community, "$lt": f"{query.community}:"}  # ":" follows "9"
        if query.after:
            at, last = query.after
            # The first condition is the range of the index; the other leaves out what was opened at the same moment.
            found |= {"opened_at": {"$gte": at}, "$or": [{"opened_at": {"$gt": at}}, {"_id": {"$gt": last}}]}
        rows = await self.aggregates.collection.find(found).sort(_OLDEST).limit(query.limit).to_list(query.limit)
        return [_task(document) for document in rows]

    async def count(self, areas: Collection[str] | None, *, limit: int = 1000) -> int:
        """How many are open, counted up to `limit`."""
        return await self.aggregates.collection.count_documents({**_OPEN, **_within(areas)}, limit=limit)


def _within(areas: Collection[str] | None) -> Document:
    return {} if areas is None else {"areas": {"$in": list(areas)}}


def _done(task: Task, by: Actor, at: datetime, note: str | None) -> Change:
    after, event = tasks.done(task, by, at, note)
    return Change(set=_document(after), events=[event])


def _document(task: Task) -> Document:
    return {
        **{name: value for name, value in vars(task).items() if name != "id"},
        "kind": task.kind.value,
        "place": task.place.model_dump(),
        "areas": areas_of(task.community),
        "open": task.done_at is None,
        "timeline": [_line(line) for line in task.timeline],
    }


def _line(line: TaskLine) -> dict[str, Any]:
    kept = {name: value for name, value in vars(line).items() if value is not None}
    return {**kept, "by": line.by.model_dump(mode="json", exclude_none=True)}


def _task(document: Document) -> Task:
    names = ("wish_id", "community", "opened_at", "seen_version", "about", "adoption_id", "due_at", "done_at")
    return Task(
        **{name: document[name] for name in names},
        id=document["_id"],
        kind=TaskKind(document["kind"]),
        place=Community(**document["place"]),
        timeline=tuple(TaskLine(**{**line, "by": Actor(**line["by"])}) for line in document["timeline"]),
    )
