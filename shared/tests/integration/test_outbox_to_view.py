"""From a command to another reader's view, on the real database and broker."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from microwish.events.topics import Topic
from microwish.events.wish import WishPosted, WishSubmitted
from microwish.store.aggregate import Change, Idempotency
from microwish.store.refusals import AlreadyExists, KeyReused, OutboxFull
from microwish.testing import eventually
from microwish.testing.feed import Feed
from microwish.when import When

pytestmark = pytest.mark.integration

Make = Callable[..., Any]


async def test_an_event_reaches_kafka_and_the_view_and_leaves_the_outbox(
    owner: Make, feed: Feed, submitted: Make, posted: Make
) -> None:
    one = await owner()
    await one.wishes.create("w1", {"title": "t"}, [submitted("w1")], when=When.now())
    await one.wishes.change("w1", lambda _: Change({"state": "posted"}, events=[posted("w1")]), when=When.now())

    event = await feed.wait_for(Topic.WISH, lambda e: e.type == WishPosted.type_name())

    assert (event.subject, event.version) == ("w1", 2)
    row = await eventually(lambda: one.wall.rows.find_one({"wish.version": 2}))
    assert row["wish"]["title"] == "一台收音机"
    emptied = await eventually(lambda: one.wishes.collection.find_one({"_id": "w1", "outbox": []}))
    assert "unsent_since" not in emptied
    assert "relay" not in emptied
    assert [e.version for e in await one.backbone.journal.stream(event.source, "w1")] == [1, 2]


async def test_events_of_one_aggregate_come_in_order_with_two_relays_at_work(
    owner: Make, feed: Feed, submitted: Make, posted: Make
) -> None:
    one, two = await owner(consume=False), await owner(consume=False)
    ids = [f"w{n}" for n in range(20)]
    await asyncio.gather(*(one.wishes.create(i, {}, [submitted(i)], when=When.now()) for i in ids))

    async def change_many(replica: Any, wish: str) -> None:
        for n in range(5):
            await replica.wishes.change(wish, lambda _, n=n: Change(events=[posted(wish, f"第{n}次")]), when=When.now())

    await asyncio.gather(*(change_many(replica, i) for i in ids for replica in (one, two)))

    def all_there() -> bool:
        return len({event.id for event in feed.events(Topic.WISH)}) == 20 * 11

    await eventually(all_there)
    for wish in ids:
        first_appearance = list(
            dict.fromkeys(e.version for e in feed.events(Topic.WISH, lambda e, w=wish: e.subject == w))
        )
        assert first_appearance == list(range(1, 12))


async def test_a_retry_with_the_same_key_meets_what_the_first_try_made(owner: Make, submitted: Make) -> None:
    one = await owner(consume=False)
    key = Idempotency("k", "body-1")
    first = await one.wishes.create("w1", {"n": 1}, [submitted("w1")], when=When.now(), idempotency=key)
    again = await one.wishes.create("w1", {"n": 2}, [submitted("w1")], when=When.now(), idempotency=key)
    assert (first["n"], again["n"]) == (1, 1)
    with pytest.raises(KeyReused):
        await one.wishes.create("w1", {}, [], when=When.now(), idempotency=Idempotency("k", "body-2"))
    with pytest.raises(AlreadyExists):
        await one.wishes.create("w1", {}, [], when=When.now())


async def test_a_command_retried_with_its_key_changes_nothing_more(owner: Make, submitted: Make) -> None:
    one = await owner(consume=False)
    await one.wishes.create("w1", {"n": 0}, [submitted("w1")], when=When.now())
    key = Idempotency("k", "f")
    for _ in range(3):
        after = await one.wishes.change("w1", lambda d: Change({"n": d["n"] + 1}), when=When.now(), idempotency=key)
    assert after["n"] == 1


async def test_racing_changes_all_count(owner: Make, submitted: Make) -> None:
    one = await owner(consume=False)
    await one.wishes.create("w1", {"n": 0}, [submitted("w1")], when=When.now())

    async def add() -> None:
        await one.wishes.change("w1", lambda d: Change({"n": d["n"] + 1}), when=When.now())

    await asyncio.gather(*(add() for _ in range(6)))
    assert (await one.wishes.load("w1"))["n"] == 6


async def test_values_from_outside_are_data_in_the_pipeline(owner: Make, submitted: Make) -> None:
    one = await owner(consume=False)
    await one.wishes.create("w1", {}, [submitted("w1")], when=When.now())
    hostile = {"a": "$revision", "$add": [1, 2], "b": ["$$ROOT"]}
    after = await one.wishes.change("w1", lambda _: Change({"said": hostile}), when=When.now())
    assert after["said"] == hostile


async def test_an_outbox_that_is_full_refuses_more(owner: Make, submitted: Make, posted: Make) -> None:
    one = await owner(start=False)
    await one.wishes.ensure_indexes()
    await one.wishes.create("w1", {}, [submitted("w1")], when=When.now())
    many = [posted("w1") for _ in range(499)]
    await one.wishes.change("w1", lambda _: Change(events=many), when=When.now())
    with pytest.raises(OutboxFull):
        await one.wishes.change("w1", lambda _: Change(events=[posted("w1")]), when=When.now())
    assert (await one.wishes.load("w1"))["streamversion"] == 500


async def test_a_published_event_carries_its_attributes_in_headers(owner: Make, submitted: Make, feed: Feed) -> None:
    one = await owner(consume=False)
    await one.wishes.create("w1", {}, [submitted("w1")], when=When.now())
    event = await feed.wait_for(Topic.WISH, lambda e: e.subject == "w1")
    assert event.type == WishSubmitted.type_name()
