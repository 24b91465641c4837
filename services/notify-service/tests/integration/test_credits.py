"""Consents to subscribe messages: one message each, never more (atomic), counted once (idempotent)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from microwish.store.mongo import Mongo
from notify_service.store.credits import CREDITS, Credits

pytestmark = [pytest.mark.integration, pytest.mark.brokerless]
ME, TEMPLATE = "index-of-me", "template-1"
AT = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)


class Careless(Credits):
    """Looks first and takes afterwards."""

    async def take(self, openid_index: str, template: str) -> bool:
        if await self.left(openid_index, template) <= 0:
            return False
        await self._rows.update_one({"_id": f"{openid_index}:{template}"}, {"$inc": {"left": -1}})
        return True


@pytest.fixture
async def mongo(common: dict[str, Any], unique: str) -> AsyncIterator[Mongo]:
    made = Mongo(common["mongo_uri"], f"credits_{unique}")
    yield made
    await made.client.drop_database(made.db.name)
    made.close()


@pytest.fixture(name="credits")
async def _credits(mongo: Mongo) -> Credits:
    made = Credits(mongo.db.get_collection(CREDITS))
    await made.ensure_indexes()
    return made


async def fifty_take(credits: Credits) -> int:
    """How many of fifty at once got one."""
    return sum(await asyncio.gather(*(credits.take(ME, TEMPLATE) for _ in range(50))))


async def test_fifty_at_once_take_no_more_than_there_are(credits: Credits) -> None:
    for number in range(20):
        await credits.granted(ME, TEMPLATE, f"consent-{number}", at=AT)
    assert await fifty_take(credits) == 20
    assert await credits.left(ME, TEMPLATE) == 0


async def test_looking_first_and_taking_afterwards_would_take_more(mongo: Mongo) -> None:
    """The negative control of the test before."""
    careless = Careless(mongo.db.get_collection(CREDITS))
    await careless.granted(ME, TEMPLATE, "one", at=AT)
    assert await fifty_take(careless) > 1
    assert await careless.left(ME, TEMPLATE) < 0


async def test_a_consent_that_comes_twice_counts_once(credits: Credits) -> None:
    told = await asyncio.gather(*(credits.granted(ME, TEMPLATE, f"c{number % 5}", at=AT) for number in range(50)))
    assert sum(told) == 5
    assert await credits.left(ME, TEMPLATE) == 5
    assert await credits.take(ME, TEMPLATE)
    assert not await credits.granted(ME, TEMPLATE, "c0", at=AT)
    assert await credits.left(ME, TEMPLATE) == 4


async def test_credits_are_of_one_person_for_one_template(credits: Credits) -> None:
    await credits.granted(ME, TEMPLATE, "one", at=AT)
    assert not await credits.take(ME, "template-2")
    assert not await credits.take("index-of-you", TEMPLATE)
    assert await credits.take(ME, TEMPLATE)
    assert not await credits.take(ME, TEMPLATE)
    await credits.give_back(ME, TEMPLATE)
    assert await credits.left(ME, TEMPLATE) == 1
    await credits.give_back("index-of-you", TEMPLATE)
    assert await credits.left("index-of-you", TEMPLATE) == 0


async def test_none_is_left_as_of_a_time_but_a_later_consent_counts(credits: Credits) -> None:
    await credits.granted(ME, TEMPLATE, "one", at=AT)
    await credits.used_up(ME, TEMPLATE, as_of=AT + timedelta(seconds=1))
    assert await credits.left(ME, TEMPLATE) == 0
    await credits.granted(ME, TEMPLATE, "two", at=AT + timedelta(seconds=5))
    await credits.used_up(ME, TEMPLATE, as_of=AT + timedelta(seconds=2))
    assert await credits.left(ME, TEMPLATE) == 1


async def test_who_is_forgotten_leaves_no_row(credits: Credits, mongo: Mongo) -> None:
    await credits.granted(ME, TEMPLATE, "one", at=AT)
    await credits.granted("index-of-you", TEMPLATE, "one", at=AT)
    await credits.forget(ME)
    assert [row["openid_index"] async for row in mongo.db.get_collection(CREDITS).find({})] == ["index-of-you"]
