"""The service as a process of its own, in two of its roles, stopped by SIGTERM."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from microwish.ids import uuid7
from microwish.testing import eventually
from microwish_local.processes import Process, free_port

pytestmark = pytest.mark.integration


async def test_api_and_worker_start_answer_and_stop(
    settings_for: Callable[..., Any], world_of: Callable[..., Any], tmp_path: Path
) -> None:
    settings = settings_for(uuid7()[-12:], unclaimed_task_seconds=1)
    ports = {"api": free_port(), "worker": free_port()}
    processes = [
        Process(
            f"wish-{role}",
            [sys.executable, "-m", "wish_service", role],
            log=tmp_path / f"{role}.log",
            env={**os.environ, **environment_of(settings), "MICROWISH_PORT": str(port)},
        )
        for role, port in ports.items()
    ]
    before = asyncio.all_tasks()
    async with world_of(settings, consume=False) as world, httpx.AsyncClient(trust_env=False) as client:
        assert "timers" not in {task.get_name() for task in asyncio.all_tasks() - before}  # serving alone runs none
        staff = await world.staff()
        wish_id = await world.posted(await world.person(), staff)
        await asyncio.gather(*(process.start() for process in processes))
        try:
            for role, port in ports.items():
                base = f"http://127.0.0.1:{port}"
                await eventually(lambda base=base: ready(client, base), seconds=60)
                for path in ("/healthz", "/metrics"):
                    assert (await client.get(base + path)).status_code == 200
                served = (await client.get(f"{base}/api/communities")).status_code
                assert served == (200 if role == "api" else 404)
            await eventually(lambda: unclaimed(staff, wish_id), seconds=60)  # the worker's timers
            await world.on_wall(wish_id, "posted")  # the worker's consumers
        finally:
            await asyncio.gather(*(process.stop() for process in processes))
    assert [await process.exited() for process in processes] == [0, 0]
    for role in ports:
        log = (tmp_path / f"{role}.log").read_text()
        assert "Traceback" not in log, log


async def unclaimed(staff: Any, wish_id: str) -> bool:
    items = (await staff.get("/api/tasks", kind="unclaimed")).json()["items"]
    return [item["wish"]["id"] for item in items] == [wish_id]


def environment_of(settings: Any) -> dict[str, str]:
    given = settings.model_dump(exclude_defaults=True)
    names = ("sealing_keys", "blind_key", "signing_keys")
    secrets = {name: getattr(settings, name).get_secret_value() for name in names}
    return {f"MICROWISH_{name.upper()}": str(value) for name, value in {**given, **secrets}.items()}


async def ready(client: httpx.AsyncClient, base: str) -> bool:
    try:
        return (await client.get(f"{base}/readyz")).status_code == 200
    except httpx.TransportError:
        return False
