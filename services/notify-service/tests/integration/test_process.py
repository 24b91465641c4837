"""The service as its own process: it starts from the environment, answers, and ends on SIGTERM."""

import os
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from microwish.ids import uuid7
from microwish.testing.waiting import eventually
from microwish_local.processes import Process, free_port

pytestmark = pytest.mark.integration


async def test_it_serves_until_it_is_told_to_stop(common: dict[str, Any], tmp_path: Path) -> None:
    port = free_port()
    name = f"notify_process_{uuid7()[-8:]}"
    own = {"mongo_database": name, "kafka_topic_prefix": f"{name}.", "port": port, "sandbox": True}
    env = {f"MICROWISH_{key.upper()}": str(value) for key, value in {**common, **own}.items()}
    process = Process(
        "notify", [sys.executable, "-m", "notify_service", "all"], log=tmp_path / "log", env={**os.environ, **env}
    )
    await process.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:

            async def alive() -> bool:
                try:
                    return (await http.get("/healthz")).status_code == 200
                except httpx.TransportError:
                    return False

            await eventually(alive, seconds=60)
            assert (await http.get("/api/sandbox/messages")).json() == {"items": [], "next_cursor": None}
            ready = (await http.get("/readyz")).json()
            assert ready["checks"]["mongo"] == "ok"
            assert ready["checks"]["keys"] == "down"  # no JWKS address was given: nobody could sign in
            assert (await http.get("/notify", headers={"Accept": "text/html"})).status_code == 200
            assert (await http.get("/static/notify/notify.css")).status_code == 200
    finally:
        await process.stop()
    assert await process.exited() == 0
    assert "Traceback" not in (tmp_path / "log").read_text()
