"""A little owner of its own: a collection of aggregates with a relay, and a view, on the real servers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from microwish.events.base import Actor, Category, Community, Envelope, Role, Source
from microwish.events.topics import Topic
from microwish.events.wish import WishPosted, WishSubmitted
from microwish.messaging.backbone import Backbone
from microwish.messaging.consumer import Subscription
from microwish.messaging.streams import Outcome
from microwish.settings import ServiceSettings
from microwish.store.aggregate import Aggregates
from microwish.store.mongo import Collection, Mongo
from microwish.store.views import View
from microwish.testing.feed import Feed

KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="


class Owner:
    """One replica of a service that owns wishes and shows them on a wall."""

    def __init__(self, settings: ServiceSettings, *, name: str = "owner") -> None:
        self.mongo = Mongo(settings.mongo_uri, settings.mongo_database)
        self.backbone = Backbone(settings, self.mongo, service=name)
        self.wishes = Aggregates(self.mongo.db.get_collection("wishes"), relay=self.backbone)
        self.wall = View(self.mongo.db, "wall")
        self.backbone.serve_outbox(self.wishes.collection)
        self.applied: list[Envelope] = []

    async def start(self, *, consume: bool = True) -> "Owner":
        await self.wishes.ensure_indexes()
        await self.wall.open()
        group = f"wall.g{self.wall.generation}"
        handlers = {Source.WISH: self.show, Source.CLAIMS: self.show_claims}
        self.backbone.subscribe(Subscription(group, (Topic.WISH, Topic.ADOPTION), handlers))
        await self.backbone.start(consume=consume)
        return self

    async def show(self, event: Envelope) -> Outcome:
        outcome = await self.wall.apply(event.subject, "wish", event.version, {"last": event.id, **event.data})
        if outcome is Outcome.APPLIED:
            self.applied.append(event)
        return outcome

    async def show_claims(self, event: Envelope) -> Outcome:
        return await self.wall.apply(event.subject, "claims", event.version, {"last": event.id, **event.data})

    async def stop(self) -> None:
        await self.backbone.stop()
        self.mongo.close()

    async def rows(self) -> dict[str, dict[str, Any]]:
        return {row["_id"]: row async for row in self.wall.rows.find({})}


@pytest.fixture
def settings(
    mongo_uri: str, kafka_bootstrap: str, kafka_idempotence: bool, kafka_fetch_wait_ms: int, unique: str
) -> ServiceSettings:
    return settings_for(
        mongo_uri=mongo_uri,
        kafka_bootstrap=kafka_bootstrap,
        kafka_idempotence=kafka_idempotence,
        kafka_fetch_wait_ms=kafka_fetch_wait_ms,
        mongo_database=unique,
        kafka_topic_prefix=f"{unique}.",
    )


def settings_for(**given: Any) -> ServiceSettings:
    usual = {"sealing_keys": f"k1:{KEY}", "blind_key": KEY, "incarnation_poll_seconds": 0.2, "relay_poll_seconds": 0.2}
    return ServiceSettings(**(usual | given))


OwnerFactory = Callable[..., Awaitable[Owner]]


@pytest.fixture
async def owner(settings: ServiceSettings) -> AsyncIterator[OwnerFactory]:
    """Makes started owners; several are replicas of one another. `given` changes settings."""
    made: list[Owner] = []

    async def make(*, consume: bool = True, start: bool = True, **given: Any) -> Owner:
        one = Owner(settings.model_copy(update=given))
        made.append(one)
        return await one.start(consume=consume) if start else one

    yield make
    await asyncio.gather(*(one.stop() for one in made))


@pytest.fixture
async def collection(mongo_uri: str, unique: str) -> AsyncIterator[Collection]:
    mongo = Mongo(mongo_uri, unique)
    yield mongo.db.get_collection("things")
    mongo.close()


@pytest.fixture
async def feed(settings: ServiceSettings) -> AsyncIterator[Feed]:
    async with Feed(settings.kafka_bootstrap, settings.kafka_topic_prefix) as feed:
        yield feed


BY = Actor(role=Role.STAFF)


@pytest.fixture
def submitted() -> Callable[[str], WishSubmitted]:
    def make(wish_id: str) -> WishSubmitted:
        return WishSubmitted(wish_id=wish_id, community="310117001001", by=BY, category=Category.GOODS)

    return make


@pytest.fixture
def posted() -> Callable[..., WishPosted]:
    def make(wish_id: str, title: str = "一台收音机") -> WishPosted:
        return WishPosted(
            wish_id=wish_id,
            community="310117001001",
            by=BY,
            place=Community(code="310117001001", name="龙潭社区"),
            category=Category.GOODS,
            title=title,
            detail="想听越剧",
            slots=1,
        )

    return make
