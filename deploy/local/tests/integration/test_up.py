"""`microwish up` runs everything, keeps it running, stops all of it, and finds its data again."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient

from microwish_local.testing_stack import OwnStack

pytestmark = pytest.mark.integration

SERVICES = ("wish", "adoption", "notify")


async def test_everything_is_ready_and_reached_through_the_gateway(own_stack: OwnStack) -> None:
    stack = await own_stack("--sample", "none")
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        for service in SERVICES:
            assert (await client.get(f"{stack.service_url(service)}/readyz")).status_code == 200
        keys = (await client.get(f"{stack.base_url}/.well-known/jwks.json")).json()["keys"]
    assert all("d" not in key for key in keys)


async def test_a_killed_service_comes_back(own_stack: OwnStack) -> None:
    stack = await own_stack("--sample", "none")
    before = stack.children()["notify-service"]

    stack.kill("notify-service")
    await stack.said("notify-service runs again")

    await _ready(f"{stack.service_url('notify')}/readyz")
    assert stack.children()["notify-service"] != before


async def test_a_stop_leaves_no_process_and_a_start_finds_the_data(own_stack: OwnStack) -> None:
    stack = await own_stack("--sample", "none")
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_uri) as client:
        await client.test.get_collection("things").insert_one({"_id": 1})
    keys, uri, pids = (stack.state_dir / "keys.json").read_text(), stack.mongo_uri, stack.children()

    await stack.stop()

    assert set(pids) >= {"wish-service", "adoption-service", "notify-service", "gateway"}
    assert not [pid for pid in pids.values() if _alive(pid)]

    await stack.start()
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_uri) as client:
        assert await client.test.things.count_documents({}) == 1
    assert (stack.state_dir / "keys.json").read_text() == keys
    assert stack.mongo_uri == uri


async def test_a_second_stack_on_the_same_state_is_refused_in_one_sentence(own_stack: OwnStack) -> None:
    stack = await own_stack("--sample", "none")
    argv = [sys.executable, "-m", "microwish_local", "up", "--sample", "none", "--state-dir", str(stack.state_dir)]
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
