"""Imports: tables of wishes that were accepted, or checked and wait for a yes. Rows are sealed, and gone when done.

    {_id, person: {id, roles, communities}, content, accepted, numbers: [row], chunks: {<n>: sealed rows},
     next, last, done, running?, expires_at?, leased_until?, timeline}

`running` is there only while wishes are still to be made, `expires_at` only before the yes: MongoDB then removes the
document by itself.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from microwish.identity.people import Person, Role
from microwish.ids import derived_id
from microwish.store.aggregate import Aggregates, Change, Idempotency
from microwish.store.mongo import ASCENDING, Document, DuplicateKeyError, IndexModel, ReturnDocument
from microwish.store.refusals import AlreadyExists, NotFound
from microwish.when import When
from wish_service.domain.errors import AlreadyImported, TooMuchText
from wish_service.store.seals import Seals

CHUNK_ROWS = 50
SEALED_AT_MOST = 14_000_000
"""Bytes of sealed rows in one document, of MongoDB's 16 MB."""
DRAFT_LIVES = timedelta(hours=1)
_RUNNING: Document = {"running": {"$exists": True}}
_DRAFT: Document = {"expires_at": {"$exists": True}}


@dataclass(frozen=True)
class Import:
    """One import. rows: how many wishes; done: how many are there; moment: when it was accepted, and counts as done."""

    id: str
    person: Person
    rows: int
    done: int
    accepted: bool
    numbers: tuple[int, ...]
    when: When
    finished_at: datetime | None = None

    @property
    def state(self) -> str:
        """`draft` (checked, waits for a yes), `running` or `done`."""
        if not self.accepted:
            return "draft"
        return "done" if self.finished_at else "running"

    def wish_id(self, number: int) -> str:
        """The id of the wish of a row: the same however often it is made."""
        return wish_id_of(self.id, number)


def wish_id_of(import_id: str, number: int) -> str:
    """The id of the wish of a row of an import."""
    return derived_id("import", import_id, str(number))


@dataclass(frozen=True)
class Chunk:
    """The next rows of an import, opened. last: no others follow. rows: what `Imports.add` was given."""

    of: Import
    index: int
    last: bool
    rows: list[tuple[int, Any]]


class Imports:
    """The collection of imports. Rows are anything that `rows` can write as JSON, each with its number in the file."""

    def __init__(
        self, aggregates: Aggregates, seals: Seals, rows: TypeAdapter[Any], *, lease_seconds: float = 30.0
    ) -> None:
        self.aggregates = aggregates
        self._lease_seconds = lease_seconds
        self._seals = seals
        self._rows = rows

    async def ensure_indexes(self) -> None:
        """A content is accepted once; what runs is found by its age; drafts expire."""
        await self.aggregates.ensure_indexes(
            IndexModel(
                [("content", ASCENDING)], name="content", unique=True, partialFilterExpression={"accepted": True}
            ),
            IndexModel([("running", ASCENDING)], name="running", partialFilterExpression=_RUNNING),
            IndexModel([("expires_at", ASCENDING)], name="drafts", expireAfterSeconds=0),
        )

    async def add(
        self,
        id: str,
        rows: Sequence[tuple[int, Any]],
        person: Person,
        *,
        accepted: bool,
        when: When,
        idempotency: Idempotency | None = None,
    ) -> Import:
        """Keep the rows; once accepted, this is the point of no return.

        Raises: AlreadyImported, TooMuchText, KeyReused.
        """
        content = await self.content_of(rows)
        chunks = await asyncio.to_thread(self._sealed, id, rows)
        state: Document = {
            "person": {"id": person.id, "roles": sorted(person.roles), "communities": list(person.communities)},
            "content": content,
            "accepted": accepted,
            "numbers": [number for number, _ in rows],
            "chunks": {str(index): sealed for index, sealed in enumerate(chunks)},
            "next": 0,
            "last": len(chunks) - 1,
            "done": 0,
            "when": vars(when),
            "timeline": [_line("ImportAccepted" if accepted else "ImportChecked", person, when)],
        }
        state |= {"running": when.recorded_at} if accepted else {"expires_at": when.recorded_at + DRAFT_LIVES}
        try:
            return _import(await self.aggregates.create(id, state, [], when=when, idempotency=idempotency))
        except AlreadyExists:
            raise await self._told(content, id) from None

    async def accept(self, id: str, *, when: When) -> Import:
        """Say yes to a draft; saying it again changes nothing. Raises: NotFound, AlreadyImported."""

        def decide(document: Document) -> Change | None:
            if document["accepted"]:
                return None
            known = _import(document)
            line = _line("ImportAccepted", known.person, when)
            return Change(
                set={
                    "accepted": True,
                    "running": when.recorded_at,
                    "when": vars(when),
                    "timeline": [*document["timeline"], line],
                },
                remove=["expires_at"],
            )

        try:
            return _import(await self.aggregates.change(id, decide, when=when))
        except DuplicateKeyError:
            document = await self.aggregates.load(id)
            raise await self._told(document["content"], id) from None

    async def find(self, id: str) -> Import | None:
        """The import, or None."""
        document = await self.aggregates.collection.find_one({"_id": id}, {"chunks": 0})
        return _import(document) if document else None

    async def accepted_with(self, content: str) -> Import | None:
        """The accepted import of this content, if there is one."""
        document = await self.aggregates.collection.find_one({"content": content, "accepted": True}, {"chunks": 0})
        return _import(document) if document else None

    async def with_rows(self, rows: Sequence[tuple[int, Any]]) -> Import | None:
        """The accepted import that holds just what these rows say, if there is one."""
        return await self.accepted_with(await self.content_of(rows))

    async def rows_of(self, id: str) -> list[tuple[int, Any]]:
        """Every row of an import of which no wish was made yet. Raises: NotFound."""
        document = await self.aggregates.load(id)
        chunks = sorted(document["chunks"].items(), key=lambda chunk: int(chunk[0]))
        return [row for _, sealed in chunks for row in self._opened(id, sealed)]

    async def rows_with(self, matches: Callable[[Any], bool]) -> dict[str, list[int]]:
        """The numbers of rows of which no wish was made yet and that match, by import. Opens every row that waits."""
        found: dict[str, list[int]] = {}
        async for document in self.aggregates.collection.find({"$or": [_RUNNING, _DRAFT]}):
            rows = await asyncio.to_thread(self._all_opened, document["_id"], list(document["chunks"].values()))
            if numbers := [number for number, row in rows if matches(row)]:
                found[document["_id"]] = numbers
        return found

    async def drop(self, id: str, numbers: Collection[int], *, when: When) -> None:
        """Forget these rows, so that no wish is made of them from now on; repeatable, also where the import is gone."""
        gone = set(numbers)

        def decide(document: Document) -> Change | None:
            if gone.isdisjoint(document["numbers"]):
                return None
            left = {key: self._without(id, sealed, gone) for key, sealed in document["chunks"].items()}
            return Change(set={"numbers": [n for n in document["numbers"] if n not in gone], "chunks": left})

        with contextlib.suppress(NotFound):
            await self.aggregates.change(id, decide, when=when)

    async def take(self) -> Chunk | None:
        """The next rows of the import that waited longest and that nobody works on, by the database's clock."""
        until = {"$add": ["$$NOW", int(self._lease_seconds * 1000)]}
        document = await self.aggregates.collection.find_one_and_update(
            {**_RUNNING, "$expr": {"$lt": ["$leased_until", "$$NOW"]}},
            [{"$set": {"leased_until": until}}],
            sort=[("running", ASCENDING)],
            return_document=ReturnDocument.AFTER,
        )
        return self._chunk(document) if document else None

    async def finished(self, chunk: Chunk, *, now: datetime) -> None:
        """The wishes of these rows are there: forget the rows, and let anybody go on with the next."""

        def decide(document: Document) -> Change | None:
            if document["next"] != chunk.index:
                return None  # somebody else, who took over after a pause of ours, was faster
            set_ = {"next": chunk.index + 1, "done": document["done"] + len(chunk.rows)}
            remove = [f"chunks.{chunk.index}", "leased_until"]
            if chunk.index < document["last"]:
                return Change(set=set_, remove=remove)
            line = _line("ImportDone", chunk.of.person, When(now, now))
            ended = {"finished_at": now, "timeline": [*document["timeline"], line]}
            return Change(set=set_ | ended, remove=[*remove, "running"])

        await self.aggregates.change(chunk.of.id, decide, when=When(now, now))

    async def content_of(self, rows: Sequence[tuple[int, Any]]) -> str:
        """What the rows say, as a keyed hash: the same for a CSV file and an .xlsx that hold the same wishes."""

        def hashed() -> str:
            return self._seals.index(self._rows.dump_json([row for _, row in rows]).decode())

        return await asyncio.to_thread(hashed)

    def _sealed(self, id: str, rows: Sequence[tuple[int, Any]]) -> list[str]:
        kept = self._rows.dump_python([row for _, row in rows], mode="json")
        numbered = [{"number": number, "row": row} for (number, _), row in zip(rows, kept, strict=True)]
        parts = [numbered[start : start + CHUNK_ROWS] for start in range(0, len(numbered), CHUNK_ROWS)]
        sealed = [self._seals.for_import(id, json.dumps(part, ensure_ascii=False)) for part in parts]
        if sum(map(len, sealed)) > SEALED_AT_MOST:
            raise TooMuchText(id)
        return sealed

    def _all_opened(self, id: str, chunks: Sequence[str]) -> list[tuple[int, Any]]:
        return [row for sealed in chunks for row in self._opened(id, sealed)]

    def _without(self, id: str, sealed: str, numbers: Collection[int]) -> str:
        part = json.loads(self._seals.of_import(id, sealed))
        left = [one for one in part if one["number"] not in numbers]
        return self._seals.for_import(id, json.dumps(left, ensure_ascii=False))

    def _opened(self, id: str, sealed: str) -> list[tuple[int, Any]]:
        part = json.loads(self._seals.of_import(id, sealed))
        rows = self._rows.validate_python([one["row"] for one in part])
        return [(one["number"], row) for one, row in zip(part, rows, strict=True)]

    def _chunk(self, document: Document) -> Chunk:
        index = document["next"]
        rows = self._opened(document["_id"], document["chunks"][str(index)])
        return Chunk(_import(document), index, index == document["last"], rows)

    async def _told(self, content: str, id: str) -> Exception:
        before = await self.accepted_with(content)
        return AlreadyImported(before.id) if before else AlreadyExists(id)


def _import(document: Document) -> Import:
    kept = document["person"]
    person = Person(kept["id"], frozenset(map(Role, kept["roles"])), tuple(kept["communities"]))
    return Import(
        id=document["_id"],
        person=person,
        rows=len(document["numbers"]),
        done=document["done"],
        accepted=document["accepted"],
        numbers=tuple(document["numbers"]),
        when=When(**document["when"]),
        finished_at=document.get("finished_at"),
    )


def _line(what: str, person: Person, when: When) -> Document:
    return {"at": when.at, "what": what, "by": {"person_id": person.id}}
