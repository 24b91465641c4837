"""MongoDB and Kafka from a Docker engine, by testcontainers; the images are settings."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError
from testcontainers.community.kafka import KafkaContainer
from testcontainers.core.container import DockerContainer

from microwish_local.processes import StartFailed, free_port

MONGO_IMAGE = os.environ.get("MICROWISH_TEST_MONGO_IMAGE", "mongo:7.0")
KAFKA_IMAGE = os.environ.get("MICROWISH_TEST_KAFKA_IMAGE", "confluentinc/cp-kafka:7.9.0")
_DEADLINE_SECONDS = 120


class MongoInContainer:
    """A replica set of one in a container; each start is an empty one."""

    name = "mongod"

    def __init__(self) -> None:
        self.port = free_port()
        self._container: Any = None

    @property
    def uri(self) -> str:
        """The connection string; direct, since the member's own name is known only inside the container."""
        return f"mongodb://127.0.0.1:{self.port}/?directConnection=true"

    async def start(self) -> None:
        """Start the container and form the replica set. Raises StartFailed when it does not become primary."""
        container = DockerContainer(MONGO_IMAGE).with_bind_ports(27017, self.port)
        self._container = container.with_command("mongod --replSet rs0 --bind_ip_all")
        await asyncio.to_thread(self._container.start)
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(self.uri, serverSelectionTimeoutMS=1000)
        members = [{"_id": 0, "host": "127.0.0.1:27017"}]
        try:
            async with asyncio.timeout(_DEADLINE_SECONDS):
                while not await _primary(client, members):
                    await asyncio.sleep(0.2)
        except TimeoutError as error:
            raise StartFailed(f"MongoDB in a container ({MONGO_IMAGE}) did not become primary.") from error
        finally:
            await client.close()

    async def stop(self) -> None:
        """Remove the container."""
        if self._container is not None:
            await asyncio.to_thread(self._container.stop)
            self._container = None

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._container.get_wrapped_container().kill()


async def _primary(client: AsyncMongoClient[dict[str, Any]], members: list[dict[str, Any]]) -> bool:
    try:
        hello = await client.admin.command("hello")
        if not hello.get("isWritablePrimary") and not hello.get("secondary"):
            await client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
        return bool(hello.get("isWritablePrimary"))
    except PyMongoError:
        return False


class KafkaInContainer:
    """One KRaft node in a container, on one port for its whole life; each start is an empty broker."""

    name = "broker"
    idempotence = True
    fetch_wait_ms = 500

    def __init__(self) -> None:
        self.port = free_port()
        self._container: Any = None

    @property
    def bootstrap(self) -> str:
        """Host and port for clients."""
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start the container and wait until Kafka answers."""
        cluster = os.urandom(16).hex()[:22]
        container = KafkaContainer(KAFKA_IMAGE).with_kraft().with_cluster_id(cluster)
        self._container = container.with_bind_ports(container.port, self.port)
        await asyncio.to_thread(self._container.start, _DEADLINE_SECONDS)

    async def stop(self) -> None:
        """Remove the container."""
        if self._container is not None:
            await asyncio.to_thread(self._container.stop)
            self._container = None

    async def restart_empty(self) -> None:
        """A new broker on the same address, under another cluster id."""
        await self.stop()
        await self.start()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._container.get_wrapped_container().kill()
