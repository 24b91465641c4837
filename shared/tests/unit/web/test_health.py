import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from microwish.web import health
from microwish.web.health import Health, health_router, overall


@pytest.mark.parametrize(
    ("mongo", "kafka", "status", "said"),
    [
        ("ok", "ok", 200, "ok"),
        ("ok", "down", 200, "degraded"),
        ("ok", "degraded", 200, "degraded"),
        ("degraded", "ok", 200, "degraded"),
        ("down", "ok", 503, "down"),
        (ConnectionError("13912345678"), "ok", 503, "down"),
        ("ok", RuntimeError(), 200, "degraded"),
    ],
)
async def test_ready_is_what_the_required_checks_say(
    client: httpx.AsyncClient, world: Any, mongo: object, kafka: object, status: int, said: str
) -> None:
    world.health.update(mongo=mongo, kafka=kafka)
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (status, said)
    assert set(answer.json()["checks"]) == {"mongo", "kafka"}


async def test_alive_asks_nobody(client: httpx.AsyncClient, world: Any) -> None:
    world.health.update(mongo="down", kafka="down")
    assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_a_check_that_hangs_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs() -> Health:
        await asyncio.Event().wait()
        return "ok"

    monkeypatch.setattr(health, "CHECK_SECONDS", 0.05)
    app = FastAPI()
    app.include_router(health_router({"mongo": hangs}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        assert (await client.get("/readyz")).json() == {"status": "down", "checks": {"mongo": "down"}}


async def test_metrics_are_prometheus_text(client: httpx.AsyncClient) -> None:
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "microwish_http_request_seconds_count" in answer.text


def test_a_required_check_must_exist() -> None:
    with pytest.raises(ValueError, match="mongo"):
        health_router({}, {"mongo"})


def test_nothing_to_check_is_ok() -> None:
    assert overall({}, ()) == "ok"
