"""The story's own consumer sees every event, wherever it starts."""

from datetime import UTC, datetime

import pytest

from microwish.events import Actor, Role
from microwish.events.wish import WishRecommended
from microwish.testing.feed import Feed
from microwish_local.story.watch import LOOK_BACK, EventWatch

pytestmark = pytest.mark.integration

NOW = datetime(2026, 6, 12, 8, tzinfo=UTC)


def recommended(wish: str) -> WishRecommended:
    by = Actor(person_id="p1", role=Role.STAFF)
    return WishRecommended(wish_id=wish, community="310117001", by=by, organisation_id="o1")


async def test_it_sees_what_comes_and_what_came_shortly_before(kafka_bootstrap: str, unique: str) -> None:
    async with Feed(kafka_bootstrap, unique) as feed:
        earlier = await feed.publish(recommended("w1"), version=1, time=NOW)
        async with EventWatch(kafka_bootstrap, unique) as watch:
            later = await feed.publish(recommended("w1"), version=2, time=NOW)
            found = await watch.until(lambda sighting: sighting.event.id == later.id, seconds=30)
        assert found is not None
        assert (found.topic, found.event.version) == (f"{unique}microwish.wish.v1", 2)
        assert [sighting.event.id for sighting in watch.sightings] == [earlier.id, later.id]
        assert [sighting.offset for sighting in watch.sightings] == [0, 1]


async def test_from_the_start_it_sees_everything(kafka_bootstrap: str, unique: str) -> None:
    count = LOOK_BACK + 50
    async with Feed(kafka_bootstrap, unique) as feed:
        for version in range(1, count + 1):
            await feed.publish(recommended("w1"), version=version, time=NOW)
        async with EventWatch(kafka_bootstrap, unique, from_start=True) as watch:
            last = await watch.until(lambda sighting: sighting.event.version == count, seconds=30)
        assert last is not None
        assert [sighting.event.version for sighting in watch.sightings] == list(range(1, count + 1))


async def test_what_does_not_come_is_none(kafka_bootstrap: str, unique: str) -> None:
    async with Feed(kafka_bootstrap, unique), EventWatch(kafka_bootstrap, unique) as watch:
        assert await watch.until(lambda _: True, seconds=0.2) is None
