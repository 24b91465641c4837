"""Claims per second on different wishes over HTTP, against the raw `find_one_and_update` of the same documents.

Both write the same claim into the same kind of document with the same driver, write concern and concurrency; the
service besides speaks HTTP, checks the token, the organisation and the limit, seals names, and publishes to Kafka.
Rounds of the two are interleaved, so that both see the same machine; the figures are medians.
"""

import asyncio
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import httpx

from adoption_service.domain.adoption import Adoption
from adoption_service.domain.claims import Entry
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.claims_documents import STUB
from microwish.events import Actor, Role
from microwish.events.adoption import OrganisationKind, OrganisationRef, WishAdopted
from microwish.identity.people import Role as PersonRole
from microwish.identity.tokens import TokenSigner, generate_signing_keys
from microwish.ids import uuid7
from microwish.privacy.sealing import Sealer, generate_blind_key, generate_sealing_keys
from microwish.privacy.uscc import check_character
from microwish.store.mongo import Mongo
from microwish.testing import eventually
from microwish.when import When
from microwish_local.processes import Process, free_port
from microwish_local.servers.mongod import Mongod
from microwish_local.servers.tansu import Tansu

CONCURRENCY = 32
ROUNDS = 3
ROUND_SECONDS = 4.0
GOAL = 0.6
STOCK = 10_000
DATABASE = "bench_adoption"
Act = Callable[[str], Awaitable[None]]
"""Claims the wish of this id."""


@dataclass
class Bench:
    """Wishes that nobody has claimed yet, and the rounds."""

    mongo: Mongo
    wishes: list[str] = field(default_factory=list)

    async def stock(self) -> None:
        """See to enough open wishes with one slot each, as WishPosted leaves them."""
        opened = {**STUB, "state": "open", "slots": 1, "community": "310117001002", "taken": {"wish": 2}}
        while len(self.wishes) < STOCK:
            fresh = [uuid7() for _ in range(1000)]
            rows = [{"_id": one, **opened, "revision": 3, "streamversion": 0, "outbox": []} for one in fresh]
            await self.mongo.db.get_collection("claims").insert_many(rows)
            self.wishes += fresh

    async def round(self, act: Act) -> float:
        """Claims per second, by as many people at once as CONCURRENCY says, for ROUND_SECONDS."""
        await self.stock()
        started, done = time.perf_counter(), 0
        until = started + ROUND_SECONDS

        async def person() -> None:
            nonlocal done
            while self.wishes and time.perf_counter() < until:
                await act(self.wishes.pop())
                done += 1

        await asyncio.gather(*(person() for _ in range(CONCURRENCY)))
        return done / (time.perf_counter() - started)


async def measure_claims() -> dict[str, Any]:
    """Start servers of its own, measure, stop them; one figure in the form of `bench/latest.json`."""
    directory = Path(tempfile.mkdtemp(prefix="microwish-bench-"))
    mongod, broker = Mongod(directory / "mongod"), Tansu(directory)
    try:
        await asyncio.gather(mongod.start(), broker.start())
        return await _measure_on(mongod.uri, broker.bootstrap, directory)
    finally:
        await broker.stop()
        await mongod.stop()
        shutil.rmtree(directory, ignore_errors=True)


async def _measure_on(mongo_uri: str, bootstrap: str, directory: Path) -> dict[str, Any]:
    signer, sealing_keys, port = TokenSigner.from_jwks(generate_signing_keys()), generate_sealing_keys(), free_port()
    mongo = Mongo(mongo_uri, DATABASE)
    # The service finds the public keys where it keeps what it fetched last, so no wish-service is needed.
    await mongo.db.get_collection("keys").insert_one({"_id": "jwks", "jwks": signer.public_jwks()})
    settings = {
        "MICROWISH_MONGO_URI": mongo_uri,
        "MICROWISH_MONGO_DATABASE": DATABASE,
        "MICROWISH_KAFKA_BOOTSTRAP": bootstrap,
        "MICROWISH_KAFKA_IDEMPOTENCE": "false",
        "MICROWISH_JWKS_URL": f"http://127.0.0.1:{free_port()}/jwks",
        "MICROWISH_SEALING_KEYS": sealing_keys,
        "MICROWISH_BLIND_KEY": generate_blind_key(),
        "MICROWISH_COOKIE_SECURE": "false",
        "MICROWISH_PORT": str(port),
        "MICROWISH_LOG_LEVEL": "WARNING",
    }
    argv = [sys.executable, "-m", "adoption_service", "api"]
    service = Process("adoption-service", argv, log=directory / "adoption.log", env=os.environ | settings)
    try:
        await service.start()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            await eventually(lambda: _ready(http), seconds=60)
            bench = Bench(mongo)
            await bench.stock()
            over_http = await _http_claim(http, signer)
            try:
                return await _compare(bench, over_http, await _raw_claim(mongo, Sealer.from_keys(sealing_keys)))
            finally:
                await over_http.close()
    finally:
        await service.stop()
        mongo.close()


async def _compare(bench: Bench, over_http: Act, raw: Act) -> dict[str, Any]:
    rates: dict[str, list[float]] = {"http": [], "raw": []}
    for act in (over_http, raw):  # connections, caches and the optimiser of the database warm up
        await act(bench.wishes.pop())
    for _ in range(ROUNDS):
        rates["raw"].append(await bench.round(raw))
        rates["http"].append(await bench.round(over_http))
    value, baseline = (statistics.median(rates[name]) for name in ("http", "raw"))
    return {
        "figure": "claims of different wishes over HTTP",
        "value": round(value, 1),
        "baseline": round(baseline, 1),
        "ratio": round(value / baseline, 3),
        "goal": GOAL,
        "unit": "claims/s",
        "runs": ROUNDS,
        "broker": "embedded",
    }


async def _ready(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


async def _http_claim(http: httpx.AsyncClient, signer: TokenSigner) -> "_HttpClaims":
    """One organisation claims them all; its adoptions are young, so its limit is never reached."""
    now = datetime.now(UTC)
    headers = {"Authorization": "Bearer " + signer.sign(uuid7(), [PersonRole.ADMIN], [], "", 3600, now)}
    body = f"91310117MA1{0:06d}"
    organisation = {
        "name": "和风邮政所党支部",
        "kind": "party_organisation",
        "uscc": body + check_character(body),
        "contact": {"name": "李明", "phone": "021-55550100"},
    }
    made = (await http.post("/api/organisations", json=organisation, headers=headers)).raise_for_status().json()
    said = await http.post(
        f"/api/organisations/{made['id']}/verification", json={"decision": "approve"}, headers=headers
    )
    said.raise_for_status()

    return _HttpClaims(http.base_url.port or 0, headers["Authorization"], made["id"])


class _HttpClaims:
    """Claims over HTTP on connections that are kept; as many as there are people at once."""

    def __init__(self, port: int, authorization: str, organisation_id: str) -> None:
        self._port, self._authorization, self._organisation_id = port, authorization, organisation_id
        self._idle: list[_Connection] = []

    async def __call__(self, wish_id: str) -> None:
        connection = self._idle.pop() if self._idle else await _Connection.to(self._port, self._authorization)
        body = {"wish_id": wish_id, "organisation_id": self._organisation_id}
        status, answer = await connection.post("/api/adoptions", body)
        assert status == 201, answer
        self._idle.append(connection)

    async def close(self) -> None:
        """Give the connections back."""
        for connection in self._idle:
            await connection.close()


class _Connection:
    """One keep-alive connection with next to no cost of its own: what is measured shares the machine with it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, authorization: str) -> None:
        self._reader, self._writer, self._authorization = reader, writer, authorization

    @classmethod
    async def to(cls, port: int, authorization: str) -> Self:
        """Connect to a server on this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port), authorization)

    async def post(self, path: str, body: dict[str, str]) -> tuple[int, bytes]:
        """POST JSON; the status and the answer's body."""
        sent = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: {self._authorization}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
        )
        self._writer.write(head.encode() + sent)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length:"))
        return int(lines[0].split()[1]), await self._reader.readexactly(length)

    async def close(self) -> None:
        """Close it."""
        self._writer.close()
        await self._writer.wait_closed()


async def _raw_claim(mongo: Mongo, sealer: Sealer) -> Act:
    """The same filter and pipeline that the service's claim sends, straight to the driver."""
    template, sent = uuid7(), _Recorder()
    store = ClaimsStore(mongo.db)
    store.aggregates.collection = sent  # type: ignore[assignment]
    adoption, event, when = _claim_of(template, sealer)
    await store.take_slot("", adoption, event, Entry("WishAdopted", event.by, template), when=when)
    where, pipeline, options = sent.where, sent.pipeline, sent.options

    async def claim(wish_id: str) -> None:
        adoption_id = uuid7()
        filled = {**_filled(where, template, adoption_id), "_id": wish_id}
        written = await store.collection.find_one_and_update(
            filled, _filled(pipeline, template, adoption_id), **options
        )
        assert written is not None

    return claim


class _Recorder:
    """Stands where the collection would, and keeps what it was asked to write."""

    where: Any
    pipeline: Any
    options: dict[str, Any]

    async def find_one_and_update(self, where: Any, pipeline: Any, **options: Any) -> None:
        self.where, self.pipeline, self.options = where, pipeline, options


def _filled(value: Any, old: str, new: str) -> Any:
    """The value with another adoption id in it: adoption ids are unique."""
    if isinstance(value, dict):
        return {key: _filled(inner, old, new) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, old, new) for inner in value]
    return new if value == old else value


def _claim_of(id: str, sealer: Sealer) -> tuple[Adoption, WishAdopted, When]:
    who = OrganisationRef(id=uuid7(), name="和风邮政所党支部", kind=OrganisationKind.PARTY_ORGANISATION)
    sealed, when, person = sealer.seal("李明", about="wish:raw"), When.now(), uuid7()
    adoption = Adoption(
        id=id,
        organisation=who,
        handler_id=person,
        handler_name=sealed,
        office_phone=sealed,
        door_code=sealed,
        claimed_at=when.at,
        term_from=when.at,
        due_at=when.at + timedelta(days=15),
        remind_at=when.at + timedelta(days=12),
    )
    event = WishAdopted(
        wish_id="raw",
        by=Actor(person_id=person, role=Role.MEMBER),
        adoption_id=id,
        organisation_id=who.id,
        handler_id=person,
        organisation=who,
        handler_name=sealed,
        office_phone=sealed,
        door_code=sealed,
        claimed_at=when.at,
        due_at=adoption.due_at,
    )
    return adoption, event, when
