"""wish-service as a process on real servers of its own, for measurements."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from microwish.identity.tokens import TokenSigner, generate_signing_keys
from microwish.privacy.sealing import generate_blind_key, generate_sealing_keys
from microwish.store.mongo import Mongo
from microwish.testing import eventually
from microwish_local.processes import Process, free_port
from microwish_local.servers.mongod import Mongod
from microwish_local.servers.tansu import Tansu
from wish_service.settings import WishSettings

DATABASE = "bench_wish"
COMMUNITY = "310117001001"
TREE = "code,name,parent\n310117,松江区,\n310117001,岳阳街道,310117\n310117001001,龙潭社区居委会,310117001\n"


@asynccontextmanager
async def own_mongo() -> AsyncIterator[Mongo]:
    """A database on a server of its own, thrown away afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="microwish-bench-"))
    mongod = Mongod(directory / "mongod")
    try:
        await mongod.start()
        mongo = Mongo(mongod.uri, DATABASE, timeout_seconds=30)
        yield mongo
        mongo.close()
    finally:
        await mongod.stop()
        shutil.rmtree(directory, ignore_errors=True)


@dataclass
class WishStack:
    """The running service: where it listens, what it was given, and its database."""

    ports: list[int]
    settings: WishSettings
    mongo: Mongo
    signer: TokenSigner
    directory: Path
    pid: int

    @property
    def port(self) -> int:
        """Where its first process listens."""
        return self.ports[0]


@asynccontextmanager
async def wish_stack(*, processes: int = 1) -> AsyncIterator[WishStack]:
    """The service in role `api`, in so many processes, with its usual settings, logging every request to a file."""
    directory = Path(tempfile.mkdtemp(prefix="microwish-bench-"))
    mongod, broker = Mongod(directory / "mongod"), Tansu(directory)
    ports = [free_port() for _ in range(processes)]
    tree = directory / "tree.csv"
    tree.write_text(TREE, encoding="utf-8")
    try:
        await asyncio.gather(mongod.start(), broker.start())
        given = {
            "mongo_uri": mongod.uri,
            "mongo_database": DATABASE,
            "kafka_bootstrap": broker.bootstrap,
            "kafka_idempotence": "false",
            "communities_csv": str(tree),
            "sealing_keys": generate_sealing_keys(),
            "blind_key": generate_blind_key(),
            "signing_keys": generate_signing_keys(),
            "cookie_secure": "false",
        }
        services = [_service(port, given, directory) for port in ports]
        settings = WishSettings(**given)  # type: ignore[arg-type]  # texts, as the environment has them
        mongo = Mongo(mongod.uri, DATABASE)
        try:
            for service, port in zip(services, ports, strict=True):
                await service.start()
                await eventually(partial(_ready, port), seconds=60)
            signer = TokenSigner.from_jwks(given["signing_keys"])
            yield WishStack(ports, settings, mongo, signer, directory, services[0].pid or 0)
        finally:
            for service in services:
                await service.stop()
            mongo.close()
    finally:
        await broker.stop()
        await mongod.stop()
        shutil.rmtree(directory, ignore_errors=True)


def _service(port: int, given: dict[str, str], directory: Path) -> Process:
    settings = {f"MICROWISH_{name.upper()}": value for name, value in {**given, "port": str(port)}.items()}
    argv = [sys.executable, "-m", "wish_service", "api"]
    return Process(f"wish-service on {port}", argv, log=directory / f"wish-{port}.log", env=os.environ | settings)


async def _ready(port: int) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
    except httpx.TransportError:
        return False
