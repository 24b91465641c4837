"""What replicas share about a provider: its rate, by the database's clock, and its rest."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from microwish.store.mongo import Collection, Mongo
from notify_service.rates import Rates
from notify_service.store.providers import Providers, Rate

pytestmark = pytest.mark.integration
FULL = Rate(per_second=0.0001, burst=40)
"""So slow that none is added while the test runs: exactly the burst may be taken."""


@pytest.fixture
async def replicas(desk: Any, common: dict[str, Any]) -> AsyncIterator[list[Collection]]:
    """The collection as eight processes have it, each by a connection of its own."""
    mongos = [Mongo(common["mongo_uri"], desk.settings.mongo_database) for _ in range(8)]
    yield [mongo.db.get_collection("providers") for mongo in mongos]
    for mongo in mongos:
        mongo.close()


class ReadThenWrite(Providers):
    """The control: looks first and writes afterwards, as if nobody else were there."""

    async def take(self, provider: str, rate: Rate, wanted: int, *, urgent: bool = False) -> int:
        row = await self._rows.find_one({"_id": provider}) or {"tokens": rate.burst}
        granted = min(wanted, int(row["tokens"]))
        left = row["tokens"] - granted
        await self._rows.update_one({"_id": provider}, {"$set": {"tokens": left}}, upsert=True)
        return granted


async def all_at_once(replicas: list[Collection], kind: type[Providers]) -> int:
    takers = [kind(rows) for rows in replicas]
    taken = await asyncio.gather(*(taker.take("alibaba", FULL, 5) for taker in takers for _ in range(4)))
    return sum(taken)


async def test_replicas_never_take_more_than_there_is(replicas: list[Collection]) -> None:
    assert await all_at_once(replicas, Providers) == FULL.burst


async def test_without_one_atomic_write_they_would(replicas: list[Collection]) -> None:
    """The negative control of the test above."""
    assert await all_at_once(replicas, ReadThenWrite) > FULL.burst


async def test_a_part_is_kept_for_sign_in_codes(replicas: list[Collection]) -> None:
    providers, rate = Providers(replicas[0]), Rate(0.0001, burst=10, kept=2)
    assert await providers.take("alibaba", rate, 20) == 8
    assert await providers.take("alibaba", rate, 1) == 0
    assert [await providers.take("alibaba", rate, 1, urgent=True) for _ in range(3)] == [1, 1, 0]


class Counted(Providers):
    """Counts its writes."""

    writes = 0

    async def take(self, provider: str, rate: Rate, wanted: int, *, urgent: bool = False) -> int:
        self.writes += 1
        return await super().take(provider, rate, wanted, urgent=urgent)


async def test_tokens_cost_less_than_a_write_each(replicas: list[Collection]) -> None:
    providers = Counted(replicas[0])
    rates = Rates(providers, {"alibaba": 1000.0})
    assert all(await asyncio.gather(*(rates.allow("alibaba", within=10) for _ in range(200))))
    assert providers.writes <= 20
    assert await rates.allow("sandbox", within=0), "who has no rate is not held back"


async def test_what_is_not_allowed_in_time_is_not_allowed(replicas: list[Collection]) -> None:
    rates = Rates(Providers(replicas[0]), {"alibaba": 0.001})
    assert [await rates.allow("alibaba", within=0.5) for _ in range(2)] == [True, False]


async def test_all_replicas_leave_a_resting_provider_alone(replicas: list[Collection], desk: Any) -> None:
    one, other = Providers(replicas[0]), Providers(replicas[1])
    now = desk.clock()
    await one.rest("alibaba", now + timedelta(hours=1), why="quota")
    await one.rest("alibaba", now + timedelta(minutes=1), why="quota")
    assert await other.resting(now) == {"alibaba": now + timedelta(hours=1)}
    assert await other.resting(now + timedelta(hours=2)) == {}
