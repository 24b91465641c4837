"""`python -m adoption_service [api|worker|all]` runs the service.

api: HTTP and the relay. worker: relay, consumers, timers, and health on the port. all: everything in one process.
"""

import argparse
import asyncio

import uvicorn
import uvloop

from adoption_service.settings import AdoptionSettings
from adoption_service.wiring import NAME, AdoptionService
from microwish import logs, telemetry


async def serve(role: str, settings: AdoptionSettings) -> None:
    """Run until SIGTERM or SIGINT, then end in order."""
    service = AdoptionService(settings)
    app = service.worker_app if role == "worker" else service.app
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,  # longer than the gateway keeps its own side, so that it never meets a closed connection
        timeout_graceful_shutdown=10,
    )
    try:
        await service.start(consume=role != "api")
        await uvicorn.Server(config).serve()
    finally:
        await service.stop()


def main() -> None:
    """Read the role and the environment, and run."""
    parser = argparse.ArgumentParser(prog="adoption_service", description=__doc__)
    parser.add_argument("role", nargs="?", choices=("api", "worker", "all"), default="all")
    role = parser.parse_args().role
    settings = AdoptionSettings()
    logs.configure(NAME, settings.log_level, settings.log_json)
    telemetry.configure(NAME, settings.otlp_endpoint)
    # Runner instead of uvicorn.run: the service is started and stopped on the same loop, around the server.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(role, settings))


if __name__ == "__main__":
    main()
