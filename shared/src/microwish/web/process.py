"""A service as a process: `python -m <name>_service [api|worker|all]`.

api: HTTP and the relay. worker: the relay, consumers and timers, with health on the port. all: everything in one
process, which is what one machine needs. SIGTERM and SIGINT end it in order, with exit code 0.
"""

import argparse
import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Protocol, TypeVar

import uvicorn
import uvloop
from fastapi import FastAPI
from pydantic import ValidationError

from microwish import logs, telemetry
from microwish.settings import ServiceSettings

SIGNALS = (signal.SIGTERM, signal.SIGINT)
KEEP_ALIVE_SECONDS = 75
GARBAGE_THRESHOLD = 20_000
"""New objects after which the collector looks: some dozen requests instead of one."""

"""Longer than a gateway keeps its own side, so that it never sends into a connection that is being closed."""


class ProcessRole(StrEnum):
    """What this process does."""

    API = "api"
    WORKER = "worker"
    ALL = "all"

    @property
    def serves(self) -> bool:
        """Whether it has the API and pages, or health alone."""
        return self is not ProcessRole.WORKER

    @property
    def consumes(self) -> bool:
        """Whether it runs consumers and timers."""
        return self is not ProcessRole.API


class Runnable(Protocol):
    """What a service's wiring gives."""

    @property
    def app(self) -> FastAPI:
        """The HTTP application."""
        ...

    async def start(self, *, consume: bool = True) -> None:
        """Connect, and return when requests can be answered."""
        ...

    async def stop(self) -> None:
        """Let go of everything, in order."""
        ...


Settings = TypeVar("Settings", bound=ServiceSettings)


class Server(uvicorn.Server):
    """Stops on SIGTERM and SIGINT and then returns.

    uvicorn's own raises the signal again when it has stopped, which would end the process before the service has.
    """

    def __init__(self, config: uvicorn.Config, on_leaving: Sequence[Callable[[], None]] = ()) -> None:
        super().__init__(config)
        self._on_leaving = on_leaving

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop taking requests and wait for the open ones, once those that would stay open have been told."""
        for leave in self._on_leaving:
            leave()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle both signals while serving."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)


def run(name: str, settings_type: type[Settings], build: Callable[[Settings, ProcessRole], Runnable]) -> None:
    """Read the role from the command line and the settings from the environment, and serve until told to stop.

    Settings that are not right end the process with a line for each fault.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {name.replace('-', '_')}", description=__doc__)
    parser.add_argument("role", nargs="?", choices=[role.value for role in ProcessRole], default=ProcessRole.ALL.value)
    role = ProcessRole(parser.parse_args().role)
    try:
        settings = settings_type()
    except ValidationError as error:
        sys.exit(f"{name}: settings are not right: {error}")
    logs.configure(name, settings.log_level, settings.log_json)
    telemetry.configure(name, settings.otlp_endpoint)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(lambda: build(settings, role), settings, role))


def _settle() -> None:
    """What was made until now stays: the collector need not look at it again, and at the rest not for every request."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, 20, 20)


async def _serve(build: Callable[[], Runnable], settings: ServiceSettings, role: ProcessRole) -> None:
    service = build()  # here, as some clients belong to the loop that runs when they are made
    config = uvicorn.Config(
        service.app,
        host=settings.host,
        port=settings.port,
        http="httptools",
        proxy_headers=False,  # whoever needs the caller's address decides whom to believe
        access_log=False,
        server_header=False,
        log_config=None,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=10,
    )
    try:
        await service.start(consume=role.consumes)
        _settle()
        await Server(config, service.app.state.on_leaving).serve()
    finally:
        await service.stop()
