"""Workers that are killed and a provider that goes wrong: nothing is lost, nothing sent twice (invariants 3 and 6).

The long form, 20 000 messages, three workers and 20 kills, is `python -m bench notify`.
"""

import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from bench.notify import Verdict, run_with_kills
from bench.notify_stack import Chances, Queue, Workers, played_provider, settings_for

pytestmark = [pytest.mark.integration, pytest.mark.brokerless]
CARELESS = (sys.executable, str(Path(__file__).with_name("careless_worker.py")))
Run = Callable[..., AbstractAsyncContextManager[Verdict]]


@pytest.fixture
def run(common: dict[str, Any], unique: str, tmp_path: Path) -> Run:
    """Messages through workers, to the end."""

    @asynccontextmanager
    async def go(
        chances: Chances, *, messages: int, workers: int, kills: int, argv: Sequence[str] = (), **own: Any
    ) -> AsyncIterator[Verdict]:
        async with played_provider(tmp_path, chances) as provider:
            names = {"mongo_database": f"notify_{unique}", "kafka_topic_prefix": f"{unique}."}
            patience = {"send_deadline_seconds": 1.5, "retry_cap_seconds": 1.0, "breaker_failures": 100, **own}
            told = settings_for(provider, tmp_path, {**common, **names}, **patience)
            queue, replicas = Queue(told), Workers.of(told, tmp_path, workers, argv=argv)
            await queue.service.prepare_store()
            try:
                yield await run_with_kills(queue, replicas, provider, messages=messages, kills=kills)
            finally:
                await replicas.stop()
                await queue.service.mongo.client.drop_database(queue.settings.mongo_database)
                queue.service.mongo.close()

    return go


async def test_each_message_is_accepted_once_whatever_is_killed(run: Run) -> None:
    chances = Chances(fail=0.1, timeout=0.02, drop_after=0.01, latency_ms=50, hang_seconds=2)
    async with run(chances, messages=200, workers=2, kills=3) as verdict:
        assert verdict.faults == 0, verdict
        assert verdict.states == {"sent": 200}
        assert verdict.unknown >= verdict.ambiguous > 0, "some answers were lost, and each was known to be"


async def test_a_worker_that_sends_again_on_a_guess_is_found_out(run: Run) -> None:
    """The negative control: the same count sees what a careless worker sends twice."""
    chances = Chances(drop_after=0.3, latency_ms=5)
    async with run(chances, messages=20, workers=1, kills=0, argv=CARELESS, reconcile_grace_seconds=0.2) as verdict:
        assert verdict.twice > 0, verdict
        assert verdict.lost == 0, "it loses nothing: only the count by out id finds it out"
