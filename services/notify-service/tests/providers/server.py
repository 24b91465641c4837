"""The common part of the providers that the tests play: a real HTTP server whose faults are scripted or drawn.

A provider subclasses `PlayedProvider`: `answer` routes a request, checks its signature, and hands what would be
accepted to `take`, which spoils it as the next `Fault` says. What was accepted is counted by its key: our out id, or
whatever the provider tells messages apart by. `GET /_counts` shows the counts (with `?keys=1` those of every key).

As a process of its own, from the folder of the tests (or with it in PYTHONPATH):

    python -m providers.alibaba --port 9100 --fail 0.1 --timeout 0.02 --drop-after 0.01 --latency-ms 50 --seed 7
"""

import argparse
import asyncio
import contextlib
import random
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from providers.wire import DROPPED, HttpServer, Reply, Request, json_reply

__all__ = ["DROPPED", "Accepted", "Chances", "Fault", "HttpServer", "PlayedProvider", "Reply", "Request", "json_reply"]


@dataclass(frozen=True)
class Fault:
    """What becomes of one request that would be accepted; as it stands, nothing goes wrong.

    code: refused with this code of the provider's. status: an HTTP status before anything was accepted. drop: the
    connection ends without an answer, before or after accepting. seconds: the answer takes so long. accepts: False
    where nothing is accepted before that time is over, nor after it. body: this instead of the answer, after
    accepting. times: the answer is written so often.
    """

    code: str | None = None
    status: int | None = None
    drop: str | None = None
    seconds: float = 0.0
    accepts: bool = True
    body: bytes | None = None
    times: int = 1


FINE = Fault()
DROP_BEFORE = Fault(drop="before")
DROP_AFTER = Fault(drop="after")
ANSWER_TWICE = Fault(times=2)
SERVER_ERROR = Fault(status=500)
MALFORMED = Fault(body=b"<html>the gateway is being repaired</html>")


@dataclass
class Chances:
    """How often what goes wrong by itself (0 to 1), and how long an answer takes.

    fail: refused with `fail_code`. error: HTTP 500. timeout: no answer for `hang_seconds`, every other time after
    accepting. latency: seconds that every answer takes, half to one and a half of it.
    """

    fail: float = 0.0
    fail_code: str = ""
    error: float = 0.0
    timeout: float = 0.0
    hang_seconds: float = 60.0
    drop_before: float = 0.0
    drop_after: float = 0.0
    latency: float = 0.0
    dice: random.Random = field(default_factory=random.Random)

    def draw(self) -> Fault:
        """The fault of the next request."""
        roll = self.dice.random()
        hang = Fault(seconds=self.hang_seconds, accepts=self.dice.random() < 0.5, drop="after")
        for chance, fault in (
            (self.fail, Fault(code=self.fail_code)),
            (self.error, SERVER_ERROR),
            (self.timeout, hang),
            (self.drop_before, DROP_BEFORE),
            (self.drop_after, DROP_AFTER),
        ):
            if roll < chance:
                return fault
            roll -= chance
        return FINE

    def pause(self) -> float:
        """Seconds that the next answer takes."""
        return self.latency * self.dice.uniform(0.5, 1.5)


@dataclass(frozen=True)
class Accepted:
    """What the provider accepted. key: what it is told apart by; values: of the template; at: seconds, epoch."""

    key: str
    to: str
    template: str
    values: Any
    reference: str
    at: float = field(default_factory=time.time)


class PlayedProvider:
    """Keeps the books of one provider and spoils what its faults say."""

    fail_code = ""
    """The code that a drawn refusal has where none is named."""

    def __init__(self, chances: Chances | None = None) -> None:
        self.chances = chances or Chances()
        self.faults: deque[Fault] = deque()
        self.requests: Counter[str] = Counter()
        self.spoiled: Counter[str] = Counter()
        self.accepted: dict[str, list[Accepted]] = {}

    async def answer(self, request: Request) -> Reply:
        """What the provider says to a request."""
        raise NotImplementedError

    def next(self, *faults: Fault) -> None:
        """The next requests that would be accepted go wrong like this, in order; those after them are fine again."""
        self.faults.extend(faults)

    def keep(self, accepted: Accepted) -> None:
        """Write down what was accepted."""
        self.accepted.setdefault(accepted.key, []).append(accepted)

    def of(self, key: str) -> list[Accepted]:
        """Everything accepted under a key, oldest first."""
        return self.accepted.get(key, [])

    async def take(self, accept: Callable[[], Reply], refuse: Callable[[str], Reply]) -> Reply:
        """Accept a request, unless the next fault says otherwise."""
        fault = self.faults.popleft() if self.faults else self.chances.draw()
        await asyncio.sleep(self.chances.pause())
        if (early := self._before(fault, refuse)) is not None:
            return early
        reply = accept() if fault.accepts else DROPPED
        if fault.seconds:
            self.spoiled["late"] += 1
            await asyncio.sleep(fault.seconds)
        if fault.drop:
            self.spoiled["drop_after"] += not fault.seconds
            return DROPPED
        return replace(reply, times=fault.times, body=reply.body if fault.body is None else fault.body)

    def counts(self, *, keys: bool = False) -> dict[str, Any]:
        """The books: how many requests of each kind, what went wrong, what was accepted, and which keys twice."""
        times = {key: len(all_of_it) for key, all_of_it in self.accepted.items()}
        books: dict[str, Any] = {
            "requests": dict(self.requests),
            "spoiled": dict(self.spoiled),
            "accepted": sum(times.values()),
            "keys": len(times),
            "twice": {key: count for key, count in times.items() if count > 1},
        }
        return {**books, "times": times} if keys else books

    async def hear(self, request: Request) -> Reply:
        """Count and answer a request; `/_counts` is for those who watch."""
        if request.path == "/_counts":
            return json_reply(self.counts(keys="keys" in request.query))
        return await self.answer(request)

    def _before(self, fault: Fault, refuse: Callable[[str], Reply]) -> Reply | None:
        if fault.drop == "before":
            self.spoiled["drop_before"] += 1
            return DROPPED
        if fault.status is not None:
            self.spoiled["error"] += 1
            return Reply(fault.status, b"")
        if fault.code is not None:
            self.spoiled["fail"] += 1
            return refuse(fault.code or self.fail_code)
        return None


@contextlib.asynccontextmanager
async def serving(provider: PlayedProvider, *, port: int = 0) -> AsyncIterator[HttpServer]:
    """The provider on its port, until the block ends."""
    async with HttpServer(provider.hear, port=port) as server:
        yield server


def main(make: Callable[[Chances], PlayedProvider]) -> None:
    """Play a provider until SIGTERM or SIGINT, as the command line says; prints its address once it serves."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--seed", type=int, default=None, help="draws the same faults again")
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument("--fail-code", default="", help="what a drawn refusal says; the provider's busy code if absent")
    parser.add_argument("--hang-seconds", type=float, default=60.0)
    for chance in ("fail", "error", "timeout", "drop-before", "drop-after"):
        parser.add_argument(f"--{chance}", type=float, default=0.0)
    told = parser.parse_args()
    chances = Chances(
        told.fail,
        told.fail_code,
        told.error,
        told.timeout,
        told.hang_seconds,
        told.drop_before,
        told.drop_after,
        told.latency_ms / 1000,
        random.Random(told.seed),
    )
    asyncio.run(_play(make(chances), told.port))


async def _play(provider: PlayedProvider, port: int) -> None:
    over = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, over.set)
    async with serving(provider, port=port) as server:
        sys.stdout.write(server.url + "\n")
        sys.stdout.flush()
        await over.wait()
