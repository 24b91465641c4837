"""A Kafka producer that talks to one incarnation of the broker, and to no other.

The library's producer reconnects and resends by itself. Towards a broker that came back empty that would put a late
event before the first appearance of the earlier ones, which only the journal can bring there (`relay.py`). So each new
connection is asked for the cluster's id before anything goes over it; the library has no hook for that, hence the
wrapping of its connection getter (aiokafka is pinned, and `test_producer.py` fails if the getter moves).
"""

from typing import Any
from weakref import WeakSet

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, NodeNotReadyError
from aiokafka.protocol.metadata import MetadataRequest

from microwish.logs import get_logger

log = get_logger(__name__)


class IncarnationChanged(KafkaError):  # type: ignore[misc]  # the library has no types
    """The broker that answers isn't the one this producer was made for. Nothing was sent to it."""

    retriable = False


class BoundProducer(AIOKafkaProducer):  # type: ignore[misc]  # the library has no types
    """An AIOKafkaProducer whose every connection leads to the cluster whose id is `incarnation`."""

    def __init__(self, *, incarnation: str, **options: Any) -> None:
        super().__init__(**options)
        self.incarnation = incarnation
        self.estranged = False
        self._trusted: WeakSet[Any] = WeakSet()
        self._any_connection = self.client._get_conn
        self._any_send = self.client.send
        self.client._get_conn = self._own_connection
        self.client.send = self._send

    async def start(self) -> None:
        """Connect. Raises: IncarnationChanged, or another KafkaError if the cluster doesn't answer."""
        await super().start()
        node = self.client.get_random_node()
        if not await self.client.ready(node):
            raise IncarnationChanged(self.incarnation) if self.estranged else NodeNotReadyError(f"node {node}")

    async def _own_connection(self, node_id: int, **options: Any) -> Any:
        """The connection to a node, or None where the library gives None: no usable connection now."""
        while (connection := await self._any_connection(node_id, **options)) is not None:
            if connection in self._trusted:
                return connection
            try:
                cluster = (await connection.send(MetadataRequest([]))).cluster_id
            except (TimeoutError, KafkaError, OSError) as error:
                log.info("kafka_connection_lost", error=type(error).__name__)
                connection.close()
                return None
            if cluster != self.incarnation:
                if not self.estranged:
                    log.warning("kafka_is_another", expected=self.incarnation, found=cluster)
                self.estranged = True
                connection.close()
                return None
            self._trusted.add(connection)  # asked for again: it may have been replaced while it was asked
        return None

    async def _send(self, node_id: int, request: Any, **options: Any) -> Any:
        """Raises: IncarnationChanged, so that what waits to be sent fails instead of being tried again."""
        try:
            return await self._any_send(node_id, request, **options)
        except NodeNotReadyError as error:
            if self.estranged:
                raise IncarnationChanged(self.incarnation) from error
            raise
