import asyncio
from collections import Counter

import pytest

from microwish.turns import Turns


class Visitors:
    """People at counters, each of whom stays until told to go."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.at: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.served: list[str] = []
        self.closing = asyncio.Event()

    async def come(self, who: str, counter: str) -> None:
        async with self.turns.at(counter):
            self.at[counter] += 1
            self.most[counter] = max(self.most[counter], self.at[counter])
            await self.closing.wait()
            self.at[counter] -= 1
            self.served.append(who)


async def everybody(visitors: Visitors, *who: tuple[str, str]) -> list[asyncio.Task[None]]:
    coming = [asyncio.create_task(visitors.come(*one)) for one in who]
    for _ in range(3):
        await asyncio.sleep(0)
    return coming


async def test_a_stormed_thing_leaves_room_for_the_others() -> None:
    visitors = Visitors(Turns(2))
    coming = await everybody(visitors, *((f"w{number}", "stormed") for number in range(20)), ("o", "other"))
    assert visitors.at == {"stormed": 2, "other": 1}
    visitors.closing.set()
    await asyncio.gather(*coming)
    assert visitors.most["stormed"] == 2
    assert [who for who in visitors.served if who != "o"] == [f"w{number}" for number in range(20)], "in their order"


async def test_who_gives_up_or_fails_takes_no_turn_along() -> None:
    turns = Turns(1)
    visitors = Visitors(turns)
    first, second, third = await everybody(visitors, ("first", "x"), ("second", "x"), ("third", "x"))
    second.cancel()
    first.cancel()
    visitors.closing.set()
    await third
    assert visitors.served == ["third"]
    with pytest.raises(ValueError, match="mine"):
        async with turns.at("x"):
            raise ValueError("mine")
    async with turns.at("x"):
        assert visitors.turns is turns


async def test_nothing_is_kept_of_what_nobody_asks_for() -> None:
    turns = Turns(1)
    for number in range(100):
        async with turns.at(number):
            assert len(turns) == 1
    assert len(turns) == 0
