"""Notifications through a provider that goes wrong while workers are killed: none lost, none sent twice; and how fast.

Faults are counted by both sides: the provider counts what it accepted by out id, the service says where each message
stands. Then, without faults, one worker is compared with a bare async loop that posts the same requests with the same
client, as many at a time, to the same provider; rounds of the two are interleaved.
"""

import asyncio
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.figures import Figure, compared
from bench.notify_stack import Chances, Provider, Queue, Workers, environment, played_provider, settings_for
from microwish.privacy.sealing import generate_blind_key, generate_sealing_keys
from microwish.store.mongo import Document
from microwish.testing import eventually
from microwish_local.servers.mongod import Mongod
from microwish_local.servers.tansu import Tansu

MESSAGES = int(os.environ.get("BENCH_NOTIFY_MESSAGES", "20000"))
REPLICAS = 3
KILLS = 20
FAULTY = Chances(fail=0.10, timeout=0.02, drop_after=0.01, latency_ms=50.0)
HEALTHY = Chances(latency_ms=75.0)
ROUNDS = int(os.environ.get("BENCH_NOTIFY_ROUNDS", "5"))
ROUND_MESSAGES = 2000
SIDE_BY_SIDE = 16
GOAL = 0.7


@dataclass
class Verdict:
    """What came of a run. faults: every message that is lost, sent twice, or said to be sent and was not."""

    messages: int
    seconds: float
    states: dict[str, int]
    lost: int
    twice: int
    never_accepted: int
    ambiguous: int
    unknown: int
    still_unknown: int
    provider: dict[str, Any] = field(default_factory=dict)

    @property
    def faults(self) -> int:
        """All of them; an answer that was lost and never counted as unknown is one as well."""
        return self.lost + self.twice + self.never_accepted + self.still_unknown + max(0, self.ambiguous - self.unknown)


async def run_with_kills(queue: Queue, workers: Workers, provider: Provider, *, messages: int, kills: int) -> Verdict:
    """Put messages in place, let the workers send them, and kill one of them at random, so often during the run."""
    await queue.put(messages)
    chance = random.Random(20)  # noqa: S311
    started = time.perf_counter()
    await workers.start()
    for kill in range(kills):
        share = messages * (kill + 1) // (kills + 2)
        await eventually(lambda share=share: _reached(queue, share), seconds=1800)  # type: ignore[misc]
        await workers.kill(chance.randrange(len(workers.processes)))
    await eventually(queue.drained, seconds=1800)
    return await judged(queue, provider, messages=messages, seconds=time.perf_counter() - started)


async def _reached(queue: Queue, share: int) -> bool:
    return await queue.settled() >= share


async def judged(queue: Queue, provider: Provider, *, messages: int, seconds: float) -> Verdict:
    """Compare the provider's books with ours."""
    counts, states = await provider.counts(), await queue.states()
    accepted = counts.pop("times")
    rows = queue.messages.find({"state": {"$in": ["sent", "delivered"]}}, {"out.id": 1})
    sent = [row["out"]["id"] async for row in rows]
    return Verdict(
        messages=messages,
        seconds=round(seconds, 1),
        states=states,
        lost=messages - len(sent),
        twice=sum(accepted.values()) - len(accepted),
        never_accepted=sum(out_id not in accepted for out_id in sent),
        ambiguous=counts["spoiled"].get("late", 0) + counts["spoiled"].get("drop_after", 0),
        unknown=await queue.steps("lost"),
        still_unknown=states.get("unknown", 0),
        provider={**counts, "twice": len(counts["twice"])},
    )


def measure_notify() -> Iterator[Figure]:
    """The proof, then the rate, each on servers of its own."""
    yield asyncio.run(_on_servers(_proof))
    yield asyncio.run(_on_servers(_rate))


async def _on_servers(measure: Callable[[Path, dict[str, Any]], Awaitable[Figure]]) -> Figure:
    async with _servers() as (directory, common):
        return await measure(directory, common)


async def _proof(directory: Path, common: dict[str, Any]) -> Figure:
    async with played_provider(directory, FAULTY) as provider:
        told = settings_for(provider, directory, {**common, "mongo_database": "notify_proof"}, send_side_by_side=16)
        queue, workers = await _ready(told), Workers.of(told, directory, REPLICAS)
        try:
            verdict = await run_with_kills(queue, workers, provider, messages=MESSAGES, kills=KILLS)
        finally:
            await workers.stop()
            queue.service.mongo.close()
    return {
        "figure": f"{MESSAGES} notifications, faulty provider, {REPLICAS} workers, {KILLS} kill -9: lost or sent twice",
        "value": verdict.faults,
        "baseline": 0,
        "ratio": None,
        "goal": 0,
        "unit": "faults",
        "runs": 1,
        "broker": "embedded",
        "lost": verdict.lost,
        "sent_twice": verdict.twice,
        "said_sent_but_never_accepted": verdict.never_accepted,
        "answers_that_the_provider_lost": verdict.ambiguous,
        "messages_that_were_unknown": verdict.unknown,
        "still_unknown": verdict.still_unknown,
        "states": verdict.states,
        "provider": verdict.provider,
        "seconds": verdict.seconds,
    }


async def _rate(directory: Path, common: dict[str, Any]) -> Figure:
    rates: dict[str, list[float]] = {"service": [], "bare": []}
    async with played_provider(directory, HEALTHY) as provider:
        own = {"mongo_database": "notify_rate", "kafka_topic_prefix": "rate.", "send_side_by_side": SIDE_BY_SIDE}
        told = settings_for(provider, directory, common, **{**own, "send_deadline_seconds": 10.0})
        queue, workers = await _ready(told), Workers.of(told, directory, 1)
        try:
            await workers.start()
            for number in range(ROUNDS + 1):
                bare = await _bare(told, ROUND_MESSAGES)
                service = await _sent_by_service(queue, ROUND_MESSAGES)
                if number:  # the first round warms up
                    rates["bare"].append(bare)
                    rates["service"].append(service)
        finally:
            await workers.stop()
            queue.service.mongo.close()
    figure = f"notifications by one worker, {SIDE_BY_SIDE} at a time, provider of {HEALTHY.latency_ms:.0f} ms"
    return compared(figure, rates["service"], rates["bare"], goal=GOAL, unit="messages/s")


async def _ready(told: dict[str, Any]) -> Queue:
    queue = Queue(told)
    await queue.service.prepare_store()
    return queue


async def _bare(told: dict[str, Any], count: int) -> float:
    env = environment(told) | {"COUNT": str(count), "SIDE_BY_SIDE": str(SIDE_BY_SIDE)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.notify_bare", env={**os.environ, **env}, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    return count / float(said)


async def _sent_by_service(queue: Queue, count: int) -> float:
    """From the first that was taken to the last that was recorded, by the worker's own clock."""
    ids = await queue.put(count)
    await eventually(queue.drained, seconds=600)
    rows = [row async for row in queue.messages.find({"_id": {"$in": ids}}, {"timeline": 1})]
    at = [(entry["what"], entry["at"]) for row in rows for entry in row["timeline"]]
    begun = min(moment for what, moment in at if what == "take")
    ended = max(moment for what, moment in at if what == "accepted")
    return count / (ended - begun).total_seconds()


@asynccontextmanager
async def _servers() -> AsyncIterator[tuple[Path, Document]]:
    directory = Path(tempfile.mkdtemp(prefix="microwish-bench-"))
    mongod, broker = Mongod(directory / "mongod"), Tansu(directory)
    try:
        await asyncio.gather(mongod.start(), broker.start())
        yield (
            directory,
            {
                "mongo_uri": mongod.uri,
                "kafka_bootstrap": broker.bootstrap,
                "kafka_idempotence": False,
                "sealing_keys": generate_sealing_keys(),
                "blind_key": generate_blind_key(),
            },
        )
    finally:
        await broker.stop()
        await mongod.stop()
        shutil.rmtree(directory, ignore_errors=True)
