"""Documents that come together are written together, and each caller hears of its own alone."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from microwish.store.grouped import (
    MOST_TOGETHER,
    SIDE_BY_SIDE,
    GroupedFinds,
    GroupedInserts,
    GroupedUpdates,
    Landed,
    Update,
)
from microwish.store.mongo import (
    STORE_OUTAGES,
    BSONError,
    Collection,
    DuplicateKeyError,
    IndexModel,
    Mongo,
    ensure_indexes,
)

pytestmark = pytest.mark.integration


async def _all(inserts: GroupedInserts, documents: list[dict[str, Any]]) -> list[BaseException | None]:
    return await asyncio.gather(*(inserts.insert(one) for one in documents), return_exceptions=True)


async def test_many_at_once_are_all_there_in_few_writes(collection: Collection) -> None:
    documents = [{"_id": number, "kept": str(number)} for number in range(3 * MOST_TOGETHER)]
    before = await _inserts_and_commands(collection)
    outcomes = await _all(GroupedInserts(collection), documents)
    inserted, commands = (now - then for now, then in zip(await _inserts_and_commands(collection), before, strict=True))
    assert outcomes == [None] * len(documents)
    assert await collection.find({}).sort("_id", 1).to_list(None) == documents
    assert inserted >= len(documents)  # the server is shared: others may write as well
    assert commands < len(documents) / 2


async def _inserts_and_commands(collection: Collection) -> tuple[int, int]:
    """Documents inserted into the server, and commands that inserted into this collection, so far."""
    status = await collection.database.client.admin.command("serverStatus")
    top = await collection.database.client.admin.command("top")
    found = top["totals"].get(f"{collection.database.name}.{collection.name}", {"insert": {"count": 0}})
    return status["opcounters"]["insert"], found["insert"]["count"]


async def test_a_duplicate_refuses_its_own_caller_only(collection: Collection) -> None:
    await ensure_indexes(collection, [IndexModel([("phone", 1)], name="phone", unique=True)])
    await collection.insert_one({"_id": "there", "phone": "x"})
    documents = [{"_id": str(number), "phone": str(number)} for number in range(10)]
    documents[3]["phone"] = "x"
    documents[7]["_id"] = "there"

    outcomes = await _all(GroupedInserts(collection), documents)

    refused = {number for number, outcome in enumerate(outcomes) if outcome is not None}
    assert refused == {3, 7}
    assert all(isinstance(outcomes[number], DuplicateKeyError) for number in refused)
    assert await collection.count_documents({}) == 9


async def test_of_two_with_one_id_one_is_refused(collection: Collection) -> None:
    outcomes = await _all(GroupedInserts(collection), [{"_id": "same", "n": n} for n in range(8)])
    assert [outcome is None for outcome in outcomes].count(True) == 1
    assert sum(isinstance(outcome, DuplicateKeyError) for outcome in outcomes) == 7


async def test_what_cannot_be_written_at_all_refuses_its_own_caller_only(collection: Collection) -> None:
    documents: list[dict[str, Any]] = [{"_id": number} for number in range(6)]
    documents[2]["kept"] = object()
    documents[4]["kept"] = 2**70
    outcomes = await _all(GroupedInserts(collection), documents)
    assert [number for number, outcome in enumerate(outcomes) if outcome is not None] == [2, 4]
    assert isinstance(outcomes[2], BSONError)
    assert isinstance(outcomes[4], OverflowError)
    assert await collection.count_documents({}) == 4


async def test_a_caller_that_gives_up_takes_nobody_with_it(collection: Collection) -> None:
    inserts = GroupedInserts(collection)
    calls = [asyncio.create_task(inserts.insert({"_id": number})) for number in range(20)]
    await asyncio.sleep(0)
    calls[5].cancel()
    calls[15].cancel()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert [number for number, outcome in enumerate(outcomes) if outcome is not None] == [5, 15]
    there = {row["_id"] async for row in collection.find({})}
    assert there >= set(range(20)) - {5, 15}


async def test_an_outage_is_told_to_all_and_the_next_goes_through(own_mongod: Callable[[], Any]) -> None:
    server = await own_mongod()
    mongo = Mongo(server.uri, "things", timeout_seconds=2)
    things = mongo.db.get_collection("things")
    inserts, updates, finds = GroupedInserts(things), GroupedUpdates(things), GroupedFinds(things, {})
    mark = Update("before", {"_id": "before"}, [{"$set": {"seen": True}}])
    try:
        await inserts.insert({"_id": "before"})
        server.kill()
        others = (*(updates.update(mark) for _ in range(3)), finds.find("before"), finds.find("after"))
        outcomes = [
            *await _all(inserts, [{"_id": number} for number in range(5)]),
            *await asyncio.gather(*others, return_exceptions=True),
        ]
        assert all(isinstance(outcome, STORE_OUTAGES) for outcome in outcomes)
        await server.stop()
        await server.start()
        await inserts.insert({"_id": "after"})
        assert await updates.update(mark) is Landed.YES
        assert await finds.find("before") == {"_id": "before", "seen": True}
        assert await mongo.db.things.count_documents({"_id": {"$in": ["before", "after"]}}) == 2
    finally:
        mongo.close()


class _EndsTogether(GroupedInserts):
    """Holds the outcome of its first writes back, until all of them have one."""

    def __init__(self, collection: Collection) -> None:
        super().__init__(collection)
        self.begun = asyncio.Event()
        self._together = asyncio.Barrier(SIDE_BY_SIDE)
        self._held = SIDE_BY_SIDE

    async def _try(self, documents: list[dict[str, Any]]) -> list[BaseException | None]:
        self.begun.set()
        outcomes = await super()._try(documents)
        if self._held:
            self._held -= 1
            await self._together.wait()
        return outcomes


async def test_a_caller_that_comes_as_the_last_writers_end_is_not_forgotten(collection: Collection) -> None:
    inserts = _EndsTogether(collection)

    async def one_after_the_other(*numbers: int) -> None:
        for number in numbers:
            await inserts.insert({"_id": number})

    first = asyncio.create_task(one_after_the_other(1))
    await inserts.begun.wait()
    await asyncio.wait_for(asyncio.gather(first, one_after_the_other(2, 3, 4)), timeout=30)
    assert await collection.count_documents({}) == 4
