"""The real servers that `microwish up` and the tests start: MongoDB's mongod, the tansu broker, Apache Kafka."""

from __future__ import annotations

from typing import Protocol


class Server(Protocol):
    """A server that can be started, and stopped, and started again on the same address."""

    name: str

    async def start(self) -> None:
        """Start, and return when it answers. Raises StartFailed with one sentence that names the remedy."""

    async def stop(self) -> None:
        """End it in order; nothing of it is left running. Stopping what doesn't run does nothing."""

    def kill(self) -> None:
        """End it at once, as a crash would."""


class Database(Server, Protocol):
    """A MongoDB replica set. What was stored is there after a restart."""

    @property
    def uri(self) -> str:
        """The connection string."""


class Broker(Server, Protocol):
    """A Kafka broker."""

    idempotence: bool
    """Whether it takes idempotent producers."""
    fetch_wait_ms: int
    """What consumers set as `fetch_max_wait_ms`, in milliseconds."""

    @property
    def bootstrap(self) -> str:
        """Host and port for clients."""

    async def restart_empty(self) -> None:
        """The same address, but no topics, no offsets and another cluster id."""
