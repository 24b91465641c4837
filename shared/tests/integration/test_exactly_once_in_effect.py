"""Whatever Kafka does to the order and number of events, the view is as if each had come once, in order."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from microwish.events.base import Actor, Envelope, Role, Source
from microwish.events.contact import ContactKind, ContactSaved
from microwish.events.topics import Topic
from microwish.events.wish import StaffAssigned
from microwish.messaging.broker import Broker, BrokerSettings
from microwish.messaging.consumer import Consumer, Subscription
from microwish.messaging.dead_letters import DeadLetters
from microwish.messaging.incarnation import Incarnations
from microwish.messaging.publisher import Publisher
from microwish.messaging.streams import Outcome, Parking, Positions
from microwish.store.aggregate import Aggregates, Change
from microwish.store.mongo import Mongo
from microwish.store.outbox import Tombstone
from microwish.store.views import REMOVE, Expression, View
from microwish.testing import eventually
from microwish.testing.feed import Feed
from microwish.when import When, system_clock

pytestmark = pytest.mark.integration

Make = Callable[..., Any]


def event(wish: str, source: Source, version: int) -> Envelope:
    return Envelope(
        id=f"{wish}-{source.name}-{version}",
        type="microwish.Anything.v1",
        source=source.value,
        subject=wish,
        time=system_clock(),
        version=version,
        data={"version": version, "title": f"{wish}/{version}"},
    )


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Envelope], list[Envelope]]:
    """Streams in order, and the same events one to three times each, shuffled: late, repeated, with gaps that fill."""
    lengths = {
        (wish, source): draw(st.integers(1, 5))
        for wish in ("w1", "w2", "w3")
        for source in (Source.WISH, Source.CLAIMS)
    }
    in_order = [event(w, s, v) for (w, s), length in lengths.items() for v in range(1, length + 1)]
    repeated = [one for one in in_order for _ in range(draw(st.integers(1, 3)))]
    return in_order, draw(st.permutations(repeated))


class Reader:
    """A view behind the consumer's gate, fed directly: what the gate does, without waiting for a broker."""

    def __init__(self, mongo: Mongo, name: str) -> None:
        self.view = View(
            mongo.db,
            name,
            derive=[{"$set": {"sum": {"$add": [{"$ifNull": [f"${p}.version", 0]} for p in ("wish", "claims")]}}}],
        )
        self.effects: list[str] = []
        broker = Broker(BrokerSettings("unused:1"))
        subscription = Subscription(name, (Topic.WISH,), {Source.WISH: self.show, Source.CLAIMS: self.show})
        self._parking = Parking(mongo.db, name)
        self.consumer = Consumer(name, subscription, broker, Publisher(broker), Incarnations(mongo.db), self._parking)

    async def show(self, one: Envelope) -> Outcome:
        part = "wish" if one.source == Source.WISH else "claims"
        outcome = await self.view.apply(one.subject, part, one.version, {"title": one.data["title"]})
        if outcome is Outcome.APPLIED:
            self.effects.append(one.id)
        return outcome

    async def read(self, events: list[Envelope]) -> dict[str, Any]:
        await self.view.open()
        for one in events:
            await self.consumer.gated(self.show, one)
        assert await self._parking.count() == 0
        return {row["_id"]: row async for row in self.view.rows.find({})}


@pytest.fixture
def mongo(mongo_uri: str, unique: str) -> Any:
    mongo = Mongo(mongo_uri, unique)
    yield mongo
    mongo.close()


async def test_any_interleaving_gives_the_view_of_once_in_order(mongo: Mongo) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(deliveries())
    async def same_view(delivered: tuple[list[Envelope], list[Envelope]]) -> None:
        in_order, as_delivered = delivered
        for name in ("expected", "actual"):
            await mongo.db.drop_collection(f"{name}.g1")
        expected = Reader(mongo, "expected")
        actual = Reader(mongo, "actual")
        assert await actual.read(as_delivered) == await expected.read(in_order)
        assert sorted(actual.effects) == sorted({one.id for one in in_order})

    await run_property(same_view)


async def run_property(test: Any) -> None:
    """Hypothesis calls synchronously; each example runs on the session's loop through a thread."""
    import asyncio

    loop = asyncio.get_running_loop()
    inner = test.hypothesis.inner_test

    def on_the_loop(*args: Any, **kwargs: Any) -> None:
        asyncio.run_coroutine_threadsafe(inner(*args, **kwargs), loop).result(60)

    test.hypothesis.inner_test = on_the_loop
    await asyncio.to_thread(test)


async def test_a_gap_is_parked_until_its_predecessor_comes_through_kafka(
    owner: Make, feed: Feed, submitted: Make, posted: Make
) -> None:
    one = await owner()
    await feed.publish(posted("w1"), version=3)
    await feed.publish(submitted("w1"), version=1)
    await eventually(lambda: one.wall.rows.find_one({"_id": "w1", "wish.version": 1}))
    await feed.publish(submitted("w1"), version=2)
    row = await eventually(lambda: one.wall.rows.find_one({"_id": "w1", "wish.version": 3}))
    assert row["wish"]["title"] == "一台收音机"
    parked = one.mongo.db.get_collection("parked")

    async def none_is_parked() -> bool:
        return await parked.count_documents({}) == 0

    await eventually(none_is_parked)  # it is removed when its effect is there


async def test_unknown_types_and_fields_are_tolerated(owner: Make, feed: Feed, submitted: Make) -> None:
    one = await owner()
    unknown = event("w1", Source.WISH, 1)
    await feed.publish_again(Topic.WISH, unknown)
    await feed.publish(submitted("w1"), version=2)
    await eventually(lambda: one.wall.rows.find_one({"_id": "w1", "wish.version": 2}))


async def test_what_fails_for_good_is_dead_lettered_and_its_successors_wait(
    owner: Make, feed: Feed, submitted: Make
) -> None:
    one = await owner(start=False)
    refused = one.show

    async def show(event: Envelope) -> Outcome:
        if event.subject == "poison" and event.version == 1:
            raise ValueError("王小明 13912345678")
        return await refused(event)

    one.show = show  # type: ignore[method-assign]
    await one.start()
    await feed.publish(submitted("poison"), version=1)
    await feed.publish(submitted("poison"), version=2)
    await feed.publish(submitted("fine"), version=1)
    await eventually(lambda: one.wall.rows.find_one({"_id": "fine"}))
    parked = await eventually(lambda: one.mongo.db.get_collection("parked").find_one({"subject": "poison"}))
    assert parked["version"] == 2
    assert await one.wall.rows.find_one({"_id": "poison"}) is None
    [letter] = await DeadLetters(one.mongo.db).page("waiting", limit=9)
    assert letter.event is not None
    assert (letter.event.subject, letter.event.version, letter.error) == ("poison", 1, "ValueError")


async def test_positions_run_an_effect_once_and_tell_gaps(mongo: Mongo) -> None:
    positions = Positions(mongo.db, "notices")
    done: list[int] = []

    async def take(version: int) -> Outcome:
        async def effect() -> None:
            done.append(version)

        return await positions.take(event("w1", Source.WISH, version), effect)

    outcomes = [await take(version) for version in (1, 1, 3, 2, 3)]
    assert outcomes == [Outcome.APPLIED, Outcome.OLD, Outcome.GAP, Outcome.APPLIED, Outcome.APPLIED]
    assert done == [1, 2, 3]


async def test_contacts_take_the_newest_and_an_erased_one_stays_erased_from_older(mongo: Mongo) -> None:
    view = View(mongo.db, "contacts")
    await view.open()
    versions = [3, 1, 2]
    random.Random(7).shuffle(versions)
    for version in versions:
        await view.newest("p1", "person", version, {"phone": f"sealed-{version}"})
    assert (await view.rows.find_one({"_id": "p1"}))["person"]["phone"] == "sealed-3"  # type: ignore[index]
    await view.erase("p1", "person")
    assert await view.newest("p1", "person", 2, {"phone": "sealed-2"}) is Outcome.OLD
    assert (await view.rows.find_one({"_id": "p1"}))["person"] == {"version": 3, "erased": True}  # type: ignore[index]


async def test_a_contact_that_was_never_seen_does_not_come_after_its_erasure(mongo: Mongo) -> None:
    """A relay that was frozen may send a contact late, after the tombstone that overtook it."""
    view = View(mongo.db, "contacts")
    await view.open()
    await view.newest("p1", "person", 3, {"phone": "sealed-3"})
    await view.erase("p1", "person", 5)
    assert await view.newest("p1", "person", 4, {"phone": "sealed-4"}) is Outcome.OLD
    await view.erase("p2", "person", 2)
    assert await view.newest("p2", "person", 1, {"phone": "sealed-1"}) is Outcome.OLD
    rows = {row["_id"]: row["person"] async for row in view.rows.find({})}
    assert rows == {"p1": {"version": 5, "erased": True}, "p2": {"version": 2, "erased": True}}


async def test_a_tombstone_takes_the_contact_that_was_not_sent_yet_along(mongo: Mongo) -> None:
    people, when = Aggregates(mongo.db.get_collection("people")), When.now()
    saved = ContactSaved(contact_id="p1", kind=ContactKind.PERSON, phone="v1.k.AAAA")
    other = ContactSaved(contact_id="p2", kind=ContactKind.PERSON)
    assigned = StaffAssigned(person_id="p1", communities=[], by=Actor(role=Role.SYSTEM))
    await people.create("p1", {}, [saved, assigned, other], when=when)
    written = await people.write("p1", {}, Change(events=[Tombstone("p1")]), when=when)
    assert written is not None
    left = [(entry["type"], entry["key"], entry["version"]) for entry in written["outbox"]]
    assert left == [(assigned.type_name(), "p1", 1), (saved.type_name(), "p2", 1), (None, "p1", 2)]
    assert "v1.k.AAAA" not in repr(written)


async def test_a_view_sets_expressions_and_removes_fields(mongo: Mongo) -> None:
    view = View(mongo.db, "wall")
    await view.open()
    await view.apply("w1", "wish", 1, {"a": "$wish.version", "b": 2})
    await view.apply("w1", "wish", 2, {"a": REMOVE, "c": Expression({"$add": ["$wish.b", 1]})})
    assert await view.rows.find_one({"_id": "w1"}) == {"_id": "w1", "wish": {"version": 2, "b": 2, "c": 3}}
