"""Timers across stops and kills: what came due meanwhile goes off once, and no task is lost or doubled."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from wish_service.domain.wish import Wish
from wish_service.store.wishes import Wishes
from wish_service.use_cases.pass_time import pass_time
from wish_service.use_cases.settle_tasks import settle_tasks

from .kit import DAY, Timed, ticking

pytestmark = pytest.mark.integration


async def test_what_came_due_while_nothing_ran_goes_off_once_after_the_start(timed: Timed) -> None:
    free, adopted = await timed.posted(), await timed.delivered()
    timed.clock.ahead += 7 * DAY - timedelta(minutes=10)
    async with timed.replica() as service:
        await service.timers.tick()
    assert await timed.kinds(free) == []  # not yet, to the minute
    timed.clock.ahead += 8 * DAY
    for _ in range(2):
        async with timed.replica() as service, ticking(service):
            await timed.become(free, [("unclaimed", True)])
            await timed.become(adopted.wish_id, [("unconfirmed", True)])
            await service.timers.tick()
        assert await timed.lines(adopted.wish_id, "ConfirmationReminderDue") == 1
        (task,) = await timed.tasks(free)
        assert task["streamversion"] == 1
        timed.clock.ahead += DAY


async def test_a_crash_between_a_wish_and_its_task_loses_and_doubles_nothing(timed: Timed) -> None:
    wishes, tasks = timed.service.parts.wishes, timed.service.parts.tasks
    before, behind = await timed.posted(), await timed.posted()
    timed.clock.ahead += 7 * DAY
    await pass_time(wishes, when=timed.clock.when)
    assert await timed.kinds(before) == []  # decided, and killed before the task is there

    class Killed(Wishes):
        async def with_tasks_to_settle(self) -> AsyncIterator[str]:
            yield behind

        async def change(self, *_: Any, **__: Any) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await settle_tasks(Killed(wishes.aggregates, timed.settings.terms), tasks, when=timed.clock.when)
    assert await timed.kinds(behind) == [("unclaimed", True)]  # and the wish doesn't know
    stored = await wishes.aggregates.load(behind)
    assert stored["tasks"][0]["state"] == "opening"
    async with timed.replica() as service:
        await service.timers.tick()
    for wish_id in (before, behind):
        settled = await wishes.aggregates.load(wish_id)
        assert settled["tasks_unsettled_since"] is None
        assert [task["state"] for task in settled["tasks"]] == ["open"]
        (task,) = await timed.tasks(wish_id)
        assert (task["kind"], task["open"], task["streamversion"]) == ("unclaimed", True, 1)


async def test_a_worker_that_is_late_does_not_open_again_what_has_closed(timed: Timed) -> None:
    wishes, tasks = timed.service.parts.wishes, timed.service.parts.tasks
    wish_id = await timed.posted()
    timed.clock.ahead += 7 * DAY
    await pass_time(wishes, when=timed.clock.when)
    stale = await wishes.load(wish_id)
    await timed.tell(timed.world.adopted(wish_id))
    await settle_tasks(wishes, tasks, when=timed.clock.when)
    assert await timed.kinds(wish_id) == [("unclaimed", False)]

    class Late(Wishes):
        async def with_tasks_to_settle(self) -> AsyncIterator[str]:
            yield stale.id

        async def load(self, _id: str) -> Wish:
            return stale

    await settle_tasks(Late(wishes.aggregates, timed.settings.terms), tasks, when=timed.clock.when)
    assert await timed.kinds(wish_id) == [("unclaimed", False)]
    (task,) = await timed.tasks(wish_id)
    assert [line["what"] for line in task["timeline"]] == ["StaffTaskOpened", "StaffTaskDone"]
