"""Many jobs in a few hands."""

import asyncio

import pytest

from microwish_local.pilot.work import Ranked, in_order, work_off


async def test_earlier_jobs_come_first_and_what_follows_is_queued() -> None:
    done: list[tuple[str, int]] = []

    async def do(job: tuple[str, int]) -> Ranked[tuple[str, int]] | None:
        done.append(job)
        name, step = job
        return ((step + 1.0,), (name, step + 1)) if step < 2 else None

    await work_off([((0.0,), ("a", 0)), ((0.0,), ("b", 0))], do, hands=1)
    assert done == [("a", 0), ("b", 0), ("a", 1), ("b", 1), ("a", 2), ("b", 2)]


async def test_no_more_hands_than_asked_for() -> None:
    at_work = most = 0

    async def do(_: int) -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(0)
        at_work -= 1

    await work_off(in_order(range(50)), do, hands=4)
    assert most == 4


async def test_the_first_failure_ends_everything_and_is_raised_as_it_is() -> None:
    done: list[int] = []

    async def do(job: int) -> None:
        await asyncio.sleep(0)
        if job == 3:
            raise LookupError(job)
        done.append(job)

    with pytest.raises(LookupError):
        await work_off(in_order(range(1000)), do, hands=2)
    assert len(done) < 10
