"""A write that takes the relay's lease along: one relay at a time, nothing lost with it, nothing out of order."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from microwish.events.topics import Topic
from microwish.messaging.relay import Relay, RelaySettings
from microwish.store.aggregate import Aggregates, Change
from microwish.testing import eventually
from microwish.testing.feed import Feed
from microwish.when import When

pytestmark = pytest.mark.integration

Make = Callable[..., Any]


class Replicas:
    """Relays of one service, as its processes have them, and stores whose writes wake the relay of their process."""

    def __init__(self, one: Any) -> None:
        self._backbone = one.backbone
        self.collection = one.wishes.collection

    async def relay(self, **settings: float) -> Relay:
        backbone = self._backbone
        given = (backbone.journal, backbone.publisher, backbone.broker, backbone.incarnations)
        relay = Relay("owner", [self.collection], *given, RelaySettings(**settings))
        await relay.settled()
        return relay

    def store_of(self, relay: Relay | None) -> Aggregates:
        return Aggregates(self.collection, relay=relay)

    async def holder(self) -> str | None:
        row = await self.collection.find_one({"_id": "w1"})
        return row.get("relay", {}).get("token") if row else None


@pytest.fixture
async def replicas(owner: Make) -> AsyncIterator[Replicas]:
    quiet = await owner(start=False)
    await quiet.wishes.ensure_indexes()
    await quiet.wishes.create("w1", {}, [], when=When.now())
    watch = asyncio.create_task(quiet.backbone.broker.run())
    yield Replicas(quiet)
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)


async def write(store: Aggregates, event: Any) -> None:
    """One more event, by the way of `write_together`, which is also that of `write`."""
    assert (await store.write_together("w1", {}, Change(events=[event]), when=When.now())).value == "yes"


async def test_the_relay_of_the_writer_sends_what_nobody_else_can_take(
    replicas: Replicas, feed: Feed, submitted: Make
) -> None:
    own, other = await replicas.relay(), await replicas.relay()
    await write(replicas.store_of(own), submitted("w1"))
    assert await other.take(replicas.collection, "w1") is None
    running = asyncio.create_task(own.run())
    await eventually(lambda: replicas.collection.find_one({"_id": "w1", "outbox": [], "relay": {"$exists": False}}))
    await eventually(lambda: feed.events(Topic.WISH, lambda event: event.subject == "w1"))
    running.cancel()


async def test_without_a_lease_anybody_takes_it(replicas: Replicas, submitted: Make) -> None:
    """Negative control of the above."""
    other = await replicas.relay()
    await write(replicas.store_of(None), submitted("w1"))
    assert await other.take(replicas.collection, "w1") is not None


async def test_what_a_killed_process_held_is_sent_by_another_when_the_lease_ends(
    replicas: Replicas, feed: Feed, submitted: Make
) -> None:
    killed, other = await replicas.relay(lease_seconds=0.3), await replicas.relay(poll_seconds=0.05)
    await write(replicas.store_of(killed), submitted("w1"))
    running = asyncio.create_task(other.run())
    await eventually(lambda: replicas.collection.find_one({"_id": "w1", "outbox": []}))
    await eventually(lambda: feed.events(Topic.WISH, lambda event: event.subject == "w1"))
    running.cancel()


async def test_a_write_leaves_the_lease_of_another_relay_alone(
    replicas: Replicas, feed: Feed, submitted: Make, posted: Make
) -> None:
    own, other = await replicas.relay(poll_seconds=0.05), await replicas.relay()
    await write(replicas.store_of(None), submitted("w1"))
    taken = await other.take(replicas.collection, "w1")
    assert taken is not None
    running = asyncio.create_task(own.run())
    await write(replicas.store_of(own), posted("w1"))
    assert await replicas.holder() == taken.token
    await other.publish([taken])
    await eventually(lambda: replicas.collection.find_one({"_id": "w1", "outbox": []}))
    await eventually(lambda: len(feed.events(Topic.WISH, lambda event: event.subject == "w1")) >= 2)
    assert [event.version for event in feed.events(Topic.WISH, lambda event: event.subject == "w1")] == [1, 2]
    running.cancel()


async def test_who_stops_leaves_what_waits_to_others_at_once(replicas: Replicas, submitted: Make) -> None:
    own, other = await replicas.relay(), await replicas.relay()
    await write(replicas.store_of(own), submitted("w1"))
    assert await other.take(replicas.collection, "w1") is None
    await own.let_go()
    assert await other.take(replicas.collection, "w1") is not None


async def test_a_relay_that_is_behind_or_has_no_broker_lends_no_lease(replicas: Replicas) -> None:
    behind = await replicas.relay(batch=2)
    behind.wake(replicas.collection, "w1")
    assert behind.lease() is not None
    behind.wake(replicas.collection, "w2")
    assert behind.lease() is None
    other = replicas._backbone
    strange = Relay("owner", [], other.journal, other.publisher, other.broker, other.incarnations)
    assert strange.lease() is None
