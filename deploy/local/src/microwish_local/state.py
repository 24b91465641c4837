"""The state directory of a local stack: what must be the same at the next start.

lock              held while a stack runs on this directory
keys.json         signing, sealing and blind keys, made once
ports.json        ports of mongod and the broker, taken again when they are free
mongo.uri         the addresses in use, for other programs
kafka.bootstrap
sample.json       which sample was loaded, and when
data/             of mongod and Apache Kafka
logs/             one file per process
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from microwish_local.keys import Keys, load_or_make
from microwish_local.processes import StartFailed, free_port


class StateDirectory:
    """The files above, under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.logs = self.root / "logs"
        self.data = self.root / "data"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the directory for one stack. Raises StartFailed when another one runs on it."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                lock.seek(0)
                raise StartFailed(
                    f"Another stack (pid {lock.read().strip() or 'unknown'}) runs on {self.root}: stop it first, "
                    "or choose another --state-dir and --port-base."
                ) from error
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def reset(self) -> None:
        """Remove everything but the lock."""
        for entry in self.root.iterdir():
            if entry.name == "lock":
                continue
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def keys(self) -> Keys:
        """The keys of this stack."""
        return load_or_make(self.root / "keys.json")

    def port(self, server: str) -> int:
        """The port of an embedded server: the one of the last start when it is free."""
        file = self.root / "ports.json"
        ports: dict[str, int] = json.loads(file.read_text()) if file.is_file() else {}
        ports[server] = free_port(ports.get(server))
        file.write_text(json.dumps(ports))
        return ports[server]

    def log(self, process: str) -> Path:
        """The log file of a process."""
        return self.logs / f"{process}.log"

    def publish(self, *, mongo_uri: str, kafka_bootstrap: str) -> None:
        """Write down the addresses in use."""
        (self.root / "mongo.uri").write_text(f"{mongo_uri}\n")
        (self.root / "kafka.bootstrap").write_text(f"{kafka_bootstrap}\n")

    @property
    def has_sample(self) -> bool:
        """Whether a sample was loaded completely on this state."""
        return (self.root / "sample.json").is_file()

    def remember_sample(self, name: str) -> None:
        """Note that a sample was loaded completely, so that the next start doesn't load it again."""
        noted = {"sample": name, "loaded_at": datetime.now(UTC).isoformat()}
        (self.root / "sample.json").write_text(json.dumps(noted))
