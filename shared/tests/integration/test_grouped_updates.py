"""Guarded updates that come together are written together, and each caller learns what became of its own."""

import asyncio
from typing import Any

import pytest

from microwish.store.grouped import MOST_TOGETHER, GroupedFinds, GroupedUpdates, Landed, Update
from microwish.store.mongo import (
    BSONError,
    Collection,
    Document,
    DuplicateKeyError,
    IndexModel,
    ensure_indexes,
)

pytestmark = pytest.mark.integration


def took(id: str, who: Any) -> Update:
    """Put a name where there is none."""
    return Update(id, {"_id": id, "by": None}, [{"$set": {"by": {"$literal": who}}}])


async def things(collection: Collection, *ids: str) -> None:
    await collection.insert_many([{"_id": one} for one in ids])


async def by_whom(collection: Collection) -> dict[str, Any]:
    return {row["_id"]: row.get("by") async for row in collection.find({})}


async def _all(updates: GroupedUpdates, some: list[Update]) -> list[Landed | BaseException]:
    return await asyncio.gather(*(updates.update(one) for one in some), return_exceptions=True)


class Counted(GroupedUpdates):
    """Remembers what went together."""

    def __init__(self, collection: Collection) -> None:
        super().__init__(collection)
        self.groups: list[list[Update]] = []

    async def _try(self, updates: list[Update]) -> list[Landed | BaseException]:
        self.groups.append(updates)
        return await super()._try(updates)


async def test_different_documents_are_all_done_in_few_writes(collection: Collection) -> None:
    ids = [str(number) for number in range(3 * MOST_TOGETHER)]
    await things(collection, *ids)
    updates = Counted(collection)
    assert await _all(updates, [took(one, "me") for one in ids]) == [Landed.YES] * len(ids)
    assert await by_whom(collection) == dict.fromkeys(ids, "me")
    assert len(updates.groups) < len(ids) / 10


async def test_of_many_for_one_document_one_is_done_and_nobody_is_told_otherwise(collection: Collection) -> None:
    await things(collection, "hot", *(str(number) for number in range(20)))
    updates = Counted(collection)
    rivals = [took("hot", number) for number in range(50)]
    outcomes = await _all(updates, [*rivals, *(took(str(number), "me") for number in range(20))])
    winner = (await by_whom(collection))["hot"]
    for number, outcome in enumerate(outcomes[:50]):
        assert outcome is not (Landed.NO if number == winner else Landed.YES)
    assert Landed.NO not in outcomes[50:]


async def test_where_no_condition_holds_all_are_told_so(collection: Collection) -> None:
    outcomes = await _all(GroupedUpdates(collection), [took(str(number), "me") for number in range(10)])
    assert outcomes == [Landed.NO] * 10


async def test_a_duplicate_refuses_its_own_caller_only(collection: Collection) -> None:
    await ensure_indexes(
        collection,
        [IndexModel([("by", 1)], name="by", unique=True, partialFilterExpression={"by": {"$exists": True}})],
    )
    await things(collection, *"abcdef")
    await collection.insert_one({"_id": "there", "by": "x"})
    names = ["1", "2", "x", "4", "5", "6"]
    outcomes = await _all(GroupedUpdates(collection), [took(*one) for one in zip("abcdef", names, strict=True)])
    assert isinstance(outcomes[2], DuplicateKeyError)
    assert [one for number, one in enumerate(outcomes) if number != 2] == [Landed.YES] * 5


async def test_what_cannot_be_sent_refuses_its_own_caller_only(collection: Collection) -> None:
    await things(collection, *"abcdef")
    outcomes = await _all(GroupedUpdates(collection), [took(one, object() if one == "c" else "me") for one in "abcdef"])
    assert isinstance(outcomes[2], BSONError)
    assert (await by_whom(collection)) == {**dict.fromkeys("abdef", "me"), "c": None}
    assert [one for number, one in enumerate(outcomes) if number != 2] == [Landed.YES] * 5


async def test_who_asks_after_a_write_reads_it_whoever_asks_at_the_same_time(collection: Collection) -> None:
    finds = GroupedFinds(collection, {"hidden": 0})

    async def written_then_read(number: int) -> Document | None:
        await collection.insert_one({"_id": str(number), "kept": number, "hidden": "x"})
        return await finds.find(str(number))

    found = await asyncio.gather(*(written_then_read(number) for number in range(200)), finds.find("nobody"))
    assert found == [*({"_id": str(number), "kept": number} for number in range(200)), None]
