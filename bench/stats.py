"""`GET /api/stats` with 200 000 wishes against 1 000: the time must not grow with their number.

Two services on one database server, each with facts as events would have left them, counted by the service's own
`Recount`. They are asked alternately. Alone: `python -m bench stats`.
"""

import os
import random
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bench.figures import Figure, compared
from bench.hammer import rate
from bench.wish_stack import WishStack, wish_stack
from microwish.events import Category
from microwish.ids import uuid7
from microwish.store.mongo import Mongo
from microwish.testing import eventually
from microwish_local.processes import Process, free_port
from wish_service.views.facts import derive, facts_view
from wish_service.views.recount import Recount

FEW, MANY = 1_000, 200_000
BATCH = 5_000
ROUNDS = 15
ROUND_SECONDS = 1.0
GOAL = 1.2
ZONE = "Asia/Shanghai"
START = datetime(2025, 1, 1, tzinfo=UTC)
COMMUNITIES = [f"310117{street:03}{number:03}" for street in (1, 2, 3, 4) for number in (1, 2, 3, 4, 5)]


async def measure_stats() -> Figure:
    """Milliseconds per answer, one question at a time, with many facts and with few."""
    async with wish_stack() as stack, _another(stack) as (port, database):
        few, many = stack.mongo, Mongo(stack.settings.mongo_uri, database)
        await _counted(few, FEW)
        await _counted(many, MANY)
        ports = {FEW: stack.port, MANY: port}
        for facts, where in ports.items():
            await _answers(where, facts)
        times: dict[int, list[float]] = {FEW: [], MANY: []}
        for number in range(ROUNDS + 1):
            for facts, where in ports.items():
                took = 1000 / await rate(where, _request(where), connections=1, seconds=ROUND_SECONDS)
                if number:  # the first round warms both up
                    times[facts].append(took)
        many.close()
    title = "GET /api/stats with 200 000 wishes, against 1 000"
    return compared(title, times[MANY], times[FEW], goal=GOAL, unit="ms", digits=3)


@asynccontextmanager
async def _another(stack: WishStack) -> AsyncIterator[tuple[int, str]]:
    """A second service on the same servers, with a database and a port of its own."""
    port, database, given = free_port(), "bench_wish_many", stack.settings
    own = {
        "mongo_uri": given.mongo_uri,
        "mongo_database": database,
        "kafka_bootstrap": given.kafka_bootstrap,
        "kafka_topic_prefix": "many.",
        "kafka_idempotence": "false",
        "communities_csv": str(given.communities_csv),
        "sealing_keys": given.sealing_keys.get_secret_value(),
        "blind_key": given.blind_key.get_secret_value(),
        "signing_keys": given.signing_keys.get_secret_value(),
        "cookie_secure": "false",
        "port": str(port),
    }
    env = os.environ | {f"MICROWISH_{name.upper()}": value for name, value in own.items()}
    argv = [sys.executable, "-m", "wish_service", "api"]
    service = Process("wish-service-many", argv, log=stack.directory / "wish-many.log", env=env)
    try:
        await service.start()
        await eventually(lambda: _ready(port), seconds=60)
        yield port, database
    finally:
        await service.stop()


async def _counted(mongo: Mongo, facts: int) -> None:
    view = facts_view(mongo.db, ZONE)
    await view.open()
    for rows in _batches(facts):
        await view.rows.insert_many(rows, ordered=False)
    await view.rows.update_many({"cells": {"$exists": False}}, derive(ZONE))
    recount = Recount(mongo.db, view, pause_seconds=1, poll_seconds=1)
    await recount.open()
    while await recount.sweep():
        pass


async def _ready(port: int) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
    except httpx.TransportError:
        return False


async def _answers(port: int, facts: int) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        told = (await client.get(f"http://127.0.0.1:{port}/api/stats")).json()
    assert told["totals"]["posted"] == facts, told["totals"]


def _request(port: int) -> bytes:
    return f"GET /api/stats HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


def _batches(facts: int) -> Iterator[list[dict[str, Any]]]:
    chance = random.Random(facts)  # noqa: S311  the same facts every time
    for start in range(0, facts, BATCH):
        yield [_fact(chance) for _ in range(min(BATCH, facts - start))]


def _fact(chance: random.Random) -> dict[str, Any]:
    wish_id, code = uuid7(), chance.choice(COMMUNITIES)
    posted_at = START + timedelta(hours=chance.randrange(365 * 24))
    claimed_at = posted_at + timedelta(hours=chance.randrange(240))
    organisation = chance.randrange(113)
    adoption = {
        "id": f"a-{wish_id}",
        "organisation_id": f"o{organisation}",
        "name": "和风邮政所党支部",
        "kind": "party_organisation" if organisation < 79 else "resident_unit",
        "claimed_at": claimed_at,
    }
    done = claimed_at + timedelta(hours=chance.randrange(240))
    wish = {
        "version": 4,
        "community": {"code": code, "name": "某社区"},
        "category": chance.choice(list(Category)).value,
        "posted_at": posted_at,
        "confirmed": [adoption["id"]],
        "confirmed_at": [done],
        "ended": "fulfilled",
        "ended_at": done,
    }
    return {"_id": wish_id, "wish": wish, "claims": {"version": 1, "adoptions": [adoption]}}
