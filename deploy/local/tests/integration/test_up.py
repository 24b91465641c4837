"""`microwish up` runs everything, keeps it running, stops all of it, and finds its data again."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient

from microwish_local.testing_stack import RunningStack

pytestmark = pytest.mark.integration

SERVICES = ("wish", "adoption", "notify")


async def test_everything_is_ready_and_reached_through_the_gateway(own_stack: RunningStack) -> None:
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        for service in SERVICES:
            assert (await client.get(f"{own_stack.service_url(service)}/readyz")).status_code == 200
        keys = (await client.get(f"{own_stack.base_url}/.well-known/jwks.json")).json()["keys"]
    assert all("d" not in key for key in keys)


async def test_a_killed_service_comes_back(own_stack: RunningStack) -> None:
    before = own_stack.children()["notify-service"]

    own_stack.kill("notify-service")
    await own_stack.said("notify-service runs again")

    await _ready(f"{own_stack.service_url('notify')}/readyz")
    assert own_stack.children()["notify-service"] != before


async def test_a_stop_leaves_no_process_and_a_start_finds_the_data(own_stack: RunningStack) -> None:
    async with AsyncMongoClient[dict[str, Any]](own_stack.mongo_uri) as client:
        await client.test.get_collection("things").insert_one({"_id": 1})
    keys, uri, pids = (own_stack.state_dir / "keys.json").read_text(), own_stack.mongo_uri, own_stack.children()

    await own_stack.stop()

    assert set(pids) >= {"wish-service", "adoption-service", "notify-service", "gateway"}
    assert not [pid for pid in pids.values() if _alive(pid)]

    await own_stack.start()
    async with AsyncMongoClient[dict[str, Any]](own_stack.mongo_uri) as client:
        assert await client.test.things.count_documents({}) == 1
    assert (own_stack.state_dir / "keys.json").read_text() == keys
    assert own_stack.mongo_uri == uri


async def test_a_second_stack_on_the_same_state_is_refused_in_one_sentence(own_stack: RunningStack) -> None:
    argv = [sys.executable, "-m", "microwish_local", "up", "--sample", "none", "--state-dir", str(own_stack.state_dir)]
    second = await asyncio.to_thread(subprocess.run, argv, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert "stop it first" in second.stdout


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def _ready(url: str) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient(trust_env=False) as client:
        while not await _ok(client, url):
            await asyncio.sleep(0.05)


async def _ok(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == 200
    except httpx.TransportError:
        return False
