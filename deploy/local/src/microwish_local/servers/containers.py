"""MongoDB and Kafka from a Docker engine on this machine, by testcontainers.

The images are settings: MICROWISH_TEST_MONGO_IMAGE, with the conventions of the official `mongo` image, and
MICROWISH_TEST_KAFKA_IMAGE, with those of `apache/kafka`; by default those of docker-compose.yml. Testcontainers runs a
container of its own that removes the others when the tests die; TESTCONTAINERS_RYUK_DISABLED=true does without it
where its image can't be had.
"""

from __future__ import annotations

import asyncio
import base64
import os
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import docker
import requests
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError
from testcontainers.core.container import DockerContainer

from microwish_local.processes import StartFailed, free_port
from microwish_local.servers.kafka_probe import cluster_at

MONGO_IMAGE = os.environ.get("MICROWISH_TEST_MONGO_IMAGE", "mongo:7.0")
KAFKA_IMAGE = os.environ.get("MICROWISH_TEST_KAFKA_IMAGE", "apache/kafka:4.1.1")
REPLICA_SET = "rs0"
_DEADLINE_SECONDS = 180.0
_NO_CONTAINER = (docker.errors.DockerException, requests.exceptions.RequestException)


class _InContainer:
    """A server on one port of 127.0.0.1 for its whole life, and on the same port inside its container.

    So the address that it tells its clients is right for them and for itself. Stopping it removes its data.
    """

    name = "server"

    def __init__(self, image: str) -> None:
        self.port = free_port()
        self._image = image
        self._container: Any = None

    async def stop(self) -> None:
        """Remove the container with its data."""
        container, self._container = self._container, None
        if container is not None:
            await asyncio.to_thread(container.stop)

    def kill(self) -> None:
        """End it at once, as a crash would; its data stays for the next start."""
        self._container.get_wrapped_container().kill()

    async def _run(self, container: Any) -> None:
        """Start this container, or the killed one again. Raises StartFailed when the engine can't."""
        try:
            if self._container is not None:
                await asyncio.to_thread(self._container.get_wrapped_container().start)
                return
            container.ports[str(self.port)] = ("127.0.0.1", self.port)  # with_bind_ports opens it to every network
            self._container = container
            await asyncio.to_thread(container.start)
        except _NO_CONTAINER as error:
            raise StartFailed(f"No container of {self._image} for the {self.name}: {error}") from error

    async def _until(self, ready: Callable[[], Awaitable[bool]]) -> None:
        """Wait until `ready` says so. Raises StartFailed with the end of its log when it ends or is late."""
        try:
            async with asyncio.timeout(_DEADLINE_SECONDS):
                while not await ready():
                    await asyncio.to_thread(self._check_running)
                    await asyncio.sleep(0.2)
        except TimeoutError as error:
            late = f"{self.name} ({self._image}) did not become ready within {_DEADLINE_SECONDS:.0f} s."
            raise StartFailed(f"{late}\n{self._log_tail()}") from error

    def _check_running(self) -> None:
        container = self._container.get_wrapped_container()
        container.reload()
        if container.status == "exited":
            raise StartFailed(f"{self.name} ({self._image}) ended while starting.\n{self._log_tail()}")

    def _log_tail(self) -> str:
        return str(self._container.get_wrapped_container().logs(tail=8).decode(errors="replace"))


class MongoInContainer(_InContainer):
    """A replica set of one in a container."""

    name = "mongod"

    def __init__(self) -> None:
        super().__init__(MONGO_IMAGE)

    @property
    def uri(self) -> str:
        """The connection string of the replica set."""
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet={REPLICA_SET}"

    async def start(self) -> None:
        """Start it and wait until it is primary. Raises StartFailed with the reason."""
        options = ("--replSet", REPLICA_SET, "--bind_ip_all", "--port", str(self.port))
        command = ["mongod", *options, "--wiredTigerCacheSizeGB", "0.5"]
        await self._run(DockerContainer(self._image).with_command(command))
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            "127.0.0.1", self.port, directConnection=True, serverSelectionTimeoutMS=1000
        )
        try:
            await self._until(lambda: self._primary(client))
        finally:
            await client.close()

    async def _primary(self, client: AsyncMongoClient[dict[str, Any]]) -> bool:
        """One look at the server; forms the replica set when that is what it waits for."""
        try:
            hello = await client.admin.command("hello")
            if not hello.get("isWritablePrimary") and not hello.get("setName"):
                members = [{"_id": 0, "host": f"127.0.0.1:{self.port}"}]
                await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
            return bool(hello.get("isWritablePrimary"))
        except PyMongoError:
            return False


class KafkaInContainer(_InContainer):
    """One KRaft node in a container."""

    name = "broker"
    idempotence = True
    fetch_wait_ms = 500

    def __init__(self) -> None:
        super().__init__(KAFKA_IMAGE)
        self._cluster = ""

    @property
    def bootstrap(self) -> str:
        """Host and port for clients."""
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and wait until it answers. Raises StartFailed with the reason."""
        if self._container is None:
            self._cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
        await self._run(DockerContainer(self._image, env=self._environment()))
        await self._until(self._answers)

    async def restart_empty(self) -> None:
        """A new broker on the same address, under another cluster id."""
        await self.stop()
        await self.start()

    async def _answers(self) -> bool:
        return await cluster_at(self.port) == self._cluster

    def _environment(self) -> dict[str, str]:
        """server.properties by the image's rule: KAFKA_, and _ for each dot."""
        controller = 9093 if self.port != 9093 else 9094
        properties = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@localhost:{controller}",
            "listeners": f"PLAINTEXT://:{self.port},CONTROLLER://:{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": "/var/lib/kafka/data",
            "auto.create.topics.enable": "false",
            "group.initial.rebalance.delay.ms": "0",
            "log.cleaner.dedupe.buffer.size": "33554432",
        }
        one = ["offsets.topic", "transaction.state.log", "share.coordinator.state.topic"]
        properties |= {f"{name}.replication.factor": "1" for name in one}
        properties |= {f"{name}.num.partitions": "4" for name in one}
        properties |= {"transaction.state.log.min.isr": "1", "share.coordinator.state.topic.min.isr": "1"}
        variables = {f"KAFKA_{key.upper().replace('.', '_')}": value for key, value in properties.items()}
        return {**variables, "CLUSTER_ID": self._cluster, "KAFKA_HEAP_OPTS": "-Xms128m -Xmx512m"}
