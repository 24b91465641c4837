"""Apache Kafka as one KRaft node on disk, run from its jars by a Java 17."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import shutil
import uuid
from pathlib import Path

from microwish_local.paths import KAFKA_POM
from microwish_local.processes import Process, StartFailed, free_port, log_tail
from microwish_local.servers.kafka_probe import cluster_at
from microwish_local.servers.readiness import until_ready

_INSTALL = "`apt-get install openjdk-17-jre-headless maven` gives both Java and Maven"
_REMEDY = "Use `docker compose up`, or set MICROWISH_KAFKA_BOOTSTRAP to a Kafka of your own; its log is {log}."
_JVM = ["-Xmx512m", "-Xms128m", "-XX:+UseSerialGC", "-Dlog4j2.configurationFile="]
_COPY_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies"
_FETCH_SECONDS = 600.0


def _needed(program: str) -> str:
    if found := shutil.which(program):
        return found
    raise StartFailed(f"Apache Kafka needs {program}, which is not here: {_INSTALL}.")


def jar_directory() -> Path:
    """Where the jars of this pom.xml are kept, shared by every checkout of one user."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    version = hashlib.sha256(KAFKA_POM.read_bytes()).hexdigest()[:12]
    return cache / "microwish" / f"kafka-{version}"


async def fetch_jars() -> Path:
    """The directory with Kafka's jars, fetched through Maven the first time. Raises StartFailed with the remedy."""
    target = jar_directory()
    if target.is_dir():
        return target
    part = target.with_name(f"{target.name}.{uuid.uuid4().hex[:8]}")
    part.mkdir(parents=True)
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={part}"]
    argv = [_needed("mvn"), "-B", "-q", "-f", str(KAFKA_POM), _COPY_GOAL, *options]
    fetch = Process("maven", argv, log=target.with_name("maven.log"))
    await fetch.start()
    try:
        status = await asyncio.wait_for(fetch.exited(), _FETCH_SECONDS)
    except TimeoutError:
        status = -1
    finally:
        await fetch.stop()
    if status != 0 or not any(part.glob("kafka_*.jar")):
        shutil.rmtree(part)
        raise StartFailed(
            f"Kafka's jars could not be fetched through Maven; its log is {fetch.log}.\n{log_tail(fetch.log)}"
        )
    if not target.is_dir():
        part.rename(target)
    return target


class Apache:
    """Apache Kafka on 127.0.0.1 with its data in `directory`/data. Start it again and it serves the same data."""

    name = "broker"
    idempotence = True
    fetch_wait_ms = 500
    partitions = 6

    def __init__(self, directory: Path, *, port: int | None = None, log: Path | None = None) -> None:
        self.directory = directory
        self.port = port or free_port()
        self.log = log or directory / "broker.log"
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
        """Start the broker and wait until it answers; its storage is formatted once. Raises StartFailed."""
        jars, java = await fetch_jars(), _needed("java")
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "log4j2.properties").write_text(_LOGGING)
        properties = self.directory / "server.properties"
        properties.write_text(self._properties())
        jvm = [java, *_JVM[:-1], f"{_JVM[-1]}{self.directory / 'log4j2.properties'}", "-cp", f"{jars}/*"]
        await self._format(jvm, properties)
        self.process.argv = [*jvm, "kafka.Kafka", str(properties)]
        await self.process.start()
        try:
            remedy = _REMEDY.format(log=self.log)
            await until_ready(self.process, self._answers, remedy=remedy, deadline=120)
        except StartFailed:
            await self.process.stop()
            raise

    async def stop(self) -> None:
        """End the broker; its data stays."""
        await self.process.stop(grace=30)

    async def restart_empty(self) -> None:
        """A broker on the same address without any data, under another cluster id."""
        await self.stop()
        shutil.rmtree(self.directory / "data")
        await self.start()

    async def exited(self) -> int:
        """Wait for the end of the process and return its exit status."""
        return await self.process.exited()

    def kill(self) -> None:
        """End the broker by SIGKILL, as a crash would."""
        self.process.kill()

    async def _answers(self) -> bool:
        meta = (self.directory / "data" / "meta.properties").read_text()
        return f"cluster.id={await cluster_at(self.port)}\n" in meta  # else it is somebody else's broker on our port

    async def _format(self, jvm: list[str], properties: Path) -> None:
        if (self.directory / "data" / "meta.properties").is_file():
            return
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
        argv = [*jvm, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)]
        formatting = Process("kafka-storage", argv, log=self.log)
        await formatting.start()
        try:
            status = await formatting.exited()
        finally:
            await formatting.stop()
        if status != 0:
            raise StartFailed(f"Kafka's storage could not be formatted. {_REMEDY.format(log=self.log)}")

    def _properties(self) -> str:
        controller = free_port()
        lines = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(self.directory / "data"),
            "auto.create.topics.enable": "false",
            "group.initial.rebalance.delay.ms": "0",
            "log.cleaner.dedupe.buffer.size": "33554432",
        }
        one = ["offsets.topic", "transaction.state.log", "share.coordinator.state.topic"]
        lines |= {f"{name}.replication.factor": "1" for name in one}
        lines |= {f"{name}.num.partitions": "4" for name in one}
        lines |= {"transaction.state.log.min.isr": "1", "share.coordinator.state.topic.min.isr": "1"}
        return "".join(f"{key}={value}\n" for key, value in lines.items())


_LOGGING = """\
rootLogger.level = WARN
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1} %m%n
"""


def main() -> None:
    """Fetch the jars ahead of time, or say in one sentence why not."""
    try:
        asyncio.run(fetch_jars())
    except StartFailed as failure:
        raise SystemExit(str(failure)) from None


if __name__ == "__main__":
    main()
