"""Writes and reads that come at the same time go to the database together; each caller hears of its own alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from microwish.store.gathering import MOST_TOGETHER, Gathering
from microwish.store.mongo import (
    DUPLICATE_KEY,
    RETRYABLE_CODES,
    AutoReconnect,
    BSONError,
    BulkWriteError,
    Collection,
    Document,
    DuplicateKeyError,
    OperationFailure,
    UpdateOne,
    WTimeoutError,
)

SIDE_BY_SIDE = 2
"""Groups of new documents under way at once: while one waits for the disk the next is sent. Measured: 1.15 times the
rate of one; guarded updates and reads are quicker in one large group than in two (ADR 0028)."""
_WRITE_CONCERN_TIMED_OUT = 64
_CANNOT_BE_SENT = (BSONError, OverflowError, UnicodeError)


class GroupedInserts:
    """`insert` answers when the document is as durable as a write of its own would make it.

    A document that comes alone goes at once. Refusals are told apart: a duplicate refuses its own caller only.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._gathering: Gathering[Document, None] = Gathering(
            self._try, name="grouped-inserts", side_by_side=SIDE_BY_SIDE
        )

    async def insert(self, document: Document) -> None:
        """Insert it. Raises: DuplicateKeyError, BSONError, or an outage, after which it may be there or not."""
        await self._gathering.ask(document)

    async def _try(self, documents: list[Document]) -> list[BaseException | None]:
        """What became of each of them."""
        if len(documents) == 1:
            return [await self._alone(documents[0])]
        outcomes: list[BaseException | None] = [None] * len(documents)
        try:
            await self._collection.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            details: Mapping[str, Any] = error.details or {}
            if concern := details.get("writeConcernErrors"):
                return [_as_of_one(concern[0])] * len(documents)
            for fault in details.get("writeErrors", []):
                outcomes[fault["index"]] = _as_of_one(fault)
        except _CANNOT_BE_SENT:
            return [await self._alone(document) for document in documents]  # nothing was sent: only one is at fault
        return outcomes

    async def _alone(self, document: Document) -> BaseException | None:
        try:
            await self._collection.insert_one(document)
        except Exception as error:  # noqa: BLE001  its caller gets it
            return error
        return None


class Landed(Enum):
    """Whether a guarded update was done."""

    YES = "yes"
    NO = "no"
    """Its conditions did not hold."""
    PERHAPS = "perhaps"
    """Some of its group were done and some were not, and the server says only how many: the document tells."""


@dataclass(frozen=True)
class Update:
    """One guarded update: of which document, on what conditions (with its `_id`), by which pipeline."""

    id: str
    where: Mapping[str, Any]
    stages: Sequence[Document]


class GroupedUpdates:
    """`update` answers when the update is as durable as a write of its own would make it, if it was done.

    Each is one conditional write of one document, as atomic alone as together. Where every document is a different
    one and all conditions hold, as they mostly do, the count of those done answers for all without another read.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._gathering: Gathering[Update, Landed] = Gathering(self._try, name="grouped-updates")

    async def update(self, update: Update) -> Landed:
        """Do it. Raises: DuplicateKeyError, BSONError, or an outage, after which it may be done or not."""
        return await self._gathering.ask(update)

    async def _try(self, updates: list[Update]) -> list[Landed | BaseException]:
        """What became of each of them."""
        faults: dict[int, BaseException] = {}
        try:
            done = (await self._collection.bulk_write(_statements(updates), ordered=False)).matched_count
        except BulkWriteError as error:
            details: Mapping[str, Any] = error.details or {}
            if concern := details.get("writeConcernErrors"):
                return [_as_of_one(concern[0])] * len(updates)
            faults = {fault["index"]: _as_of_one(fault) for fault in details.get("writeErrors", [])}
            done = details.get("nMatched", 0)
        except _CANNOT_BE_SENT as error:
            # Nothing was sent: only one is at fault.
            return [error] if len(updates) == 1 else [(await self._try([update]))[0] for update in updates]
        sound = len(updates) - len(faults)
        landed = Landed.YES if done == sound else Landed.NO if not done else Landed.PERHAPS
        return [faults.get(number, landed) for number in range(len(updates))]


class GroupedFinds:
    """`find` gives a document as it was at a moment after the call. Callers may share it: don't change it.

    collection: with the read concern that is wanted. projection: what of a document is.
    """

    def __init__(self, collection: Collection, projection: Mapping[str, Any]) -> None:
        self._collection = collection
        self._projection = dict(projection)
        self._gathering: Gathering[str, Document | None] = Gathering(self._try, name="grouped-finds")

    async def find(self, id: str) -> Document | None:
        """The document by this id, if there is one. Raises: an outage."""
        return await self._gathering.ask(id)

    async def _try(self, ids: list[str]) -> list[Document | BaseException | None]:
        found = await self._collection.find({"_id": {"$in": list(dict.fromkeys(ids))}}, self._projection).to_list(None)
        rows = {row["_id"]: row for row in found}
        return [rows.get(asked) for asked in ids]


def _statements(updates: Sequence[Update]) -> list[UpdateOne]:
    return [UpdateOne(dict(update.where), list(update.stages)) for update in updates]


def _as_of_one(fault: Mapping[str, Any]) -> BaseException:
    """The error that the write alone would have met."""
    code, message = fault.get("code"), str(fault.get("errmsg", ""))
    if code == DUPLICATE_KEY:
        return DuplicateKeyError(message, code, fault)
    if code in RETRYABLE_CODES:
        return AutoReconnect(message, [fault])
    if code == _WRITE_CONCERN_TIMED_OUT:
        return WTimeoutError(message, code, fault)
    return OperationFailure(message, code, fault)


__all__ = [
    "MOST_TOGETHER",
    "SIDE_BY_SIDE",
    "GroupedFinds",
    "GroupedInserts",
    "GroupedUpdates",
    "Landed",
    "Update",
]
