"""Workers of notify-service as processes, a provider of SMS that is played, and messages put in place for them.

The provider is the tests' own (`providers/alibaba.py`): it checks signatures, goes wrong as it is told, and counts what
it accepted by out id. The workers talk to it through the real SDK.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from microwish.events import Actor, Category, Community, Envelope, Role
from microwish.events.wish import WishPosted
from microwish.ids import derived_id, uuid7
from microwish.store.mongo import Document
from microwish.testing import eventually
from microwish.when import When, system_clock
from microwish_local.processes import Process, free_port
from notify_service.domain.approved import LANGUAGES
from notify_service.domain.texts import TEMPLATES
from notify_service.settings import NotifySettings
from notify_service.store.events import stored
from notify_service.wiring import NotifyService

PLAYED = Path(__file__).parent.parent / "services/notify-service/tests"
COMMUNITY = "310117001001"
TEMPLATE = "wish_posted_follower.v1"
_CHUNK = 1000
_BUSY = ("queued", "sending", "unknown", "awaiting")


@dataclass(frozen=True)
class Chances:
    """How often the provider goes wrong (0 to 1): refuses, never answers, drops the connection after accepting."""

    fail: float = 0.0
    timeout: float = 0.0
    drop_after: float = 0.0
    latency_ms: float = 75.0
    hang_seconds: float = 8.0


class Provider:
    """The provider as a process."""

    def __init__(self, process: Process, port: int) -> None:
        self.process, self.address = process, f"127.0.0.1:{port}"

    async def counts(self) -> dict[str, Any]:
        """Its books, with how often each out id was accepted."""
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            counts: dict[str, Any] = (await http.get(f"http://{self.address}/_counts?keys=1")).json()
        return counts

    async def answers(self) -> bool:
        """Whether it serves."""
        try:
            await self.counts()
        except httpx.TransportError:
            return False
        return True


@asynccontextmanager
async def played_provider(directory: Path, chances: Chances, *, seed: int = 7) -> AsyncIterator[Provider]:
    """The provider, until the block ends."""
    port = free_port()
    told = {
        "port": port,
        "seed": seed,
        "fail": chances.fail,
        "fail-code": "Throttling.User",
        "timeout": chances.timeout,
        "hang-seconds": chances.hang_seconds,
        "drop-after": chances.drop_after,
        "latency-ms": chances.latency_ms,
    }
    options = [str(one) for name, value in told.items() for one in (f"--{name}", value)]
    argv = [sys.executable, "-m", "providers.alibaba", *options]
    env = {**os.environ, "PYTHONPATH": str(PLAYED)}
    process = Process("alibaba", argv, log=directory / "provider.log", env=env)
    await process.start()
    try:
        provider = Provider(process, port)
        await eventually(provider.answers, seconds=60)
        yield provider
    finally:
        await process.stop()


def approved_file(directory: Path, *providers: str) -> Path:
    """The file of approved templates, in which these providers have approved all of them."""
    ids = {"alibaba": "SMS_{:06d}", "tencent": "{:06d}"}
    templates = sorted(template.id for template in TEMPLATES)
    approved = {
        provider: {name: dict.fromkeys(LANGUAGES, ids[provider].format(at)) for at, name in enumerate(templates)}
        for provider in providers
    }
    file = directory / "approved.json"
    file.write_text(json.dumps(approved), encoding="utf-8")
    return file


def settings_for(provider: Provider, directory: Path, common: Mapping[str, Any], **own: Any) -> dict[str, Any]:
    """What a worker is told: short patience, so that what is unknown is asked after within the measurement."""
    return {
        **common,
        "sandbox": True,
        "cookie_secure": False,
        "approved_templates": str(approved_file(directory, "alibaba")),
        "sms_providers": "alibaba",
        "alibaba_access_key_id": "LTAI-tests",
        "alibaba_access_key_secret": "not-a-secret",
        "alibaba_callback_token": "nobody-pushes-here",
        "alibaba_endpoint": provider.address,
        "alibaba_protocol": "http",
        "alibaba_settle_seconds": 1.0,
        "provider_rates": {"alibaba": 5000.0},
        "quiet_hours": "",
        "merge_seconds": 0,
        "send_deadline_seconds": 3.0,
        "reconcile_grace_seconds": 1.0,
        "sweep_seconds": 0.5,
        "retry_base_seconds": 0.5,
        "retry_cap_seconds": 5.0,
        "success_least": 0.0,
        **own,
    }


def environment(told: Mapping[str, Any]) -> dict[str, str]:
    """The same as a process gets it."""
    return {
        f"MICROWISH_{name.upper()}": json.dumps(value) if isinstance(value, dict) else str(value)
        for name, value in told.items()
    }


@dataclass
class Workers:
    """So many replicas of the worker, each with a log."""

    told: Mapping[str, Any]
    directory: Path
    processes: list[Process]

    @classmethod
    def of(cls, told: Mapping[str, Any], directory: Path, count: int, *, argv: Sequence[str] = ()) -> "Workers":
        """Not started yet. argv: instead of the service's own worker."""
        workers = cls(told, directory, [])
        for number in range(count):
            env = environment(told) | {"MICROWISH_PORT": str(free_port())}
            command = [*(argv or (sys.executable, "-m", "notify_service")), "worker"]
            log = directory / f"worker-{number}.log"
            workers.processes.append(Process(f"worker {number}", command, log=log, env={**os.environ, **env}))
        return workers

    async def start(self) -> None:
        """Start all, and wait until each serves."""
        for process in self.processes:
            await process.start()
        for process in self.processes:
            await eventually(partial(_alive, process.env["MICROWISH_PORT"]), seconds=60)

    async def kill(self, number: int) -> None:
        """Kill -9, and start it again at once."""
        process = self.processes[number]
        process.kill()
        await process.exited()
        await process.start()

    async def stop(self) -> None:
        """End all."""
        await asyncio.gather(*(process.stop() for process in self.processes))


async def _alive(port: str) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as http:
            return (await http.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200
    except httpx.TransportError:
        return False


class Queue:
    """Puts messages in place as a fan-out leaves them, and says how far they are."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.settings = NotifySettings(**told)
        self.service = NotifyService(self.settings)
        self.messages = self.service.mongo.db.get_collection("messages")

    async def put(self, count: int) -> list[str]:
        """So many people of one event: their contacts, notices and queued messages; the ids of these."""
        event = _posted()
        ids: list[str] = []
        for first in range(0, count, _CHUNK):
            people = [uuid7() for _ in range(min(_CHUNK, count - first))]
            contacts = [self._contact(person, 13_900_000_000 + first + at) for at, person in enumerate(people)]
            notices = [_notice(event, person) for person in people]
            when = When(event.time, system_clock() - timedelta(hours=1))  # so that nobody else is waited for
            fields = {derived_id("message", notice["_id"]): _fields(notice, when) for notice in notices}
            await self.service.store.contacts.view.rows.insert_many(contacts)
            await self.service.mongo.db.get_collection("notices").insert_many(notices)
            await self.service.store.messages.create_many(fields, when=when)
            ids += fields
        return ids

    async def settled(self) -> int:
        """How many have come to an end, whichever."""
        return await self.messages.count_documents({"state": {"$nin": list(_BUSY)}})

    async def drained(self) -> bool:
        """Whether nothing is left to do."""
        return not await self.messages.count_documents({"state": {"$in": list(_BUSY)}})

    async def states(self) -> dict[str, int]:
        """How many are in each state."""
        stages: list[Document] = [{"$group": {"_id": "$state", "count": {"$sum": 1}}}]
        return {row["_id"]: row["count"] async for row in self.messages.aggregate(stages)}

    async def steps(self, what: str) -> int:
        """How often this step was taken by all of them together."""
        stages: list[Document] = [
            {"$unwind": "$timeline"},
            {"$match": {"timeline.what": what}},
            {"$count": "count"},
        ]
        return next(iter([row["count"] async for row in self.messages.aggregate(stages)]), 0)

    def _contact(self, person: str, phone: int) -> Document:
        number = str(phone)
        contact = {
            "version": 1,
            "kind": "person",
            "person_id": person,
            "phone": self.settings.sealer().seal(number, about=f"contact:{person}"),
            "openid": None,
            "phone_index": self.settings.blind_index().of(number),
        }
        return {"_id": person, "contact": contact}


def _posted() -> Envelope:
    event = WishPosted(
        wish_id=uuid7(),
        resident_id=uuid7(),
        community=COMMUNITY,
        by=Actor(person_id=uuid7(), role=Role.STAFF),
        place=Community(code=COMMUNITY, name="龙潭社区"),
        category=Category.GOODS,
        title="想要一台能收戏曲的收音机",
        detail="耳朵不好，声音要大",
        slots=1,
    )
    return Envelope.of(event, id=uuid7(), version=1, time=system_clock())


def _notice(event: Envelope, person: str) -> Document:
    return {
        "_id": derived_id("notice", event.id, person),
        "event": stored(event),
        "event_type": event.type,
        "template": TEMPLATE,
        "mode": "normal",
        "channels": ["sms"],
        "recipient": person,
        "person_id": person,
        "wish_id": event.subject,
        "community": COMMUNITY,
        "state": "told",
        "since": event.time,
        "use_until": event.time + timedelta(days=1),
    }


def _fields(notice: Document, when: When) -> Document:
    kept = ("template", "event_type", "wish_id", "community", "recipient", "person_id", "channels", "use_until")
    return {
        **{name: notice[name] for name in kept},
        "lane": "bulk",
        "event_time": notice["event"]["time"],
        "notices": [notice["_id"]],
        "waits_for": [],
        "give_up_at": when.at + timedelta(days=1),
    }
