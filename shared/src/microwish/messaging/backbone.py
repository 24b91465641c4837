"""All of a service's messaging in one object: the broker, the relay and the consumers, started and stopped together."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from microwish.logs import get_logger
from microwish.messaging.broker import Broker, BrokerSettings
from microwish.messaging.consumer import Consumer, Subscription
from microwish.messaging.dead_letters import DeadLetters
from microwish.messaging.incarnation import Incarnations
from microwish.messaging.journal import Journal
from microwish.messaging.publisher import Publisher
from microwish.messaging.relay import Relay, RelaySettings
from microwish.messaging.streams import Parking
from microwish.settings import ServiceSettings
from microwish.store.lease import Lease
from microwish.store.mongo import Collection, Mongo

log = get_logger(__name__)

RESTART_SECONDS = 1.0


class Backbone:
    """Wires outbox → Kafka → handlers for one process. Kafka may be away at any time: the outbox holds."""

    def __init__(self, settings: ServiceSettings, mongo: Mongo, *, service: str) -> None:
        self._service = service
        self._mongo = mongo
        self._settings = settings
        self.broker = Broker(broker_settings(settings))
        self.publisher = Publisher(self.broker)
        self.journal = Journal(mongo.db)
        self.incarnations = Incarnations(mongo.db)
        self.dead_letters = DeadLetters(mongo.db)
        self._collections: list[Collection] = []
        self._relay: Relay | None = None
        self.consumers: list[Consumer] = []
        self.parking: list[Parking] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._failing: set[str] = set()

    def serve_outbox(self, *collections: Collection) -> None:
        """Have the relay publish what these collections' documents announce."""
        self._collections += collections

    def subscribe(self, subscription: Subscription) -> None:
        """Have this process take part in a consumer group."""
        consumer = self.consumer_of(subscription)
        self.parking.append(Parking(self._mongo.db, consumer.group))
        self.consumers.append(consumer)

    def consumer_of(self, subscription: Subscription) -> Consumer:
        """A consumer that doesn't run here: for handling single records of its group, such as dead letters."""
        group = f"{self._settings.kafka_topic_prefix}{self._service}.{subscription.group}"
        parking = Parking(self._mongo.db, group)
        return Consumer(
            group,
            subscription,
            self.broker,
            self.publisher,
            self.incarnations,
            parking,
            dead_letters=self.dead_letters,
        )

    def lease(self) -> Lease | None:
        """What a write that has something to send takes along for the relay of this process, if one is at work."""
        return None if self._relay is None else self._relay.lease()

    def wake(self, collection: Collection, id: str, lease: Lease | None = None) -> None:
        """Tell the relay that a document has something to send; without a running relay another process polls it."""
        if self._relay is not None:
            self._relay.wake(collection, id, lease)

    async def start(self, *, consume: bool = True) -> None:
        """See to the indexes, then connect in the background."""
        await self.journal.ensure_indexes()
        await Parking(self._mongo.db, "").ensure_indexes()
        await self.dead_letters.ensure_indexes()
        self._relay = Relay(
            self._service,
            self._collections,
            self.journal,
            self.publisher,
            self.broker,
            self.incarnations,
            RelaySettings(self._settings.relay_lease_seconds, self._settings.relay_poll_seconds),
        )
        self._spawn("broker", self.broker.run)
        self._spawn("relay", self._relay.run)
        if consume:
            for consumer in self.consumers:
                self._spawn(consumer.group, consumer.run)

    async def stop(self) -> None:
        """End the consumers, the relay and the watch; what was written but not sent stays in the outbox."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        if self._relay is not None:
            relay, self._relay = self._relay, None
            await relay.let_go()
        await self.publisher.stop()

    def health(self) -> str:
        """`ok`, or `degraded` while Kafka is away or a part of this keeps failing."""
        return "ok" if self.broker.reachable and not self._failing else "degraded"

    def _spawn(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._tasks.append(asyncio.create_task(self._keep_running(name, work), name=name))

    async def _keep_running(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Start it again when it ends by an error nobody expected: a fault must show, but not stop the rest."""
        while True:
            try:
                await work()
            except Exception as error:
                log.error("part_failed", part=name, exc_info=error)
            self._failing.add(name)
            await asyncio.sleep(RESTART_SECONDS)
            self._failing.discard(name)


def broker_settings(settings: ServiceSettings) -> BrokerSettings:
    """The part of a service's settings that is about Kafka."""
    return BrokerSettings(
        bootstrap=settings.kafka_bootstrap,
        idempotence=settings.kafka_idempotence,
        fetch_wait_ms=settings.kafka_fetch_wait_ms,
        topic_prefix=settings.kafka_topic_prefix,
        partitions=settings.kafka_partitions,
        replication=settings.kafka_replication,
        create_topics=settings.kafka_create_topics,
        poll_seconds=settings.incarnation_poll_seconds,
    )
