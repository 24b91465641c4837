"""From Kafka into views and reactions: each stream in order, once in effect, nothing skipped.

Records of one partition are handled side by side where their keys differ, one after the other where they agree.
Offsets are committed after the writes. What the gate calls a gap is parked and applied when its predecessor comes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from aiokafka.structs import ConsumerRecord

from microwish.events.base import Envelope, Source
from microwish.events.topics import Topic
from microwish.logs import get_logger
from microwish.messaging.broker import KAFKA_OUTAGES, Broker
from microwish.messaging.dead_letters import DeadLetters, Whence
from microwish.messaging.failures import USUAL_RETRIES, Retries, dead_letter, describe
from microwish.messaging.incarnation import Incarnations
from microwish.messaging.publisher import NotSent, Publisher
from microwish.messaging.streams import Outcome, Parking
from microwish.messaging.wire import Record, decode, header
from microwish.store.mongo import is_outage
from microwish.store.refusals import Busy
from microwish.telemetry import counter, span_from
from microwish.when import Clock, system_clock

log = get_logger(__name__)

Handler = Callable[[Envelope], Awaitable[Outcome]]
"""Applies one event. An exception is retried and then dead-lettered; an outage of the store waits."""

Raw: TypeAlias = ConsumerRecord  # key and value are bytes or None

DROPPED = "microwish.Dropped.v1"
"""A type that no release knows, so that any handler takes its version and does nothing else."""

SIDE_BY_SIDE = 32
POLL_MS = 200

_handled = counter("consumer_handled", "Events by what became of them", ("group", "outcome"))


@dataclass(frozen=True)
class Subscription:
    """Who listens to what. Sources without a handler are skipped by their header, unparsed.

    on_tombstone: erases the contact of this id, as of this version. never_dead_letter: drop what fails instead
    (sign-in codes).
    """

    group: str
    topics: tuple[Topic, ...]
    handlers: Mapping[Source, Handler]
    on_tombstone: Callable[[str, int], Awaitable[None]] | None = None
    never_dead_letter: bool = False


class Consumer:
    """Runs one subscription in this process."""

    def __init__(
        self,
        group: str,
        subscription: Subscription,
        broker: Broker,
        publisher: Publisher,
        incarnations: Incarnations,
        parking: Parking,
        *,
        dead_letters: DeadLetters | None = None,
        retries: Retries = USUAL_RETRIES,
        clock: Clock = system_clock,
    ) -> None:
        self.group = group
        self._subscription = subscription
        self._broker = broker
        self._publisher = publisher
        self._incarnations = incarnations
        self._parking = parking
        self._dead_letters = dead_letters
        self._retries = retries
        self._clock = clock
        self._maybe_parked = True
        self.running = False
        broker.expect_group(group)

    async def run(self) -> None:
        """Consume until cancelled; after an outage or a change of the broker's incarnation with a new connection."""
        while True:
            incarnation = await self._broker.known()
            kafka = self._connection()
            try:
                await kafka.start()
                kafka.subscribe(
                    [self._broker.topic(topic) for topic in self._subscription.topics],
                    listener=_StartOver(self, kafka, incarnation),
                )
                self.running = True
                await self._consume(kafka, incarnation)
            except KAFKA_OUTAGES as error:
                log.warning("consumer_reconnects", group=self.group, error=type(error).__name__)
                await asyncio.sleep(0.5)
            finally:
                self.running = False
                await _close(kafka)

    def _connection(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            bootstrap_servers=self._broker.settings.bootstrap,
            group_id=self.group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=self._broker.settings.fetch_wait_ms,
            metadata_max_age_ms=5000,
            session_timeout_ms=10000,
            heartbeat_interval_ms=1000,
            request_timeout_ms=15000,
        )

    async def _consume(self, kafka: AIOKafkaConsumer, incarnation: str) -> None:
        while self._broker.incarnation == incarnation:
            batches = await kafka.getmany(timeout_ms=POLL_MS, max_records=500)
            if not batches:
                continue
            await asyncio.gather(*(self._partition(records) for records in batches.values()))
            try:
                await kafka.commit({tp: records[-1].offset + 1 for tp, records in batches.items()})
            except (CommitFailedError, IllegalStateError):
                log.info("consumer_rebalanced", group=self.group)  # somebody else repeats these, unseen
        log.warning("consumer_starts_over", group=self.group)

    async def begin(self, kafka: AIOKafkaConsumer, assigned: set[TopicPartition], incarnation: str) -> None:
        """See to each partition given to this process: one last read from another incarnation starts over."""
        self._maybe_parked = True
        keys = {tp: f"{self.group}:{tp.topic}:{tp.partition}" for tp in assigned}
        read_from = await self._incarnations.all_of(list(keys.values()))
        stale = [tp for tp, key in keys.items() if read_from.get(key, incarnation) != incarnation]
        if stale:
            await kafka.seek_to_beginning(*stale)
            await kafka.commit(dict.fromkeys(stale, 0))
        for key in keys.values():
            if read_from.get(key) != incarnation:
                await self._incarnations.done(key, incarnation)

    async def _partition(self, records: Sequence[Raw]) -> None:
        by_key: dict[bytes | None, list[Raw]] = {}
        for record in records:
            by_key.setdefault(record.key, []).append(record)
        limit = asyncio.Semaphore(SIDE_BY_SIDE)
        await asyncio.gather(*(self._in_order(group, limit) for group in by_key.values()))

    async def _in_order(self, records: Sequence[Raw], limit: asyncio.Semaphore) -> None:
        async with limit:
            for record in records:
                await self._record(record)

    async def _record(self, record: Raw) -> None:
        failure: BaseException | None = None
        async for _ in self._retries.tries():
            try:
                outcome = await self._through_outages(lambda: self._handle(record))
            except Exception as error:  # noqa: BLE001  anything a handler raises gets one of the three endings
                failure = error
                log.warning("event_failed", group=self.group, error=describe(error), offset=record.offset)
                continue
            _handled.labels(self.group, outcome).inc()
            return
        assert failure is not None
        await self._bury(record, failure)

    async def _handle(self, record: Raw | Record) -> str:
        if record.value is None:
            if self._subscription.on_tombstone is None or record.key is None:
                return "skipped"
            version = int(header(record.headers, "ce_aggregateversion") or 0)
            await self._subscription.on_tombstone(record.key.decode(), version)
            return "erased"
        if (source := header(record.headers, "ce_source")) is not None and source not in self._subscription.handlers:
            return "skipped"
        event = decode(record.value, record.headers)
        handler = self._subscription.handlers.get(Source(event.source))
        if handler is None:
            return "skipped"
        with span_from(event.traceparent, f"{self.group} {event.type}"):
            return await self.gated(handler, event)

    async def replay(self, record: Record) -> str:
        """Handle a dead letter of this group, and what waited for it; what became of it. Raises: what failed."""
        return await self._handle(record)

    async def pass_over(self, event: Envelope) -> str:
        """Give up an event that can't be processed: its stream goes on as if it had said nothing."""
        handler = self._subscription.handlers.get(Source(event.source))
        return await self.gated(handler, replace(event, type=DROPPED, data={})) if handler else "skipped"

    async def gated(self, handler: Handler, event: Envelope) -> str:
        """Hand an event to its handler; park it if it came early, and apply what waited for it."""
        outcome = await handler(event)
        if outcome is Outcome.GAP:
            await self._parking.park(event, now=self._clock())
            self._maybe_parked = True
        # Looked for also after parking: the predecessor may have been applied elsewhere a moment ago.
        if self._maybe_parked:
            await self._unpark(handler, event.stream)
        return outcome.value

    async def _unpark(self, handler: Handler, stream: tuple[str, str]) -> None:
        while (event := await self._parking.waiting(stream)) is not None:
            if await handler(event) is Outcome.GAP:
                return
            await self._parking.leave(event)
        self._maybe_parked = await self._parking.count() > 0

    async def _through_outages(self, attempt: Callable[[], Awaitable[str]]) -> str:
        while True:
            try:
                return await attempt()
            except Exception as error:  # told apart right here, everything else is raised again
                if not (is_outage(error) or isinstance(error, Busy)):
                    raise
                log.warning("store_waits", group=self.group, error=type(error).__name__)
                await asyncio.sleep(0.5)

    async def _bury(self, record: Raw, error: BaseException) -> None:
        _handled.labels(self.group, "dead").inc()
        log.error("event_dead", group=self.group, error=describe(error), topic=record.topic, offset=record.offset)
        if self._subscription.never_dead_letter:
            return
        try:
            await self._through_outages(lambda: self._keep(record, error))
        except Exception as fault:  # noqa: BLE001  what the store can't hold is on the topic all the same
            log.error("dead_letter_not_kept", group=self.group, error=type(fault).__name__)
        letter = dead_letter(
            record.key,
            record.value,
            record.headers,
            error=error,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            group=self.group,
        )
        while True:
            try:
                incarnation = await self._broker.known()
                await self._publisher.send(self._broker.dead_letters(self.group), letter, incarnation=incarnation)
                return
            except NotSent as failure:
                log.warning("dead_letter_waits", group=self.group, cause=str(failure))
                await asyncio.sleep(0.5)

    async def _keep(self, record: Raw, error: BaseException) -> str:
        if self._dead_letters is not None:
            whence = Whence(self.group, record.topic, record.partition, record.offset)
            kept = Record(record.key or b"", record.value, record.headers)
            await self._dead_letters.keep(kept, whence, error, now=self._clock())
        return "kept"


class _StartOver(ConsumerRebalanceListener):  # type: ignore[misc]  # the library has no types
    """Passes assignments on to the consumer, before it fetches from them."""

    def __init__(self, consumer: Consumer, kafka: AIOKafkaConsumer, incarnation: str) -> None:
        self._consumer, self._kafka, self._incarnation = consumer, kafka, incarnation

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Nothing is held between batches."""

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Start over where the incarnation changed."""
        await self._consumer.begin(self._kafka, assigned, self._incarnation)


async def _close(kafka: AIOKafkaConsumer) -> None:
    try:
        async with asyncio.timeout(10):
            await kafka.stop()
    except (*KAFKA_OUTAGES, KafkaError) as error:
        log.info("consumer_close_failed", error=type(error).__name__)
