"""Many documents in one write, of which some are there already."""

import asyncio
from typing import Any

import pytest

from microwish.store.missing import insert_missing
from microwish.store.mongo import Collection, OperationFailure

pytestmark = pytest.mark.integration


async def test_only_what_is_missing_is_inserted_and_the_rest_stays_as_it_is(collection: Collection) -> None:
    rows = collection
    documents: list[dict[str, Any]] = [{"_id": number, "by": "first"} for number in range(50)]
    assert await insert_missing(rows, []) == 0
    assert await insert_missing(rows, documents[:20]) == 20
    again = [{**document, "by": "second"} for document in documents]
    side_by_side = await asyncio.gather(*(insert_missing(rows, again) for _ in range(4)))
    assert sum(side_by_side) == 30
    assert await rows.count_documents({"by": "first"}) == 20
    assert await rows.count_documents({}) == 50


async def test_what_another_index_refuses_is_not_taken_for_being_there(collection: Collection) -> None:
    rows = collection
    await rows.create_index("name", unique=True)
    await insert_missing(rows, [{"_id": 1, "name": "a"}])
    with pytest.raises(OperationFailure, match="name"):
        await insert_missing(rows, [{"_id": 1, "name": "a"}, {"_id": 2, "name": "a"}, {"_id": 3, "name": "b"}])
    assert await rows.count_documents({}) == 2
