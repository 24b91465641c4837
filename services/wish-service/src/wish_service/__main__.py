"""`python -m wish_service [api|worker|all]`: HTTP, consumers, or both in one process; the relay runs in each."""

import argparse
import asyncio
import sys

import uvicorn
import uvloop
from pydantic import ValidationError

from microwish import logs, telemetry
from wish_service.settings import Role, WishSettings
from wish_service.wiring import WishService


async def serve(settings: WishSettings, role: Role) -> None:
    """Run until SIGTERM or SIGINT, then finish open requests and stop."""
    service = WishService(settings, serve=role != "worker")
    try:
        await service.start(consume=role != "api")
        config = uvicorn.Config(
            service.app,
            host=settings.host,
            port=settings.port,
            http="httptools",
            loop="uvloop",
            proxy_headers=False,  # client_address knows whom to believe
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=10,
        )
        await uvicorn.Server(config).serve()
    finally:
        await service.stop()


def main() -> None:
    """Read the settings and run."""
    parser = argparse.ArgumentParser(prog="python -m wish_service", description=__doc__)
    parser.add_argument("role", nargs="?", choices=["api", "worker", "all"], default="all")
    role = parser.parse_args().role
    try:
        settings = WishSettings()
    except ValidationError as error:
        sys.exit(f"wish-service: settings are not right: {error}")
    logs.configure("wish-service", settings.log_level, settings.log_json)
    telemetry.configure("wish-service", settings.otlp_endpoint)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, role))


if __name__ == "__main__":
    main()
