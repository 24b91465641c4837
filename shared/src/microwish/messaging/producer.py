"""A Kafka producer that talks to one incarnation of the broker, and to no other.

The library's producer reconnects and resends by itself. Towards a broker that came back empty that would put a late
event before the first appearance of the earlier ones, which only the journal can bring there (`relay.py`). So each new
connection is asked for the cluster's id before anything goes over it; the library has no hook for that, hence the
wrapping of its connection getter (aiokafka is pinned, and `test_relay_faults.py` fails if it moves).
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar
from weakref import WeakSet

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, NodeNotReadyError
from aiokafka.protocol.metadata import MetadataRequest

from microwish.logs import get_logger

log = get_logger(__name__)

T = TypeVar("T")


class IncarnationChanged(KafkaError):  # type: ignore[misc]  # the library has no types
    """The broker that answers isn't the one this producer was made for. Nothing was sent to it."""

    retriable = False


class BoundProducer(AIOKafkaProducer):  # type: ignore[misc]  # the library has no types
    """An AIOKafkaProducer whose every connection leads to the cluster whose id is `incarnation`."""

    def __init__(self, *, incarnation: str, **options: Any) -> None:
        super().__init__(**options)
        self.incarnation = incarnation
        self._estranged = asyncio.Event()
        self._trusted: WeakSet[Any] = WeakSet()
        self._any_connection = self.client._get_conn
        self._any_send = self.client.send
        self.client._get_conn = self._own_connection
        self.client.send = self._send

    async def start(self) -> None:
        """Connect. Raises: IncarnationChanged, or another KafkaError if the cluster doesn't answer."""
        await self.unless_estranged(self._start())

    async def _start(self) -> None:
        await super().start()
        node = self.client.get_random_node()
        if not await self.client.ready(node):
            raise NodeNotReadyError(f"node {node}")

    async def unless_estranged(self, work: Coroutine[Any, Any, T]) -> T:
        """Await what may wait for connections; given up at the first sign of another incarnation.

        Raises: IncarnationChanged, and what the work raises.
        """
        working, noticing = asyncio.ensure_future(work), asyncio.ensure_future(self._estranged.wait())
        try:
            await asyncio.wait((working, noticing), return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            raise IncarnationChanged(self.incarnation)
        finally:
            working.cancel()
            noticing.cancel()
            await asyncio.gather(working, noticing, return_exceptions=True)

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
                if not self._estranged.is_set():
                    log.warning("kafka_is_another", expected=self.incarnation, found=cluster)
                self._estranged.set()
                connection.close()
                return None
            self._trusted.add(connection)  # asked for again: it may have been replaced while it was asked
        return None

    async def _send(self, node_id: int, request: Any, **options: Any) -> Any:
        """Raises: IncarnationChanged, so that what waits in the library fails instead of being tried again."""
        try:
            return await self._any_send(node_id, request, **options)
        except NodeNotReadyError as error:
            if self._estranged.is_set():
                raise IncarnationChanged(self.incarnation) from error
            raise
