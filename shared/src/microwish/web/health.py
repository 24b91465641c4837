"""`/healthz` (alive), `/readyz` (able to work), `/metrics` (Prometheus)."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Literal

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from microwish.logs import get_logger

Health = Literal["ok", "degraded", "down"]
Check = Callable[[], Awaitable[Health]]

CHECK_SECONDS = 3.0
_NO_STORE = {"Cache-Control": "no-store"}
_log = get_logger(__name__)


def health_router(checks: Mapping[str, Check], required: Collection[str] | None = None) -> APIRouter:
    """The three routes. `required` names the checks whose `down` makes the service not ready (default: all).

    A check that raises or takes longer than 3 s counts as `down`. A check that isn't required makes
    the whole `degraded` at worst: with Kafka away the outbox holds what is to be sent.
    """
    needed = frozenset(checks if required is None else required)
    unknown = needed - checks.keys()
    if unknown:
        raise ValueError(f"required checks that don't exist: {sorted(unknown)}")
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def healthz() -> JSONResponse:
        return JSONResponse({"status": "ok"}, headers=_NO_STORE)

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        found = dict(zip(checks, await asyncio.gather(*map(_ask, checks, checks.values())), strict=True))
        status = overall(found, needed)
        return JSONResponse({"status": status, "checks": found}, 503 if status == "down" else 200, _NO_STORE)

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), headers=_NO_STORE, media_type=CONTENT_TYPE_LATEST)

    return router


def overall(found: Mapping[str, Health], required: Collection[str]) -> Health:
    """What the checks say together."""
    if any(found[name] == "down" for name in required):
        return "down"
    return "ok" if all(state == "ok" for state in found.values()) else "degraded"


async def _ask(name: str, check: Check) -> Health:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except Exception as error:  # noqa: BLE001 - whatever a check raises, it says that this part is down
        _log.warning("health_check_failed", check=name, error=type(error).__name__)
        return "down"
