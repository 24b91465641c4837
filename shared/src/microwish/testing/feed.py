"""Speaks for the services that a test doesn't start: publishes their events, and sees what the tested one published."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from microwish.events.base import Envelope, Event
from microwish.events.topics import Topic
from microwish.ids import uuid7
from microwish.messaging.broker import Broker, BrokerSettings, partitions_of
from microwish.messaging.wire import decode, encode, encode_tombstone
from microwish.testing.waiting import eventually
from microwish.when import system_clock


class Feed:
    """A producer and a reader of all topics of one installation (one topic prefix) on a shared broker.

    `seen` holds every event so far, topic by topic in order of arrival; `tombstones` the ids of erased contacts.
    """

    def __init__(self, bootstrap: str, topic_prefix: str, *, fetch_wait_ms: int = 20) -> None:
        settings = BrokerSettings(
            bootstrap, idempotence=False, fetch_wait_ms=fetch_wait_ms, topic_prefix=topic_prefix, poll_seconds=0.2
        )
        self.broker = Broker(settings)
        self.seen: list[tuple[Topic, Envelope]] = []
        self.tombstones: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=False)
        self._reader = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=fetch_wait_ms
        )

    async def __aenter__(self) -> Self:
        self._tasks.append(asyncio.create_task(self.broker.run()))
        await self.broker.known()
        await self._producer.start()
        await self._reader.start()
        await self._follow_all_partitions()
        self._tasks.append(asyncio.create_task(self._read()))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._reader.stop()
        await self._producer.stop()

    async def publish(
        self,
        event: Event,
        *,
        version: int,
        time: datetime | None = None,
        id: str | None = None,
        recorded_at: datetime | None = None,
    ) -> Envelope:
        """Publish an event as its owner would; its envelope."""
        envelope = Envelope.of(
            event, id=id or uuid7(), version=version, time=time or system_clock(), recorded_at=recorded_at
        )
        await self.publish_again(event.topic, envelope)
        return envelope

    async def publish_again(self, topic: Topic, envelope: Envelope) -> None:
        """Publish an envelope as it is: a repetition, a late one, one of an unknown type."""
        record = encode(envelope, key=envelope.subject)
        await self._producer.send_and_wait(
            self.broker.topic(topic), record.value, key=record.key, headers=list(record.headers)
        )

    async def erase_contact(self, contact_id: str, *, source: str, version: int = 1) -> None:
        """Publish a tombstone."""
        record = encode_tombstone(contact_id, id=uuid7(), source=source, version=version)
        topic = self.broker.topic(Topic.CONTACT)
        await self._producer.send_and_wait(topic, None, key=record.key, headers=list(record.headers))

    async def wait_for(self, topic: Topic, matches: Callable[[Envelope], bool], *, seconds: float = 30.0) -> Envelope:
        """The first event on the topic that matches, now or within the time."""

        def first() -> Envelope | None:
            return next(iter(self.events(topic, matches)), None)

        return await eventually(first, seconds=seconds)

    def events(self, topic: Topic, matches: Callable[[Envelope], bool] = lambda _: True) -> list[Envelope]:
        """What was seen on the topic so far."""
        return [envelope for seen_on, envelope in self.seen if seen_on is topic and matches(envelope)]

    async def _follow_all_partitions(self) -> None:
        names = [self.broker.topic(topic) for topic in Topic]

        self._reader.assign(await eventually(lambda: partitions_of(self.broker.settings.bootstrap, names)))

    async def _read(self) -> None:
        prefix = len(self.broker.settings.topic_prefix)
        while True:
            batches = await self._reader.getmany(timeout_ms=100)
            for partition, records in batches.items():
                topic = Topic(partition.topic[prefix:])
                for record in records:
                    if record.value is None:
                        self.tombstones.append((record.key or b"").decode())
                    else:
                        self.seen.append((topic, decode(record.value, record.headers)))
