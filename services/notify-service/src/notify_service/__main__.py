"""`python -m notify_service [api|worker|all]`.

api: HTTP and the relay. worker: consumers, sending and timers as well, with its own health routes. all: the same
in one process, which is what one machine needs.
"""

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Iterator

import uvicorn
import uvloop
from pydantic import ValidationError

from microwish import logs, telemetry
from notify_service.settings import NotifySettings
from notify_service.wiring import NotifyService

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Server(uvicorn.Server):
    """Stops on SIGTERM and SIGINT and then returns.

    uvicorn's own raises the signal again when it has stopped, which would end the process before the service has.
    """

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle both signals while serving."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)


async def serve(settings: NotifySettings, *, consume: bool) -> None:
    """Run until SIGTERM or SIGINT: the server stops first, so that nothing new comes in, then everything else."""
    service = NotifyService(settings)
    config = uvicorn.Config(
        service.app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
    )
    try:
        await service.start(consume=consume)
        await Server(config).serve()
    finally:
        await service.stop()


def main() -> None:
    """Read the settings from the environment and serve."""
    parser = argparse.ArgumentParser(prog="notify_service", description=__doc__)
    parser.add_argument("part", nargs="?", choices=["api", "worker", "all"], default="all")
    part = parser.parse_args().part
    try:
        settings = NotifySettings()
    except ValidationError as error:
        sys.exit(f"notify-service: settings are not right: {error}")
    logs.configure("notify-service", settings.log_level, settings.log_json)
    telemetry.configure("notify-service", settings.otlp_endpoint)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, consume=part != "api"))


if __name__ == "__main__":
    main()
