"""Sign-in codes while one event is told to 10 000 people: seconds from its publication to the provider's having a code.

notify-service runs as a process of its own on real servers; the sandbox plays the provider and notes when it was
called. Codes are published five a second, without pause: first alone, then from the moment that the wish is posted
until the last of its 10 000 followers has been told. Alone: `python -m bench fanout`.
"""

import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from bench.figures import Figure
from microwish.events import Actor, Category, Community, Role, signin, wish
from microwish.ids import uuid7
from microwish.privacy.sealing import generate_blind_key, generate_sealing_keys
from microwish.store.mongo import Mongo
from microwish.testing import eventually
from microwish.testing.feed import Feed
from microwish_local.processes import Process, free_port
from microwish_local.servers.mongod import Mongod
from microwish_local.servers.tansu import Tansu
from notify_service.settings import NotifySettings

FOLLOWERS = 10_000
CODES_PER_SECOND = 5
ALONE_SECONDS = 30.0
ROUNDS = 2
GOAL_SECONDS = 1.0
"""At most."""
DATABASE = "bench_notify"
COMMUNITY = "310117001001"
FOLLOWER, CODE = "wish_posted_follower.v1", "signin_code.v1"
_BATCH = 2000


@dataclass
class _Town:
    settings: NotifySettings
    mongo: Mongo
    feed: Feed
    issued: dict[str, datetime] = field(default_factory=dict)
    """When each code's event was handed to the broker, by the phone it is for."""

    def rows(self, name: str) -> Any:
        """One of the service's collections."""
        return self.mongo.db.get_collection(name)

    def seal(self, text: str, about: str) -> str:
        """As wish-service would."""
        return self.settings.sealer().seal(text, about=about)


async def measure_fan_out() -> list[Figure]:
    """The 99th percentile during fan-outs, beside the same without one, and how long a fan-out took."""
    async with _town() as town:
        await _people(town)
        await _codes(town, partial(_passed, time.perf_counter() + 5))  # warms up
        during: list[float] = []
        alone: list[float] = []
        took: list[float] = []
        for _ in range(ROUNDS):
            alone += await _codes(town, partial(_passed, time.perf_counter() + ALONE_SECONDS))
            started = time.perf_counter()
            wish_id = await _posted(town)
            during += await _codes(town, partial(_all_told, town, wish_id))
            took.append(time.perf_counter() - started)
        twice = await _told_twice(town)
    return [
        {
            "figure": f"seconds to the provider of the slowest hundredth of codes while {FOLLOWERS} are told",
            "value": _slowest_hundredth(during),
            "baseline": _slowest_hundredth(alone),
            "ratio": None,
            "goal": GOAL_SECONDS,
            "unit": "s",
            "runs": ROUNDS,
            "broker": "embedded",
            "without_a_fan_out": _slowest_hundredth(alone),
            "median": round(statistics.median(during), 3),
            "median_without_a_fan_out": round(statistics.median(alone), 3),
            "codes": len(during),
            "codes_without_a_fan_out": len(alone),
            "seconds_of_a_fan_out": round(statistics.median(took), 1),
            "told_twice": twice,
        }
    ]


@asynccontextmanager
async def _town() -> AsyncIterator[_Town]:
    directory = Path(tempfile.mkdtemp(prefix="microwish-bench-"))
    mongod, broker = Mongod(directory / "mongod"), Tansu(directory)
    port = free_port()
    try:
        await asyncio.gather(mongod.start(), broker.start())
        given = {
            "mongo_uri": mongod.uri,
            "mongo_database": DATABASE,
            "kafka_bootstrap": broker.bootstrap,
            "kafka_idempotence": "false",
            "kafka_fetch_wait_ms": "20",
            "sealing_keys": generate_sealing_keys(),
            "blind_key": generate_blind_key(),
            "cookie_secure": "false",
            "sandbox": "true",
            "quiet_hours": "",
            "merge_seconds": "0",
            "port": str(port),
        }
        env = {f"MICROWISH_{name.upper()}": value for name, value in given.items()}
        argv = [sys.executable, "-m", "notify_service", "all"]
        service = Process("notify-service", argv, log=directory / "notify.log", env=os.environ | env)
        settings = NotifySettings(**given)  # type: ignore[arg-type]  # texts, as the environment has them
        mongo = Mongo(mongod.uri, DATABASE)
        try:
            await service.start()
            await eventually(partial(_serves, port), seconds=60)
            async with Feed(broker.bootstrap, "") as feed:
                yield _Town(settings, mongo, feed)
        finally:
            await service.stop()
            mongo.close()
    finally:
        await broker.stop()
        await mongod.stop()
        shutil.rmtree(directory, ignore_errors=True)


async def _serves(port: int) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200
    except httpx.TransportError:
        return False


async def _people(town: _Town) -> None:
    """Organisations that follow the community, each with a manager, as the events of others would have left them."""
    index = town.settings.blind_index()
    following = {"communities": [COMMUNITY], "categories": [], "notify": "immediately"}
    for start in range(0, FOLLOWERS, _BATCH):
        organisations, contacts = [], []
        for number in range(start, start + _BATCH):
            person, phone = uuid7(), str(13_100_000_000 + number)
            name = {"name": "邮政所", "state": "verified", "members": {person: "manager"}, "following": following}
            organisations.append({"_id": uuid7(), "organisation": {"version": 1, **name}})
            sealed = {"phone": town.seal(phone, f"contact:{person}"), "phone_index": index.of(phone)}
            contacts.append({"_id": person, "contact": {"version": 1, "kind": "person", **sealed}})
        await town.rows("organisations.g1").insert_many(organisations)
        await town.rows("contacts.g1").insert_many(contacts)


async def _posted(town: _Town) -> str:
    wish_id, by = uuid7(), Actor(person_id=uuid7(), role=Role.STAFF)
    place = Community(code=COMMUNITY, name="龙潭社区")
    posted = wish.WishPosted(
        wish_id=wish_id,
        community=COMMUNITY,
        by=by,
        place=place,
        category=Category.GOODS,
        title="一台收音机",
        detail="声音要大",
        slots=1,
    )
    await town.feed.publish(posted, version=1)
    return wish_id


async def _codes(town: _Town, done: Callable[[], Awaitable[bool]]) -> list[float]:
    """Codes at an even pace until it is done; the seconds that each took to the provider."""
    phones: list[str] = []
    began = time.perf_counter()
    while not await done():
        phones.append(await _code(town))
        await asyncio.sleep(max(0.0, began + len(phones) / CODES_PER_SECOND - time.perf_counter()))
    return await eventually(partial(_arrivals, town, phones), seconds=60)


async def _code(town: _Town) -> str:
    challenge, phone = uuid7(), str(15_000_000_000 + len(town.issued))
    about = f"challenge:{challenge}"
    event = signin.SignInCodeIssued(
        challenge_id=challenge,
        phone=town.seal(phone, about),
        code=town.seal("482713", about),
        expires_at=datetime.now(UTC) + timedelta(minutes=5),
    )
    town.issued[phone] = datetime.now(UTC)
    await town.feed.publish(event, version=1)
    return phone


async def _arrivals(town: _Town, phones: Sequence[str]) -> list[float] | None:
    """How long each code took, once all of them are there."""
    index = town.settings.blind_index()
    asked = {index.of(phone): town.issued[phone] for phone in phones}
    query = {"template": CODE, "phone_index": {"$in": [*asked]}}
    found = [row async for row in town.rows("sandbox").find(query, {"phone_index": 1, "sent_at": 1})]
    if len(found) < len(phones):
        return None
    return [(row["sent_at"] - asked[row["phone_index"]]).total_seconds() for row in found]


async def _passed(until: float) -> bool:
    return time.perf_counter() > until


async def _all_told(town: _Town, wish_id: str) -> bool:
    return bool(await town.rows("sandbox").count_documents({"template": FOLLOWER, "wish_id": wish_id}) >= FOLLOWERS)


async def _told_twice(town: _Town) -> int:
    """People on whose phone one wish is shown more than once; there must be none."""
    group = {"$group": {"_id": {"phone": "$phone_index", "wish": "$wish_id"}, "count": {"$sum": 1}}}
    stages = [{"$match": {"template": FOLLOWER}}, group, {"$match": {"count": {"$gt": 1}}}]
    return len([row async for row in town.rows("sandbox").aggregate(stages)])


def _slowest_hundredth(seconds: Sequence[float]) -> float:
    return round(statistics.quantiles(seconds, n=100, method="inclusive")[98], 3)
