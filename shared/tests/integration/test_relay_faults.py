"""A relay that crashes, freezes or loses its broker: nothing lost, nothing out of order, nothing twice in effect."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from microwish.events.topics import Topic
from microwish.messaging.broker import Broker
from microwish.messaging.producer import BoundProducer
from microwish.messaging.relay import Relay, RelaySettings
from microwish.settings import ServiceSettings
from microwish.store.aggregate import Change
from microwish.testing import eventually
from microwish.testing.feed import Feed
from microwish.when import When

pytestmark = pytest.mark.integration

Make = Callable[..., Any]
StartRelay = Callable[..., Awaitable[asyncio.subprocess.Process]]


def relay_of(one: Any, **settings: float) -> Relay:
    backbone = one.backbone
    return Relay(
        "owner",
        [one.wishes.collection],
        backbone.journal,
        backbone.publisher,
        backbone.broker,
        backbone.incarnations,
        RelaySettings(**settings),
    )


@asynccontextmanager
async def watched(broker: Broker) -> AsyncIterator[None]:
    watch = asyncio.create_task(broker.run())
    try:
        yield
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)


async def test_a_crash_between_publishing_and_pulling_publishes_again_unseen(
    owner: Make, feed: Feed, submitted: Make, posted: Make
) -> None:
    quiet = await owner(start=False)
    await quiet.wishes.ensure_indexes()
    await quiet.wishes.create("w1", {}, [submitted("w1"), posted("w1")], when=When.now())
    crashing = relay_of(quiet, lease_seconds=0.5)
    async with watched(quiet.backbone.broker):
        await crashing.settled()
        taken = await crashing.take(quiet.wishes.collection, "w1")
        assert taken is not None
        await crashing.journal([taken])
        assert await crashing.send([taken]) is None
    # … and here it is killed: nothing pulled, the lease left to run out. Another replica starts.
    replica = await owner()

    await eventually(lambda: replica.wishes.collection.find_one({"_id": "w1", "outbox": []}))
    await eventually(lambda: len(feed.events(Topic.WISH)) >= 4)
    assert first_appearances(feed, "w1") == [1, 2]
    await eventually(lambda: replica.wall.rows.find_one({"_id": "w1", "wish.version": 2}))
    await eventually(lambda: len(replica.applied) >= 2)  # a moment after the row is written
    assert [event.version for event in replica.applied] == [1, 2]
    journal = replica.mongo.db.get_collection("journal")
    assert await journal.count_documents({"subject": "w1"}) == 2


async def test_a_relay_that_pulls_before_the_acknowledgement_is_caught(
    owner: Make, feed: Feed, submitted: Make
) -> None:
    """Negative control: the same crash with the pull moved before the send loses the event, and this check sees it."""
    quiet = await owner(start=False)
    await quiet.wishes.ensure_indexes()
    await quiet.wishes.create("w1", {}, [submitted("w1")], when=When.now())
    crashing = relay_of(quiet, lease_seconds=0.5)
    taken = await crashing.take(quiet.wishes.collection, "w1")
    assert taken is not None
    taken.acknowledged += [entry["id"] for entry in taken.entries]
    await crashing.pull([taken])
    # … killed before the send.
    replica = await owner()
    await replica.wishes.create("w2", {}, [submitted("w2")], when=When.now())
    await eventually(lambda: replica.wall.rows.find_one({"_id": "w2"}))
    assert await replica.wall.rows.find_one({"_id": "w1"}) is None


@pytest.fixture
async def start_relay(settings: ServiceSettings) -> AsyncIterator[StartRelay]:
    started: list[asyncio.subprocess.Process] = []

    async def start(**given: Any) -> asyncio.subprocess.Process:
        plain = settings.model_copy(update=given).model_dump(mode="json")
        plain |= {name: getattr(settings, name).get_secret_value() for name in ("sealing_keys", "blind_key")}
        script = Path(__file__).with_name("relay_process.py")
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(script), json.dumps(plain), stdout=asyncio.subprocess.PIPE
        )
        started.append(process)
        assert process.stdout is not None
        async with asyncio.timeout(60):
            assert b"ready" in await process.stdout.readline()
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.wait()


def first_appearances(feed: Feed, wish: str) -> list[int]:
    return list(dict.fromkeys(event.version for event in feed.events(Topic.WISH, lambda e: e.subject == wish)))


async def test_a_relay_frozen_past_its_lease_repeats_but_never_reorders(
    owner: Make, feed: Feed, start_relay: StartRelay, submitted: Make, posted: Make
) -> None:
    writer = await owner(start=False)
    await writer.wishes.ensure_indexes()
    frozen = await start_relay(relay_lease_seconds=1.0)
    await start_relay(relay_lease_seconds=1.0)
    wishes = [f"w{n}" for n in range(8)]
    for wish in wishes:
        await writer.wishes.create(wish, {}, [submitted(wish)], when=When.now())
    written = 1

    async def write_some() -> None:
        nonlocal written
        for wish in wishes:
            await writer.wishes.change(wish, lambda _, w=wish: Change(events=[posted(w)]), when=When.now())
        written += 1

    for _ in range(4):
        await write_some()
        os.kill(frozen.pid, signal.SIGSTOP)
        for _ in range(3):
            await write_some()
        # The other replica carries on alone, past the frozen one's leases.
        await eventually(lambda: all(max(first_appearances(feed, w), default=0) == written for w in wishes))
        os.kill(frozen.pid, signal.SIGCONT)
    await write_some()

    await eventually(lambda: all(max(first_appearances(feed, w), default=0) == written for w in wishes))
    for wish in wishes:
        assert first_appearances(feed, wish) == list(range(1, written + 1))
    await eventually(lambda: none_left(writer))


async def none_left(one: Any) -> bool:
    return bool(await one.wishes.collection.count_documents({"unsent_since": {"$exists": True}}) == 0)


async def test_a_relay_killed_at_any_moment_loses_nothing(
    owner: Make, feed: Feed, start_relay: StartRelay, submitted: Make
) -> None:
    writer = await owner(start=False)
    await writer.wishes.ensure_indexes()
    for round_number in range(3):
        victim = await start_relay(relay_lease_seconds=1.0)
        ids = [f"r{round_number}-{n}" for n in range(40)]
        half = ids[:20]
        await asyncio.gather(*(writer.wishes.create(i, {}, [submitted(i)], when=When.now()) for i in half))
        victim.kill()
        await asyncio.gather(*(writer.wishes.create(i, {}, [submitted(i)], when=When.now()) for i in ids[20:]))
        await victim.wait()
    survivor = await start_relay(relay_lease_seconds=1.0)
    await eventually(lambda: none_left(writer))
    await eventually(lambda: len({event.subject for event in feed.events(Topic.WISH)}) == 120)
    assert survivor.returncode is None


async def test_a_broker_that_comes_back_empty_gets_everything_again_and_nothing_visible_changes(
    owner: Make, own_broker: Any, submitted: Make, posted: Make
) -> None:
    broker = await own_broker()
    running = await owner(kafka_bootstrap=broker.bootstrap)
    wishes = [f"w{n}" for n in range(30)]
    for wish in wishes:
        await running.wishes.create(wish, {}, [submitted(wish), posted(wish)], when=When.now())
    await eventually(lambda: len(running.applied) == 60)
    before, applied = await running.rows(), len(running.applied)

    await broker.restart_empty()
    for wish in wishes:  # work goes on meanwhile
        await running.wishes.change(wish, lambda _, w=wish: Change(events=[posted(w, "改过")]), when=When.now())

    await eventually(lambda: len(running.applied) == applied + 30, seconds=60)
    async with Feed(broker.bootstrap, running.backbone.broker.settings.topic_prefix) as feed:
        await eventually(lambda: len({e.id for e in feed.events(Topic.WISH)}) == 90, seconds=60)
        assert all(set(first_appearances(feed, wish)) == {1, 2, 3} for wish in wishes)
    after = await running.rows()
    assert {w: row["wish"]["version"] for w, row in after.items()} == dict.fromkeys(wishes, 3)
    assert before.keys() == after.keys()


async def test_nothing_new_reaches_an_empty_broker_before_what_the_journal_holds(
    owner: Make, own_broker: Any, submitted: Make, posted: Make
) -> None:
    """The watch is too slow to tell of the new incarnation: the relay's own connection has to notice."""
    broker = await own_broker()
    slow = {"kafka_bootstrap": broker.bootstrap, "incarnation_poll_seconds": 3600.0, "consume": False}
    running = await owner(**slow)
    wishes = [f"w{n}" for n in range(30)]
    for wish in wishes:
        await running.wishes.create(wish, {}, [submitted(wish), posted(wish)], when=When.now())
    await eventually(lambda: none_left(running))

    async def go_on() -> None:
        for wish in wishes * 3:
            await running.wishes.change(wish, lambda _, w=wish: Change(events=[posted(w, "改过")]), when=When.now())

    await asyncio.gather(go_on(), broker.restart_empty())
    async with Feed(broker.bootstrap, running.backbone.broker.settings.topic_prefix) as feed:  # which makes the topics
        await go_on()
        await eventually(lambda: len({e.id for e in feed.events(Topic.WISH)}) == 30 * 8, seconds=60)
        assert all(first_appearances(feed, wish) == list(range(1, 9)) for wish in wishes)
    await eventually(lambda: none_left(running))


async def test_a_producer_that_trusts_any_broker_is_caught(
    owner: Make, own_broker: Any, submitted: Make, posted: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: with the library's own connections a new event comes before the journal, and it shows."""
    broker = await own_broker()
    monkeypatch.setattr(BoundProducer, "_own_connection", lambda self, *a, **o: self._any_connection(*a, **o))
    running = await owner(kafka_bootstrap=broker.bootstrap, incarnation_poll_seconds=3600.0, consume=False)
    await running.wishes.create("w1", {}, [submitted("w1"), posted("w1")], when=When.now())
    await eventually(lambda: none_left(running))
    await broker.restart_empty()
    async with Feed(broker.bootstrap, running.backbone.broker.settings.topic_prefix) as feed:
        await running.wishes.change("w1", lambda _: Change(events=[posted("w1", "改过")]), when=When.now())
        await eventually(lambda: first_appearances(feed, "w1") == [3])
        await eventually(lambda: none_left(running))


async def test_a_reader_that_starts_after_the_loss_sees_everything(
    owner: Make, own_broker: Any, submitted: Make, posted: Make
) -> None:
    broker = await own_broker()
    writer = await owner(kafka_bootstrap=broker.bootstrap, consume=False)
    await writer.wishes.create("w1", {}, [submitted("w1"), posted("w1")], when=When.now())
    await eventually(lambda: none_left(writer))
    await broker.restart_empty()
    reader = await owner(kafka_bootstrap=broker.bootstrap)
    await eventually(lambda: reader.wall.rows.find_one({"_id": "w1", "wish.version": 2}), seconds=60)


async def test_writes_go_on_while_kafka_is_away(owner: Make, own_broker: Any, submitted: Make) -> None:
    broker = await own_broker()
    one = await owner(kafka_bootstrap=broker.bootstrap)
    await one.backbone.broker.known()
    await broker.stop()
    await one.wishes.create("w1", {}, [submitted("w1")], when=When.now())
    await eventually(lambda: one.backbone.health() == "degraded", seconds=60)
    assert len((await one.wishes.load("w1"))["outbox"]) == 1
    await broker.start()
    await eventually(lambda: one.wall.rows.find_one({"_id": "w1"}), seconds=60)
    await eventually(lambda: one.backbone.health() == "ok")


async def test_a_database_that_is_away_for_a_while_skips_no_event(
    owner: Make, own_mongod: Any, feed: Feed, submitted: Make
) -> None:
    server = await own_mongod()
    one = await owner(mongo_uri=server.uri)
    await feed.publish(submitted("w1"), version=1)
    await eventually(lambda: one.wall.rows.find_one({"_id": "w1"}))
    await server.stop()
    await feed.publish(submitted("w2"), version=1)
    await server.start()
    await eventually(lambda: one.wall.rows.find_one({"_id": "w2"}), seconds=60)
