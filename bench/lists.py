"""The cached public list, and 304, against bare Starlette routes that return the same bytes, in the same run.

The service logs every request and counts it, checks whether the page still holds, and sends its security headers; the
bare routes do none of it. Both run in a process of their own, one at a time; rounds are interleaved.
"""

import asyncio
import os
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from bench import hammer
from bench.figures import Figure, compared
from bench.wish_stack import COMMUNITY, WishStack, wish_stack
from microwish.events import Actor, Category, Community, Role
from microwish.events.wish import WishPosted
from microwish.ids import uuid7
from microwish.testing import eventually
from microwish_local.processes import Process, free_port
from wish_service.views.wall import wall_view
from wish_service.views.wall_rows import wall_changes

CONNECTIONS = 16
ROUNDS = 7
ROUND_SECONDS = 2.0
WISHES = 40
PATH = "/api/wishes?community=310117001&status=posted"


async def measure_lists() -> list[Figure]:
    """Two figures: 200 and 304."""
    async with wish_stack() as stack:
        await _put_up(stack)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{stack.port}", trust_env=False) as client:
            answer = (await client.get(PATH)).raise_for_status()
        port = free_port()
        body = stack.directory / "page.json"
        body.write_bytes(answer.content)
        env = os.environ | {"PORT": str(port), "BODY": str(body), "ETAG": answer.headers["etag"]}
        bare = Process("bare", [sys.executable, "-m", "bench.bare"], log=stack.directory / "bare.log", env=env)
        await bare.start()
        try:
            await eventually(lambda: _answers(port))
            return await _compare(stack.port, port, answer.headers["etag"])
        finally:
            await bare.stop()


@dataclass
class _Pair:
    """One request to the service, its counterpart to the bare route, and the rates of both."""

    name: str
    goal: float
    ours: bytes
    bare: bytes
    rates: dict[str, list[float]] = field(default_factory=lambda: {"ours": [], "bare": []})


async def _compare(ours: int, bare: int, etag: str) -> list[Figure]:
    held = f"If-None-Match: {etag}\r\n"
    pairs = [
        _Pair("cached public list", 0.75, _get(PATH), _get("/page")),
        _Pair("unchanged public list (304)", 0.85, _get(PATH, held), _get("/held", held)),
    ]
    for number in range(ROUNDS + 1):
        for pair in pairs:
            for name, port, request in (("bare", bare, pair.bare), ("ours", ours, pair.ours)):
                found = await hammer.rate(port, request, connections=CONNECTIONS, seconds=ROUND_SECONDS)
                if number:  # the first round warms up
                    pair.rates[name].append(found)
    return [
        compared(pair.name, pair.rates["ours"], pair.rates["bare"], goal=pair.goal, unit="answers/s") for pair in pairs
    ]


def _get(path: str, more: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept: application/json\r\n{more}\r\n".encode()


async def _put_up(stack: WishStack) -> None:
    wall, start = wall_view(stack.mongo.db), datetime(2026, 6, 1, tzinfo=UTC)
    await wall.open()
    for number in range(WISHES):
        event = WishPosted(
            wish_id=uuid7(),
            community=COMMUNITY,
            by=Actor(person_id=uuid7(), role=Role.STAFF),
            place=Community(code=COMMUNITY, name="龙潭社区"),
            category=list(Category)[number % len(Category)],
            title=f"想要一台能收戏曲的收音机 {number}",
            detail="想每天听听越剧，按键大一点就更好了。",
            slots=1,
        )
        at = start + timedelta(minutes=number)
        await wall.apply(event.wish_id, "wish", 1, wall_changes(event, at))
    await asyncio.sleep(1)  # until the service has been told of all of it


async def _answers(port: int) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"http://127.0.0.1:{port}/page")).status_code == 200
    except httpx.TransportError:
        return False
