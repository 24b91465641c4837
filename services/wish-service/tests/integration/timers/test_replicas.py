"""Timers with replicas side by side: each goes off once, and one wish that fails holds up no other."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from microwish.events import Topic
from microwish.store.aggregate import Aggregates
from microwish.store.mongo import Document
from wish_service.domain.timers import Terms
from wish_service.store.wishes import Wishes
from wish_service.use_cases.pass_time import pass_time
from wish_service.use_cases.settle_tasks import settle_tasks

from .kit import DAY, Timed, of_wish, ticking

pytestmark = pytest.mark.integration


async def test_two_replicas_side_by_side_let_each_timer_go_off_once(timed: Timed) -> None:
    feed, clock = timed.world.feed, timed.clock
    async with timed.replica() as other, ticking(timed.service, other):
        waiting = [await timed.delivered() for _ in range(6)]
        free = [await timed.posted() for _ in range(6)]
        clock.ahead += 7 * DAY
        for adopted in waiting:
            await feed.wait_for(Topic.WISH, of_wish("ConfirmationReminderDue", adopted.wish_id))
        for wish_id in free:
            await feed.wait_for(Topic.WISH, of_wish("StaffTaskOpened", wish_id))
        clock.ahead += 7 * DAY
        for adopted in waiting:
            await feed.wait_for(Topic.WISH, of_wish("StaffTaskOpened", adopted.wish_id))
        # One more whole round of each: whatever a replica still had in hand is through, and nothing is left.
        for service in (timed.service, other):
            assert await pass_time(service.parts.wishes, when=clock.when) == 0
            assert await settle_tasks(service.parts.wishes, service.parts.tasks, when=clock.when) == 0
    for adopted in waiting:
        assert await timed.lines(adopted.wish_id, "ConfirmationReminderDue") == 1
        assert await timed.kinds(adopted.wish_id) == [("unconfirmed", True)]
    for wish_id in free:
        assert await timed.kinds(wish_id) == [("unclaimed", True)]
    for wish_id in [*free, *(adopted.wish_id for adopted in waiting)]:
        assert [row["streamversion"] for row in await timed.tasks(wish_id)] == [1]
        assert len(feed.events(Topic.WISH, of_wish("StaffTaskOpened", wish_id))) == 1


class Meeting(Aggregates):
    """Both replicas have read the wish before either writes; `guarded`: whether the write asks for what was read."""

    def __init__(self, collection: Any, barrier: asyncio.Barrier, *, guarded: bool) -> None:
        super().__init__(collection)
        self._barrier, self._guarded, self._met = barrier, guarded, False

    async def load(self, id: str) -> Document:
        found = await super().load(id)
        if not self._met:
            self._met = True
            await self._barrier.wait()
        return found

    async def write(self, id: str, where: Any, change: Any, **more: Any) -> Document | None:
        return await super().write(id, where if self._guarded else {}, change, **more)


class Only(Wishes):
    """Looks at this wish alone, so that replicas meet on it."""

    def __init__(self, aggregates: Aggregates, terms: Terms, wish_id: str) -> None:
        super().__init__(aggregates, terms)
        self._wish_id = wish_id

    async def with_timer_due(self, _now: Any) -> AsyncIterator[str]:
        yield self._wish_id


async def test_the_guard_is_what_keeps_two_replicas_from_reminding_twice(timed: Timed) -> None:
    kept = timed.service.parts.wishes.aggregates

    async def reminded(*, guarded: bool) -> int:
        wish_id = (await timed.delivered()).wish_id
        before = (await kept.load(wish_id))["streamversion"]
        timed.clock.ahead += 7 * DAY
        barrier = asyncio.Barrier(2)
        replicas = [
            Only(Meeting(kept.collection, barrier, guarded=guarded), timed.settings.terms, wish_id) for _ in range(2)
        ]
        await asyncio.gather(*(pass_time(replica, when=timed.clock.when) for replica in replicas))
        return int((await kept.load(wish_id))["streamversion"] - before)

    assert await reminded(guarded=True) == 1
    # The negative control: without the guard this very test sees two.
    assert await reminded(guarded=False) == 2


async def test_one_wish_that_fails_does_not_hold_up_the_others(timed: Timed) -> None:
    broken, second, third = [await timed.posted() for _ in range(3)]
    collection = timed.service.mongo.db.wishes
    await collection.update_one({"_id": broken}, {"$set": {"timers.0.kind": "of another release"}})
    timed.clock.ahead += 7 * DAY
    await timed.tick()
    assert await timed.kinds(broken) == []
    for wish_id in (second, third):
        assert await timed.kinds(wish_id) == [("unclaimed", True)]
    await collection.update_one({"_id": broken}, {"$set": {"timers.0.kind": "unclaimed"}})
    await timed.tick()
    assert await timed.kinds(broken) == [("unclaimed", True)]


async def test_the_worker_finds_what_is_due_by_its_indexes(timed: Timed) -> None:
    wishes, tasks = timed.service.mongo.db.wishes, timed.service.mongo.db.tasks
    due = wishes.find({"next_timer_at": {"$type": "date", "$lte": timed.clock()}}).sort("next_timer_at", 1)
    assert '"next_timer_at"' in _plan(await due.explain())
    unsettled = wishes.find({"tasks_unsettled_since": {"$type": "date"}}).sort("tasks_unsettled_since", 1)
    assert '"tasks_unsettled_since"' in _plan(await unsettled.explain())
    oldest = [("opened_at", 1), ("_id", 1)]
    for query in ({}, {"areas": {"$in": ["310117001", "310117005"]}}, {"areas": "310117", "kind": "telephone"}):
        plan = _plan(await tasks.find({"open": True, **query}).sort(oldest).limit(21).explain())
        assert "COLLSCAN" not in plan
        assert '"stage": "SORT"' not in plan


def _plan(explained: Document) -> str:
    plan = str(explained["queryPlanner"]["winningPlan"]).replace("'", '"')
    assert "IXSCAN" in plan
    return plan
