"""New documents that come at the same time go to the database together; each caller hears of its own alone."""

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any

from microwish.store.mongo import DUPLICATE_KEY, BSONError, BulkWriteError, Collection, Document, DuplicateKeyError

MOST_TOGETHER = 100
SIDE_BY_SIDE = 2
"""Writes under way at once: while these wait for the disk, what comes meanwhile gathers for the next."""


class GroupedInserts:
    """`insert` answers when the document is as durable as a write of its own would make it.

    A document that comes alone goes at once. Refusals are told apart: a duplicate refuses its own caller only.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._waiting: deque[tuple[Document, asyncio.Future[None]]] = deque()
        self._writers: set[asyncio.Task[None]] = set()
        self._writing = 0

    async def insert(self, document: Document) -> None:
        """Insert it. Raises: DuplicateKeyError, BSONError, or an outage, after which it may be there or not."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((document, done))
        if self._writing < SIDE_BY_SIDE:
            self._writing += 1
            writer = asyncio.create_task(self._write(), name="grouped-inserts")
            self._writers.add(writer)
            writer.add_done_callback(self._writers.discard)
        await done

    async def _write(self) -> None:
        try:
            await self._write_what_waits()
        finally:
            # In the same step as the last look at what waits: a caller who comes next begins a writer of its own.
            self._writing -= 1

    async def _write_what_waits(self) -> None:
        while self._waiting:
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_TOGETHER))]
            failures = await self._try([document for document, _ in group])
            for (_, done), failure in zip(group, failures, strict=True):
                if done.done():
                    continue  # its caller has given up
                if failure is None:
                    done.set_result(None)
                else:
                    done.set_exception(failure)

    async def _try(self, documents: list[Document]) -> list[BaseException | None]:
        """What became of each of them."""
        if len(documents) == 1:
            return [await self._alone(documents[0])]
        outcomes: list[BaseException | None] = [None] * len(documents)
        try:
            await self._collection.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            details: Mapping[str, Any] = error.details or {}
            if details.get("writeConcernErrors"):
                return [error] * len(documents)
            for fault in details.get("writeErrors", []):
                outcomes[fault["index"]] = _as_of_one(fault)
        except (BSONError, OverflowError, UnicodeError):
            return [await self._alone(document) for document in documents]  # nothing was sent: only one is at fault
        except Exception as error:  # noqa: BLE001  each caller gets what the driver said of the write they shared
            return [error] * len(documents)
        return outcomes

    async def _alone(self, document: Document) -> BaseException | None:
        try:
            await self._collection.insert_one(document)
        except Exception as error:  # noqa: BLE001  its caller gets it
            return error
        return None


def _as_of_one(fault: Mapping[str, Any]) -> BaseException:
    """The error that the document alone would have met."""
    if fault["code"] == DUPLICATE_KEY:
        return DuplicateKeyError(fault["errmsg"], fault["code"], fault)
    return BulkWriteError({"writeErrors": [fault], "writeConcernErrors": []})
