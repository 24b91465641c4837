"""Fixtures on real servers, for every test suite (a pytest plugin, loaded by the root conftest).

`--kafka embedded|apache` chooses the broker; `--servers containers` takes MongoDB and Kafka from a Docker engine.
Servers start when a test first asks for them, once per session, and are stopped whatever happens. They are shared:
a test takes names of its own (database, topics, groups) from `unique`.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from microwish_local.servers import Broker, Database
from microwish_local.servers.apache import Apache
from microwish_local.servers.mongod import Mongod
from microwish_local.servers.tansu import Tansu

OwnBroker = Callable[[], Awaitable[Broker]]
OwnMongod = Callable[[], Awaitable[Mongod]]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which servers the tests run on."""
    group = parser.getgroup("micro-wish servers")
    group.addoption("--kafka", choices=("embedded", "apache"), default="embedded", help="the broker tests run on")
    group.addoption("--servers", choices=("local", "containers"), default="local", help="processes or containers")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Say at once, and once, that there is no Docker engine to take containers from."""
    if session.config.getoption("--servers") != "containers":
        return
    import docker  # only this form of the tests needs it

    try:
        with closing(docker.from_env()) as engine:
            engine.ping()
    except docker.errors.DockerException as error:
        pytest.exit(f"No Docker engine answers, so there are no containers to test on: {error}", returncode=4)


def _broker(config: pytest.Config, directory: Path) -> Broker:
    if config.getoption("--servers") == "containers":
        from microwish_local.servers.containers import KafkaInContainer  # needs a Docker engine

        return KafkaInContainer()
    return Apache(directory) if config.getoption("--kafka") == "apache" else Tansu(directory)


def _database(config: pytest.Config, directory: Path) -> Database:
    if config.getoption("--servers") == "containers":
        from microwish_local.servers.containers import MongoInContainer  # needs a Docker engine

        return MongoInContainer()
    return Mongod(directory)


@pytest.fixture
def unique() -> str:
    """A short name nobody else uses, for databases, topic prefixes and consumer groups."""
    return f"t{uuid.uuid4().hex[:10]}"


@pytest_asyncio.fixture(scope="session")
async def mongo_uri(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The connection string of the session's MongoDB, a replica set of one."""
    database = _database(pytestconfig, tmp_path_factory.mktemp("mongod"))
    await database.start()
    yield database.uri
    await database.stop()


@pytest_asyncio.fixture(scope="session")
async def kafka(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Broker]:
    """The session's broker, running. Don't stop it: take `own_broker` for that."""
    broker = _broker(pytestconfig, tmp_path_factory.mktemp("broker"))
    await broker.start()
    yield broker
    await broker.stop()


@pytest.fixture(scope="session")
def kafka_bootstrap(kafka: Broker) -> str:
    """Host and port of the session's broker."""
    return kafka.bootstrap


@pytest.fixture(scope="session")
def kafka_idempotence(pytestconfig: pytest.Config) -> bool:
    """Whether the broker takes idempotent producers (`enable_idempotence`): Apache Kafka does, the embedded doesn't."""
    return not _embedded(pytestconfig)


@pytest.fixture(scope="session")
def kafka_fetch_wait_ms(pytestconfig: pytest.Config) -> int:
    """`fetch_max_wait_ms` for consumers: short on the embedded broker, which doesn't wake a fetch that waits."""
    return Tansu.fetch_wait_ms if _embedded(pytestconfig) else Apache.fetch_wait_ms


def _embedded(config: pytest.Config) -> bool:
    return bool(config.getoption("--kafka") == "embedded" and config.getoption("--servers") == "local")


@pytest_asyncio.fixture
async def own_broker(pytestconfig: pytest.Config, tmp_path: Path) -> AsyncIterator[OwnBroker]:
    """Make brokers of one's own, running, that a test may stop, kill, start again or `restart_empty()`."""
    made: list[Broker] = []

    async def make() -> Broker:
        broker = _broker(pytestconfig, tmp_path / f"broker-{len(made)}")
        made.append(broker)
        await broker.start()
        return broker

    yield make
    for broker in made:
        await broker.stop()


@pytest_asyncio.fixture
async def own_mongod(tmp_path: Path) -> AsyncIterator[OwnMongod]:
    """Make mongod servers of one's own, running, that a test may stop, kill and start again on the same data."""
    made: list[Mongod] = []

    async def make() -> Mongod:
        server = Mongod(tmp_path / f"mongod-{len(made)}")
        made.append(server)
        await server.start()
        return server

    yield make
    for server in made:
        await server.stop()
