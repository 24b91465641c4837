"""Work of a lane is done in turns of its groups."""

import asyncio

from microwish.testing.waiting import eventually
from notify_service.lanes import Lane


async def run(puts: list[tuple[str, str]]) -> list[str]:
    """In which order a lane works on (item, group), all put while its one worker was busy."""
    done: list[str] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def work(item: str) -> None:
        begun.set()
        await go_on.wait()
        done.append(item)

    lane: Lane[str] = Lane("test", work, side_by_side=1)
    lane.start()
    lane.put("first")
    await begun.wait()
    for item, group in puts:
        lane.put(item, group)
    go_on.set()
    await eventually(lambda: len(done) == 1 + len(set(puts)))
    await lane.stop()
    return done[1:]


async def test_a_group_of_many_stands_in_nobody_s_way() -> None:
    many = [(f"m{number}", "many") for number in range(4)]
    assert await run([*many, ("a", ""), ("b", ""), ("c", "few")]) == ["m0", "a", "c", "m1", "b", "m2", "m3"]


async def test_what_waits_already_is_not_put_twice() -> None:
    assert await run([("a", ""), ("a", ""), ("b", ""), ("a", "")]) == ["a", "b"]


async def test_a_full_group_takes_no_more_and_keeps_nobody_else_out() -> None:
    lane: Lane[int] = Lane("test", lambda _: asyncio.Event().wait(), side_by_side=1)  # type: ignore[arg-type, return-value]
    lane.start()
    for item in range(10_050):
        lane.put(item, "many")
    lane.put(-1)
    assert (lane.waiting("many"), lane.waiting("")) == (10_000, 1)
    await lane.stop()


async def test_an_item_that_fails_takes_no_other_with_it() -> None:
    done: list[int] = []

    async def work(item: int) -> None:
        if item == 1:
            raise RuntimeError("no")
        done.append(item)

    lane: Lane[int] = Lane("test", work, side_by_side=1)
    lane.start()
    for item in (1, 2, 3):
        lane.put(item)
    await eventually(lambda: done == [2, 3])
    await lane.stop()
