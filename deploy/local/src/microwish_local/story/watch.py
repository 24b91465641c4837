"""Sees every event on every topic: a consumer of its own, without a group, on all partitions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from microwish.events import Envelope, Topic
from microwish.messaging.broker import partitions_of
from microwish.messaging.wire import Unreadable, decode

LOOK_BACK = 200
"""How many records before the reported end it starts: the embedded broker's latest offset can lag by a batch."""


@dataclass(frozen=True)
class Sighting:
    """One event where it was seen. `seen_at` is of the monotonic clock, seconds."""

    topic: str
    partition: int
    offset: int
    seen_at: float
    event: Envelope


class EventWatch:
    """Follows all topics of one installation from shortly before it was entered, or from their first record.

    `sightings` holds what it saw so far, in order of arrival; a partition's records keep their order.
    """

    def __init__(self, bootstrap: str, topic_prefix: str = "", *, from_start: bool = False) -> None:
        self.sightings: list[Sighting] = []
        self._bootstrap = bootstrap
        self._names = [topic_prefix + topic.value for topic in Topic]
        self._from_start = from_start
        self._arrived = asyncio.Condition()
        self._reading: asyncio.Task[None] | None = None
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=20,  # the embedded broker doesn't wake a fetch that waits
        )

    async def __aenter__(self) -> Self:
        try:
            await self._consumer.start()
            await self._follow(await self._partitions(seconds=15))
        except BaseException:
            await self._consumer.stop()
            raise
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self._consumer.stop()

    async def until(self, matches: Callable[[Sighting], bool], *, seconds: float) -> Sighting | None:
        """The first sighting that matches, past or to come; None when the time is over."""
        try:
            async with asyncio.timeout(seconds), self._arrived:
                while True:
                    if found := next(filter(matches, self.sightings), None):
                        return found
                    self._check_reading()
                    await self._arrived.wait()
        except TimeoutError:
            return None

    def _check_reading(self) -> None:
        if self._reading is not None and self._reading.done():
            self._reading.result()

    async def _partitions(self, *, seconds: float) -> list[TopicPartition]:
        """Every partition of every topic. Raises: TimeoutError when a topic isn't there."""
        async with asyncio.timeout(seconds):
            while True:
                if found := await partitions_of(self._bootstrap, self._names):
                    return found
                await asyncio.sleep(0.1)

    async def _follow(self, partitions: list[TopicPartition]) -> None:
        self._consumer.assign(partitions)
        first = await self._consumer.beginning_offsets(partitions)
        ends = first if self._from_start else await self._consumer.end_offsets(partitions)
        for partition in partitions:
            self._consumer.seek(partition, max(first[partition], ends[partition] - LOOK_BACK))

    async def _read(self) -> None:
        try:
            while True:
                batches = await self._consumer.getmany(timeout_ms=1000)
                now = time.monotonic()
                seen = [
                    found for records in batches.values() for record in records if (found := _sighting(record, now))
                ]
                if seen:
                    async with self._arrived:
                        self.sightings += seen
                        self._arrived.notify_all()
        finally:
            async with self._arrived:
                self._arrived.notify_all()


def _sighting(record: ConsumerRecord[Any, Any], now: float) -> Sighting | None:
    if record.value is None:
        return None  # a tombstone tells of no event
    try:
        event = decode(record.value, record.headers)
    except Unreadable:
        return None  # not of this project
    return Sighting(record.topic, record.partition, record.offset, now, event)
