"""adoption-service as processes on real servers, for measurements and for what many processes must stand together."""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Self

import httpx

from adoption_service.domain.organisation import Member
from adoption_service.store.claims_documents import STUB
from adoption_service.store.organisations import member_documents
from microwish.events.adoption import MemberRole
from microwish.identity.tokens import TokenSigner, generate_signing_keys
from microwish.ids import uuid7
from microwish.privacy.sealing import Sealer, generate_blind_key, generate_sealing_keys
from microwish.store.mongo import Database, Document, Mongo
from microwish.testing import eventually
from microwish_local.processes import Process, free_port
from microwish_local.servers.mongod import Mongod
from microwish_local.servers.tansu import Tansu

COMMUNITY = "310117001002"
API = (sys.executable, "-m", "adoption_service", "api")


@dataclass(frozen=True)
class Claimer:
    """A verified organisation, and the token of the one who claims for it."""

    organisation_id: str
    person_id: str
    token: str


@dataclass
class AdoptionStack:
    """The running service: where its processes listen, and its database."""

    ports: list[int]
    mongo: Mongo
    sealer: Sealer
    signer: TokenSigner
    pids: list[int]
    topic_prefix: str

    async def organisations(self, count: int) -> list[Claimer]:
        """Verified organisations, put in place as their registration and verification leave them."""
        claimers = [new_claimer(self.signer) for _ in range(count)]
        rows = [organisation_row(serial, one, self.sealer) for serial, one in enumerate(claimers)]
        await self.mongo.db.get_collection("organisations").insert_many(rows)
        return claimers

    async def wishes(self, count: int, *, slots: int = 1, db: Database | None = None) -> list[str]:
        """Open wishes that nobody has claimed, put in place as WishPosted leaves them; db: elsewhere."""
        opened = {**STUB, "state": "open", "slots": slots, "community": COMMUNITY, "taken": {"wish": 2}}
        fresh = [uuid7() for _ in range(count)]
        rows = [{"_id": one, **opened, "revision": 3, "streamversion": 0, "outbox": []} for one in fresh]
        await (self.mongo.db if db is None else db).get_collection("claims").insert_many(rows)
        return fresh

    async def all_sent(self) -> bool:
        """Whether nothing waits in outboxes."""
        return not await self.mongo.db.get_collection("claims").count_documents({"unsent_since": {"$exists": True}})


@dataclass(frozen=True)
class Servers:
    """What they run on: where the broker is, and the process id of the database."""

    bootstrap: str
    mongod: int


@asynccontextmanager
async def adoption_stack(*, processes: int = 1) -> AsyncIterator[tuple[AdoptionStack, Servers]]:
    """So many processes on servers of their own, which are thrown away afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="microwish-bench-"))
    mongod, broker = Mongod(directory / "mongod"), Tansu(directory)
    try:
        await asyncio.gather(mongod.start(), broker.start())
        async with adoption_processes(mongod.uri, broker.bootstrap, directory, processes=processes) as stack:
            yield stack, Servers(broker.bootstrap, mongod.pid or 0)
    finally:
        await broker.stop()
        await mongod.stop()
        shutil.rmtree(directory, ignore_errors=True)


@asynccontextmanager
async def adoption_processes(
    mongo_uri: str,
    bootstrap: str,
    directory: Path,
    *,
    processes: int,
    argv: Sequence[str] = API,
    idempotence: bool = False,
    name: str = "bench_adoption",
) -> AsyncIterator[AdoptionStack]:
    """So many processes in role `api`, each on a port of its own, on servers that are there.

    name: of the database, and the prefix of the topics. argv: what each of them runs.
    """
    signer, sealing_keys = TokenSigner.from_jwks(generate_signing_keys()), generate_sealing_keys()
    given = {
        "MONGO_URI": mongo_uri,
        "MONGO_DATABASE": name,
        "KAFKA_BOOTSTRAP": bootstrap,
        "KAFKA_IDEMPOTENCE": str(idempotence),
        "KAFKA_TOPIC_PREFIX": f"{name}.",
        "JWKS_URL": f"http://127.0.0.1:{free_port()}/jwks",
        "SEALING_KEYS": sealing_keys,
        "BLIND_KEY": generate_blind_key(),
        "COOKIE_SECURE": "false",
        "LOG_LEVEL": "WARNING",
    }
    mongo, ports = Mongo(mongo_uri, name), [free_port() for _ in range(processes)]
    # The service finds the public keys where it keeps what it fetched last, so no wish-service is needed.
    await mongo.db.get_collection("keys").insert_one({"_id": "jwks", "jwks": signer.public_jwks()})
    services = [_service(port, given, argv, directory) for port in ports]
    try:
        await services[0].start()  # alone at first: it makes the indexes and topics
        await eventually(partial(_ready, ports[0]), seconds=60)
        await asyncio.gather(*(service.start() for service in services[1:]))
        await asyncio.gather(*(eventually(partial(_ready, port), seconds=60) for port in ports))
        pids = [service.pid or 0 for service in services]
        yield AdoptionStack(ports, mongo, Sealer.from_keys(sealing_keys), signer, pids, f"{name}.")
    finally:
        await asyncio.gather(*(service.stop() for service in services))
        mongo.close()


def new_claimer(signer: TokenSigner | None = None) -> Claimer:
    """Somebody who claims for an organisation of their own; without a signer the token is empty."""
    person_id = uuid7()
    token = signer.sign(person_id, [], [], "", 36_000, datetime.now(UTC)) if signer else ""
    return Claimer(uuid7(), person_id, token)


def organisation_row(serial: int, claimer: Claimer, sealer: Sealer) -> Document:
    """The organisation as its registration and verification leave it."""
    name = sealer.seal("李明", about=f"organisation:{claimer.organisation_id}")
    about = f"contact:{claimer.organisation_id}"
    registered = {"at": datetime.now(UTC), "what": "OrganisationRegistered"}
    return {
        "_id": claimer.organisation_id,
        "name": f"第{serial}党支部",
        "kind": "party_organisation",
        "state": "verified",
        "scope": "310117",
        "branch_id": f"ZB-{claimer.organisation_id}",
        "contact": {"name": sealer.seal("李明", about=about), "phone": sealer.seal("02155550100", about=about)},
        "members": member_documents([Member(claimer.person_id, MemberRole.MANAGER, name)]),
        "following": {"communities": ["310117"], "categories": [], "notify": "none"},
        "timeline": [{**registered, "by": {"role": "member", "person_id": claimer.person_id}}],
        "revision": 1,
        "streamversion": 0,
        "outbox": [],
    }


def cpu_seconds(pids: Sequence[int]) -> float:
    """Processor time that these processes have used so far (proc_pid_stat(5): utime and stime)."""
    ticks = os.sysconf("SC_CLK_TCK")
    fields = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids)
    return sum(int(one[11]) + int(one[12]) for one in fields) / ticks


class Connection:
    """One keep-alive connection with next to no cost of its own: what is measured shares the machine with it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, port: int) -> Self:
        """Connect to a server on this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def claim(self, claimer: Claimer, wish_id: str, *, key: str | None = None) -> tuple[int, bytes]:
        """POST a claim; the status and the body of the answer. Raises: OSError, EOFError if the connection ends."""
        self.send_claim(claimer, wish_id, key=key)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
        return int(lines[0].split()[1]), await self._reader.readexactly(length)

    def send_claim(self, claimer: Claimer, wish_id: str, *, key: str | None = None) -> None:
        """Only send it."""
        body = json.dumps({"wish_id": wish_id, "organisation_id": claimer.organisation_id}).encode()
        head = (
            f"POST /api/adoptions HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {claimer.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        )
        keyed = f"Idempotency-Key: {key}\r\n" if key else ""
        self._writer.write(f"{head}{keyed}\r\n".encode() + body)

    def drop(self) -> None:
        """Cut it, whatever is under way."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close it."""
        self._writer.close()
        await self._writer.wait_closed()


def _service(port: int, given: dict[str, str], argv: Sequence[str], directory: Path) -> Process:
    settings = {f"MICROWISH_{name}": value for name, value in {**given, "PORT": str(port)}.items()}
    log = directory / f"adoption-{port}.log"
    return Process(f"adoption-service on {port}", argv, log=log, env=os.environ | settings)


async def _ready(port: int) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
    except httpx.TransportError:
        return False
