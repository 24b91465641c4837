"""Many documents in one write, of which some may be there already: the way of whoever resumes after a crash."""

from collections.abc import Mapping, Sequence
from typing import Any

from microwish.store.mongo import DUPLICATE_KEY, BulkWriteError, Collection, Document, OperationFailure


async def insert_missing(collection: Collection, documents: Sequence[Document]) -> int:
    """Insert those whose id is not there yet and leave the others as they are; how many were inserted.

    Raises: OperationFailure where one was refused for another reason, or an outage: then some may be there.
    """
    if not documents:
        return 0
    try:
        return len((await collection.insert_many(list(documents), ordered=False)).inserted_ids)
    except BulkWriteError as error:
        details = error.details or {}
        others = [fault for fault in details.get("writeErrors", []) if not _is_there(fault)]
        others += details.get("writeConcernErrors", [])
        if others:
            raise OperationFailure(str(others[0].get("errmsg", "")), others[0].get("code"), others[0]) from error
        return int(details.get("nInserted", 0))


def _is_there(fault: Mapping[str, Any]) -> bool:
    return fault["code"] == DUPLICATE_KEY and fault.get("keyPattern") == {"_id": 1}
