"""Fixtures for whole-stack tests: `microwish up` as its own process (a pytest plugin, loaded by the root conftest)."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from microwish_local.processes import Process, free_port, log_tail
from microwish_local.routes import SERVICES

_READY_SECONDS = 240.0


class RunningStack:
    """A stack that `microwish up` runs on free ports, with its state in a directory of the test."""

    def __init__(self, state_dir: Path, arguments: list[str], environment: Mapping[str, str]) -> None:
        self.state_dir = state_dir
        self.port_base = _free_port_base()
        self.console = state_dir.with_name(f"{state_dir.name}-console.log")
        options = ["--port-base", str(self.port_base), "--state-dir", str(state_dir), *arguments]
        argv = [sys.executable, "-m", "microwish_local", "up", *options]
        self.process = Process("microwish up", argv, log=self.console, env={**os.environ, **environment})

    @property
    def base_url(self) -> str:
        """The gateway, without a slash at the end."""
        return f"http://127.0.0.1:{self.port_base}"

    @property
    def mongo_uri(self) -> str:
        """The connection string in use."""
        return (self.state_dir / "mongo.uri").read_text().strip()

    @property
    def kafka_bootstrap(self) -> str:
        """Host and port of the broker in use."""
        return (self.state_dir / "kafka.bootstrap").read_text().strip()

    def service_url(self, service: str) -> str:
        """The own address of a service ("wish", "adoption" or "notify"), behind the gateway."""
        return f"http://127.0.0.1:{self.port_base + 1 + [*SERVICES].index(service)}"  # type: ignore[arg-type]

    def children(self) -> dict[str, int]:
        """Process ids by name: mongod, broker, the services, gateway."""
        return {name: pid for pid, name in _named_children(self.process.pid)}

    async def start(self, *, within: float = _READY_SECONDS) -> None:
        """Start it, and return when it says that it is ready (the sample loaded). Raises AssertionError if not."""
        self.console.unlink(missing_ok=True)
        await self.process.start()
        try:
            await self.said("Ctrl-C stops it", within=within)
        except BaseException:
            await self.stop()
            raise

    async def said(self, words: str, *, within: float = 60.0) -> None:
        """Wait until its console shows these words."""
        end = asyncio.get_running_loop().time() + within
        while words not in self.console.read_text(errors="replace"):
            over = asyncio.get_running_loop().time() > end or not self.process.running
            assert not over, f"never said {words!r}:\n{log_tail(self.console, 30)}"
            await asyncio.sleep(0.05)

    def kill(self, child: str) -> None:
        """`kill -9` of one of its children, by name."""
        os.kill(self.children()[child], signal.SIGKILL)

    async def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        await self.process.stop(grace=90)


@pytest.fixture(scope="session")
def stack_arguments(pytestconfig: pytest.Config) -> list[str]:
    """Arguments of `up` that match the servers which the tests were asked to run on."""
    apache = pytestconfig.getoption("--kafka") == "apache"
    return ["--broker", "apache"] if apache else []


@asynccontextmanager
async def _servers_outside(config: pytest.Config) -> AsyncIterator[dict[str, str]]:
    """Variables that send a stack to containers of its own, when tests run on those; they outlive its restarts."""
    if config.getoption("--servers") != "containers":
        yield {}
        return
    from microwish_local.servers.containers import KafkaInContainer, MongoInContainer  # needs a Docker engine

    async with AsyncExitStack() as running:
        servers = MongoInContainer(), KafkaInContainer()
        for server in servers:
            running.push_async_callback(server.stop)
            await server.start()
        mongo, kafka = servers
        yield {"MICROWISH_MONGO_URI": mongo.uri, "MICROWISH_KAFKA_BOOTSTRAP": kafka.bootstrap}


@pytest_asyncio.fixture(scope="module")
async def stack_environment(pytestconfig: pytest.Config) -> AsyncIterator[dict[str, str]]:
    """Variables for the one stack that a module starts for itself: where its servers are, unless `up` starts them."""
    async with _servers_outside(pytestconfig) as environment:
        yield environment


@pytest_asyncio.fixture(scope="session")
async def stack(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory, stack_arguments: list[str]
) -> AsyncIterator[RunningStack]:
    """One stack without a sample, shared by the session: tests make their own people and wishes, and kill nothing."""
    arguments = ["--sample", "none", *stack_arguments]
    async with _servers_outside(pytestconfig) as environment:
        running = RunningStack(tmp_path_factory.mktemp("stack") / "state", arguments, environment)
        await running.start()
        yield running
        await running.stop()


@pytest_asyncio.fixture(scope="module")
async def own_stack(
    tmp_path_factory: pytest.TempPathFactory, stack_arguments: list[str], stack_environment: dict[str, str]
) -> AsyncIterator[RunningStack]:
    """A stack without a sample of the module's own, which it may kill and restart; each test leaves it running."""
    arguments = ["--sample", "none", *stack_arguments]
    running = RunningStack(tmp_path_factory.mktemp("own-stack") / "state", arguments, stack_environment)
    await running.start()
    yield running
    await running.stop()


def _free_port_base() -> int:
    """A port with three free ones after it."""
    for _ in range(100):
        base = free_port()
        if base < 65000 and all(free_port(base + step) == base + step for step in range(1, 1 + len(SERVICES))):
            return base
    raise AssertionError("no four free ports in a row")


def _named_children(parent: int | None) -> list[tuple[int, str]]:
    listing = Path(f"/proc/{parent}/task/{parent}/children")
    pids = [int(pid) for pid in listing.read_text().split()] if parent and listing.exists() else []
    return [(pid, name) for pid in pids if (name := _part_name(pid))]


def _part_name(pid: int) -> str | None:
    """The name of a part of the stack by its command line."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return None
    names = {f"{name}_service": f"{name}-service" for name in SERVICES} | {"microwish_local.gateway": "gateway"}
    program = Path(command[0]).name
    if program == "mongod":
        return "mongod"
    if program == "java" or program.startswith("tansu"):
        return "broker"
    return next((names[word] for word in command if word in names), None)
