"""Timers: each goes off once, with replicas side by side, after a stop of any length, and not once its reason has gone.

Time is moved by hand: the services of a test share one clock.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from microwish.events import Actor, Envelope, Role, Topic
from microwish.events.adoption import AdoptionLapsed, WishAdopted
from microwish.ids import uuid7
from microwish.store.aggregate import Aggregates
from microwish.store.mongo import Document
from microwish.testing import eventually
from microwish.when import When, system_clock
from wish_service.domain.wish import Wish
from wish_service.settings import WishSettings
from wish_service.store.wishes import Wishes
from wish_service.use_cases.pass_time import pass_time
from wish_service.use_cases.settle_tasks import settle_tasks
from wish_service.wiring import WishService

pytestmark = pytest.mark.integration

DAY = timedelta(days=1)
NEVER = 3600.0
STAFF = Actor(person_id="s1", role=Role.STAFF)


@dataclass
class Hand:
    """A clock that runs, and that a test moves on."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return system_clock() + self.ahead

    @property
    def when(self) -> When:
        return When.now(self)


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def settings(settings_for: Callable[..., WishSettings]) -> Callable[..., WishSettings]:
    name = uuid7()[-12:]
    keys: dict[str, Any] = {}

    def made(**changes: Any) -> WishSettings:
        """The same installation however often: the keys of the first."""
        given = settings_for(name, session_seconds=10**8, **{"timer_poll_seconds": 0.05, **keys, **changes})
        for secret in ("sealing_keys", "blind_key", "signing_keys"):
            keys[secret] = getattr(given, secret).get_secret_value()
        return given

    return made


async def delivered(world: Any, clock: Hand, resident: Any, staff: Any) -> WishAdopted:
    wish_id = await world.posted(resident, staff)
    adopted: WishAdopted = world.adopted(wish_id)
    await world.tell(adopted, time=clock())
    await world.tell(world.reported(adopted), time=clock())
    await world.state(resident, wish_id, "delivered")
    return adopted


async def lines(service: WishService, wish_id: str, what: str) -> int:
    wish = await service.parts.wishes.load(wish_id)
    return sum(line.what == what for line in wish.timeline)


async def tasks_of(service: WishService, wish_id: str) -> list[Document]:
    rows: list[Document] = await service.mongo.db.tasks.find({"wish_id": wish_id}).sort("opened_at", 1).to_list(None)
    return rows


async def kinds_of(service: WishService, wish_id: str) -> list[tuple[str, bool]]:
    return [(row["kind"], row["open"]) for row in await tasks_of(service, wish_id)]


async def become(service: WishService, wish_id: str, kinds: list[tuple[str, bool]]) -> None:
    async def there() -> bool:
        found = await kinds_of(service, wish_id)
        assert found == kinds, found
        return True

    await eventually(there)


def of_wish(name: str, wish_id: str) -> Callable[[Envelope], bool]:
    return lambda event: event.type == f"microwish.{name}.v1" and event.data.get("wish_id") == wish_id


async def test_two_replicas_side_by_side_let_each_timer_go_off_once(
    settings: Callable[..., WishSettings], world_of: Callable[..., Any], clock: Hand
) -> None:
    given = settings()
    async with world_of(given, clock=clock) as world:
        other = WishService(given, clock=clock)
        await other.start()
        try:
            resident, staff = await world.person(), await world.staff()
            waiting = [await delivered(world, clock, resident, staff) for _ in range(6)]
            free = [await world.posted(resident, staff) for _ in range(6)]
            clock.ahead += 7 * DAY
            for adopted in waiting:
                await world.feed.wait_for(Topic.WISH, of_wish("ConfirmationReminderDue", adopted.wish_id))
            for wish_id in free:
                await world.feed.wait_for(Topic.WISH, of_wish("StaffTaskOpened", wish_id))
            clock.ahead += 7 * DAY
            for adopted in waiting:
                await world.feed.wait_for(Topic.WISH, of_wish("StaffTaskOpened", adopted.wish_id))
            # One more whole round of each: whatever a replica still had in hand is through, and nothing is left.
            for service in (world.service, other):
                assert await pass_time(service.parts.wishes, when=clock.when) == 0
                assert await settle_tasks(service.parts.wishes, service.parts.tasks, when=clock.when) == 0
            for adopted in waiting:
                assert await lines(world.service, adopted.wish_id, "ConfirmationReminderDue") == 1
                assert await kinds_of(world.service, adopted.wish_id) == [("unconfirmed", True)]
            for wish_id in free:
                assert await kinds_of(world.service, wish_id) == [("unclaimed", True)]
            for wish_id in [*free, *(adopted.wish_id for adopted in waiting)]:
                told = [row["streamversion"] for row in await tasks_of(world.service, wish_id)]
                assert told == [1]
                assert len(world.feed.events(Topic.WISH, of_wish("StaffTaskOpened", wish_id))) == 1
        finally:
            await other.stop()


async def test_timers_run_in_the_worker_role_alone(
    settings: Callable[..., WishSettings], world_of: Callable[..., Any], clock: Hand
) -> None:
    given = settings()
    async with world_of(given, clock=clock) as world:
        wish_id = await world.posted(await world.person(), await world.staff())
    clock.ahead += 7 * DAY
    api, worker = WishService(given, clock=clock), WishService(given, serve=False, clock=clock)
    try:
        before = asyncio.all_tasks()
        await api.start(consume=False)
        assert "timers" not in {task.get_name() for task in asyncio.all_tasks() - before}
        await worker.start()
        await become(worker, wish_id, [("unclaimed", True)])
    finally:
        await worker.stop()
        await api.stop()


async def test_one_wish_that_fails_does_not_hold_up_the_others(
    settings: Callable[..., WishSettings], world_of: Callable[..., Any], clock: Hand
) -> None:
    async with world_of(settings(timer_poll_seconds=NEVER), clock=clock) as world:
        resident, staff = await world.person(), await world.staff()
        broken, second, third = [await world.posted(resident, staff) for _ in range(3)]
        collection = world.service.mongo.db.wishes
        await collection.update_one({"_id": broken}, {"$set": {"timers.0.kind": "of another release"}})
        clock.ahead += 7 * DAY
        await world.service.timers.tick()
        assert await kinds_of(world.service, broken) == []
        for wish_id in (second, third):
            assert await kinds_of(world.service, wish_id) == [("unclaimed", True)]
        await collection.update_one({"_id": broken}, {"$set": {"timers.0.kind": "unclaimed"}})
        await world.service.timers.tick()
        assert await kinds_of(world.service, broken) == [("unclaimed", True)]


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


async def test_the_guard_is_what_keeps_two_replicas_from_reminding_twice(
    settings: Callable[..., WishSettings], world_of: Callable[..., Any], clock: Hand
) -> None:
    given = settings(timer_poll_seconds=NEVER)
    async with world_of(given, clock=clock) as world:
        resident, staff = await world.person(), await world.staff()

        async def reminded(*, guarded: bool) -> int:
            adopted = await delivered(world, clock, resident, staff)
            before = (await world.service.parts.wishes.aggregates.load(adopted.wish_id))["streamversion"]
            clock.ahead += 7 * DAY
            barrier, collection = asyncio.Barrier(2), world.service.mongo.db.wishes
            replicas = [Wishes(Meeting(collection, barrier, guarded=guarded), given.terms) for _ in range(2)]
            await asyncio.gather(*(pass_time(replica, when=clock.when) for replica in replicas))
            after = (await world.service.parts.wishes.aggregates.load(adopted.wish_id))["streamversion"]
            return int(after - before)

        assert await reminded(guarded=True) == 1
        # The negative control: without the guard this very test sees two.
        assert await reminded(guarded=False) == 2


async def test_what_came_due_while_nothing_ran_goes_off_once_after_the_start(
    settings: Callable[..., WishSettings], world_of: Callable[..., Any], clock: Hand
) -> None:
    given = settings()
    async with world_of(given, clock=clock) as world:
        resident, staff = await world.person(), await world.staff()
        free = await world.posted(resident, staff)
        adopted = await delivered(world, clock, resident, staff)
    clock.ahead += 7 * DAY - timedelta(minutes=10)
    async with world_of(given, clock=clock) as world:
        await world.service.timers.tick()
        assert await kinds_of(world.service, free) == []  # not yet, to the minute
    clock.ahead += 8 * DAY
    for _ in range(2):
        async with world_of(given, clock=clock) as world:
            await become(world.service, free, [("unclaimed", True)])
            await become(world.service, adopted.wish_id, [("unconfirmed", True)])
            await world.service.timers.tick()
            assert await lines(world.service, adopted.wish_id, "ConfirmationReminderDue") == 1
            (task,) = await tasks_of(world.service, free)
            assert task["streamversion"] == 1
            clock.ahead += DAY


async def test_a_timer_goes_with_its_reason_and_comes_with_the_next(
    settings: Callable[..., WishSettings], world_of: Callable[..., Any], clock: Hand
) -> None:
    async with world_of(settings(), clock=clock) as world:
        service, tick = world.service, world.service.timers.tick
        resident, staff = await world.person(), await world.staff()
        wish_id = await world.posted(resident, staff)
        clock.ahead += 6 * DAY
        adopted = world.adopted(wish_id)
        await world.tell(adopted, time=clock())
        await world.state(resident, wish_id, "adopted")
        clock.ahead += 2 * DAY
        await tick()
        assert await kinds_of(service, wish_id) == []  # claimed in time

        await world.tell(AdoptionLapsed(**world.same(adopted)), time=clock())
        await world.state(resident, wish_id, "posted")
        clock.ahead += 7 * DAY
        await become(service, wish_id, [("unclaimed", True)])
        again = world.adopted(wish_id)
        await world.tell(again, time=clock())
        await become(service, wish_id, [("unclaimed", False)])  # closed by itself

        await world.tell(world.reported(again), time=clock())
        await world.state(resident, wish_id, "delivered")
        clock.ahead += 6 * DAY
        body = {"adoption_id": again.adoption_id, "reason": "还没有人来"}
        assert (await resident.post(f"/api/wishes/{wish_id}/dispute", body)).status_code == 200
        clock.ahead += 9 * DAY
        await tick()
        assert await lines(service, wish_id, "ConfirmationReminderDue") == 0  # answered in time
        await world.tell(world.reported(again), time=clock())
        await world.state(resident, wish_id, "delivered")
        clock.ahead += 14 * DAY
        await become(service, wish_id, [("unclaimed", False), ("unconfirmed", True)])
        answer = await staff.post(
            f"/api/wishes/{wish_id}/confirmation", {"adoption_id": again.adoption_id, "note": "电话里说收到了"}
        )
        assert answer.json()["status"] == "fulfilled"
        await become(service, wish_id, [("unclaimed", False), ("unconfirmed", False)])


async def test_a_promised_review_reminds_staff_and_then_the_street(
    settings: Callable[..., WishSettings], world_of: Callable[..., Any], clock: Hand
) -> None:
    async with world_of(settings(), clock=clock) as world:
        resident = await world.person()
        street, here = await world.staff("310117001"), await world.staff("310117001001")
        seen = await world.submitted(resident)
        decided = await world.submitted(resident)
        assert (await here.post(f"/api/wishes/{decided}/review", {"decision": "approve"})).status_code == 200
        clock.ahead += 6 * DAY  # two working days, whatever day it is
        await become(world.service, seen, [("review_half_way", True), ("review_overdue", True)])

        async def kinds(someone: Any) -> dict[str, str]:
            items = (await someone.get("/api/tasks")).json()["items"]
            return {item["kind"]: item["community"]["code"] for item in items if item["wish"]["id"] == seen}

        assert await kinds(here) == {"review_half_way": "310117001001"}
        assert await kinds(street) == {"review_half_way": "310117001001", "review_overdue": "310117001"}
        assert await kinds_of(world.service, decided) == []
        answer = await here.post(f"/api/wishes/{seen}/review", {"decision": "return", "reason": "请说说尺寸"})
        assert answer.status_code == 200
        await become(world.service, seen, [("review_half_way", False), ("review_overdue", False)])


async def test_a_crash_between_a_wish_and_its_task_loses_and_doubles_nothing(
    settings: Callable[..., WishSettings], world_of: Callable[..., Any], clock: Hand
) -> None:
    given = settings(timer_poll_seconds=NEVER)
    async with world_of(given, clock=clock) as world:
        resident, staff = await world.person(), await world.staff()
        wishes, tasks = world.service.parts.wishes, world.service.parts.tasks
        before, behind = await world.posted(resident, staff), await world.posted(resident, staff)
        clock.ahead += 7 * DAY
        await pass_time(wishes, when=clock.when)
        assert await kinds_of(world.service, before) == []  # decided, and killed before the task is there

        class Killed(Wishes):
            async def with_tasks_to_settle(self) -> Any:
                yield behind

            async def change(self, *_: Any, **__: Any) -> Any:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            await settle_tasks(Killed(wishes.aggregates, given.terms), tasks, when=clock.when)
        assert await kinds_of(world.service, behind) == [("unclaimed", True)]  # and the wish doesn't know
        stored = await wishes.aggregates.load(behind)
        assert stored["tasks"][0]["state"] == "opening"
    async with world_of(given, clock=clock) as world:
        await become(world.service, before, [("unclaimed", True)])
        for wish_id in (before, behind):
            settled = await eventually(lambda w=wish_id: _settled(world, w))
            assert [task["state"] for task in settled["tasks"]] == ["open"]
            (task,) = await tasks_of(world.service, wish_id)
            assert task["streamversion"] == 1


async def test_a_worker_that_is_late_does_not_open_again_what_has_closed(
    settings: Callable[..., WishSettings], world_of: Callable[..., Any], clock: Hand
) -> None:
    given = settings(timer_poll_seconds=NEVER)
    async with world_of(given, clock=clock) as world:
        resident, staff = await world.person(), await world.staff()
        wishes, tasks = world.service.parts.wishes, world.service.parts.tasks
        wish_id = await world.posted(resident, staff)
        clock.ahead += 7 * DAY
        await pass_time(wishes, when=clock.when)
        stale = await wishes.load(wish_id)
        await world.tell(world.adopted(wish_id), time=clock())
        await world.state(resident, wish_id, "adopted")
        await settle_tasks(wishes, tasks, when=clock.when)
        assert await kinds_of(world.service, wish_id) == [("unclaimed", False)]

        class Late(Wishes):
            async def with_tasks_to_settle(self) -> Any:
                yield stale.id

            async def load(self, _id: str) -> Wish:
                return stale

        await settle_tasks(Late(wishes.aggregates, given.terms), tasks, when=clock.when)
        assert await kinds_of(world.service, wish_id) == [("unclaimed", False)]
        (task,) = await tasks_of(world.service, wish_id)
        assert [line["what"] for line in task["timeline"]] == ["StaffTaskOpened", "StaffTaskDone"]


async def test_the_worker_finds_what_is_due_by_its_indexes(
    settings: Callable[..., WishSettings], world_of: Callable[..., Any], clock: Hand
) -> None:
    async with world_of(settings(timer_poll_seconds=NEVER), clock=clock) as world:
        wishes = world.service.mongo.db.wishes
        due = wishes.find({"next_timer_at": {"$type": "date", "$lte": clock()}}).sort("next_timer_at", 1)
        assert '"next_timer_at"' in _plan(await due.explain())
        unsettled = wishes.find({"tasks_unsettled_since": {"$type": "date"}}).sort("tasks_unsettled_since", 1)
        assert '"tasks_unsettled_since"' in _plan(await unsettled.explain())
        tasks = world.service.mongo.db.tasks
        oldest = [("opened_at", 1), ("_id", 1)]
        for query in ({}, {"areas": {"$in": ["310117001", "310117005"]}}, {"areas": "310117", "kind": "telephone"}):
            plan = _plan(await tasks.find({"open": True, **query}).sort(oldest).limit(21).explain())
            assert "COLLSCAN" not in plan
            assert '"stage": "SORT"' not in plan


def _plan(explained: Document) -> str:
    plan = str(explained["queryPlanner"]["winningPlan"]).replace("'", '"')
    assert "IXSCAN" in plan
    return plan


async def _settled(world: Any, wish_id: str) -> Document | None:
    found: Document = await world.service.parts.wishes.aggregates.load(wish_id)
    return found if found["tasks_unsettled_since"] is None else None
