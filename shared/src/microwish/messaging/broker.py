"""The Kafka cluster as this process sees it: its topics, and which incarnation of it is running.

A broker that keeps nothing on disk comes back empty under a new cluster id. Whoever publishes then republishes from
the journal first, and whoever consumes starts at the first offset (`relay.py`, `consumer.py`).
"""

import asyncio
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from microwish.events.topics import DEAD_LETTER_CONFIG, POLICIES, Topic, dead_letter_topic
from microwish.logs import get_logger

log = get_logger(__name__)

KAFKA_OUTAGES = (KafkaError, OSError, asyncio.TimeoutError)


@dataclass(frozen=True)
class BrokerSettings:
    """How to reach Kafka and how topics are made there.

    fetch_wait_ms: how long the broker may hold an empty fetch. topic_prefix: lets installations share one broker.
    """

    bootstrap: str
    idempotence: bool = True
    fetch_wait_ms: int = 500
    topic_prefix: str = ""
    partitions: int = 6
    replication: int = 1
    create_topics: bool = True
    poll_seconds: float = 1.0


class Broker:
    """Watches the cluster id, and makes the topics of a new incarnation before anybody hears of it.

    `incarnation` is None until the cluster has answered once; while it is away the last known one stays.
    """

    def __init__(self, settings: BrokerSettings) -> None:
        self.settings = settings
        self.incarnation: str | None = None
        self.reachable = False
        self._groups: set[str] = set()
        self._known = asyncio.Event()
        self._look_now = asyncio.Event()
        self._admin: AIOKafkaAdminClient | None = None

    def topic(self, topic: Topic) -> str:
        """The physical name."""
        return self.settings.topic_prefix + topic.value

    def dead_letters(self, group: str) -> str:
        """The physical name of a group's dead-letter topic."""
        return dead_letter_topic(group)

    def expect_group(self, group: str) -> None:
        """Have the dead-letter topic of this group made with the others."""
        self._groups.add(group)

    async def known(self) -> str:
        """Wait until the cluster has answered for the first time; its incarnation."""
        await self._known.wait()
        assert self.incarnation is not None
        return self.incarnation

    def look_now(self) -> None:
        """Somebody met another incarnation than the known one: don't wait for the next turn."""
        self._look_now.set()

    async def run(self) -> None:
        """Watch until cancelled."""
        try:
            while True:
                self._look_now.clear()
                await self._look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.settings.poll_seconds):
                        await self._look_now.wait()
        finally:
            await self._disconnect()

    async def _look(self) -> None:
        try:
            async with asyncio.timeout(10):
                admin = await self._connected()
                incarnation = (await admin.describe_cluster())["cluster_id"]
                if incarnation != self.incarnation:
                    await self._create_topics(admin)
        except KAFKA_OUTAGES as error:
            if self.reachable or self.incarnation is None:
                log.warning("kafka_unreachable", error=type(error).__name__)
            self.reachable = False
            await self._disconnect()
            return
        if self.incarnation not in (None, incarnation):
            log.warning("kafka_incarnation_changed", was=self.incarnation, now=incarnation)
        self.reachable, self.incarnation = True, incarnation
        self._known.set()

    async def _connected(self) -> AIOKafkaAdminClient:
        if self._admin is None:
            # Kept before it is started, so that a start that fails or is cancelled is closed like any other.
            self._admin = AIOKafkaAdminClient(bootstrap_servers=self.settings.bootstrap, request_timeout_ms=5000)
            await self._admin.start()
        return self._admin

    async def _disconnect(self) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
            try:
                await admin.close()
            except KAFKA_OUTAGES as error:
                log.info("kafka_admin_close_failed", error=type(error).__name__)

    async def _create_topics(self, admin: AIOKafkaAdminClient) -> None:
        if not self.settings.create_topics:
            return
        await self._create(admin, [(self.topic(topic), policy.config) for topic, policy in POLICIES.items()])
        await self._create(admin, [(self.dead_letters(group), DEAD_LETTER_CONFIG) for group in sorted(self._groups)])

    async def _create(self, admin: AIOKafkaAdminClient, topics: Iterable[tuple[str, dict[str, str]]]) -> None:
        existing = set(await admin.list_topics())
        missing = [(name, config) for name, config in topics if name not in existing]
        if not missing:
            return
        partitions, replication = self.settings.partitions, self.settings.replication
        response = await admin.create_topics(
            [NewTopic(name, partitions, replication, topic_configs=config) for name, config in missing]
        )
        for answer in response.topic_errors:
            error = for_code(answer[1])
            if answer[1] and error is not TopicAlreadyExistsError:
                raise error(f"topic {answer[0]}")


async def partitions_of(bootstrap: str, topics: Collection[str]) -> list[TopicPartition]:
    """Every partition of these topics, for a reader without a group; empty as long as one of them isn't there.

    Asked of the cluster itself: a consumer's own metadata tells only of topics that it already follows.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        described = await admin.describe_topics(list(topics))
    finally:
        await admin.close()
    found = [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in described
        if not topic["error_code"]
        for partition in topic["partitions"]
    ]
    return found if {partition.topic for partition in found} == set(topics) else []
