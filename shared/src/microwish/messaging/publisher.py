"""The only producer. `send` returns when every in-sync replica has the record, and reports any failure."""

import asyncio

from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from microwish.events.topics import Topic
from microwish.logs import get_logger
from microwish.messaging.broker import KAFKA_OUTAGES, Broker
from microwish.messaging.producer import BoundProducer, IncarnationChanged
from microwish.messaging.streams import envelope_of
from microwish.messaging.wire import Record, encode, encode_tombstone
from microwish.store.mongo import Document

log = get_logger(__name__)

REQUEST_TIMEOUT_MS = 8000
"""Below the relay's lease, so that a send that hangs is known to have failed while the lease is still held."""


class NotSent(Exception):
    """The record was not acknowledged. It may have arrived all the same; sending it again is safe."""


class Publisher:
    """Sends records with acks=all, each to the incarnation of the broker that it is meant for and to no other.

    Starts its producer when first needed, and makes a new one after a fatal error or for another incarnation.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._producer: BoundProducer | None = None
        self._starting = asyncio.Lock()

    async def send_entry(self, entry: Document, *, incarnation: str) -> RecordMetadata:
        """Publish an outbox or journal entry. Raises: NotSent."""
        topic = self._broker.topic(Topic(entry["topic"]))
        return await self.send(topic, _record(entry), incarnation=incarnation)

    async def send(self, topic: str, record: Record, *, incarnation: str) -> RecordMetadata:
        """Publish a record. Raises: NotSent, also when another incarnation answers by now."""
        try:
            producer = await self._started(incarnation)
            async with asyncio.timeout(REQUEST_TIMEOUT_MS / 1000 + 1):
                sending = producer.send_and_wait(topic, record.value, key=record.key, headers=list(record.headers))
                return await producer.unless_estranged(sending)
        except KAFKA_OUTAGES as error:
            if isinstance(error, IncarnationChanged):
                self._broker.look_now()
            if isinstance(error, KafkaError) and not error.retriable:
                await self.restart()
            raise NotSent(type(error).__name__) from error

    async def restart(self) -> None:
        """Give up the producer; the next send makes a new one."""
        async with self._starting:
            producer, self._producer = self._producer, None
        if producer is not None:
            await _close(producer)

    async def stop(self) -> None:
        """Send what is under way, then close."""
        await self.restart()

    async def _started(self, incarnation: str) -> BoundProducer:
        async with self._starting:
            if self._producer is not None and self._producer.incarnation != incarnation:
                outdated, self._producer = self._producer, None
                await _close(outdated)
            if self._producer is None:
                producer = BoundProducer(
                    incarnation=incarnation,
                    bootstrap_servers=self._broker.settings.bootstrap,
                    acks="all",
                    enable_idempotence=self._broker.settings.idempotence,
                    request_timeout_ms=REQUEST_TIMEOUT_MS,
                    metadata_max_age_ms=5000,
                    max_batch_size=128 * 1024,
                )
                try:
                    async with asyncio.timeout(REQUEST_TIMEOUT_MS / 1000):
                        await producer.start()
                except BaseException:
                    await _close(producer)
                    raise
                self._producer = producer
            return self._producer


async def _close(producer: BoundProducer) -> None:
    try:
        async with asyncio.timeout(5):
            await producer.stop()
    except KAFKA_OUTAGES as error:
        log.info("producer_close_failed", error=type(error).__name__)


def _record(entry: Document) -> Record:
    if entry["type"] is None:
        return encode_tombstone(entry["key"], id=entry["id"], source=entry["source"], version=entry["version"])
    return encode(envelope_of(entry), key=entry["key"])
