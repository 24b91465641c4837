"""Many organisations, one wish, over HTTP at four processes, with retries and connections that drop (`bench/storm.py`).

Unlike the service, these processes take no turns at a wish: all rests on the write. Invariants 1 and 2, and that what
was answered, what is stored and what was published say the same. The long form, 500 organisations and 100 rounds for
each number of slots, is `python -m bench storm`.
"""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from bench.adoption_stack import AdoptionStack, adoption_processes
from bench.storm import Storm, judge_events

from microwish.testing.feed import Feed

pytestmark = pytest.mark.integration
ORGANISATIONS, ROUNDS = 60, 3
PROCESS = (sys.executable, str(Path(__file__).with_name("storm_process.py")))
GUARDED, UNGUARDED = (*PROCESS, "guarded"), (*PROCESS, "unguarded")

Running = Callable[..., AbstractAsyncContextManager[AdoptionStack]]


@pytest.fixture
def running(mongo_uri: str, kafka_bootstrap: str, kafka_idempotence: bool, unique: str, tmp_path: Path) -> Running:
    """Processes of the service on the servers of the test."""

    @asynccontextmanager
    async def start(processes: int, argv: tuple[str, ...]) -> AsyncIterator[AdoptionStack]:
        async with adoption_processes(
            mongo_uri,
            kafka_bootstrap,
            tmp_path,
            processes=processes,
            argv=argv,
            idempotence=kafka_idempotence,
            name=unique,
        ) as stack:
            yield stack

    return start


async def test_a_storm_gives_away_each_slot_once_and_tells_everybody_the_truth(
    running: Running, kafka_bootstrap: str
) -> None:
    async with running(4, GUARDED) as stack, Feed(kafka_bootstrap, stack.topic_prefix) as feed:
        storm = Storm(stack, await stack.organisations(ORGANISATIONS), seed=1)
        wishes = [await storm.round(slots=slots) for slots in (1, 3, 10) for _ in range(ROUNDS)]
        await judge_events(stack, feed, wishes, storm.tally)
        await storm.close()
    assert (storm.tally.over_adopted, storm.tally.under_filled, storm.tally.wrong) == (0, 0, [])
    assert storm.tally.drops > ORGANISATIONS / 10


async def test_a_storm_on_an_unguarded_write_is_seen_to_give_away_too_much(running: Running) -> None:
    """The negative control: the same storm, at a service that reads before it writes."""
    async with running(2, UNGUARDED) as stack:
        storm = Storm(stack, await stack.organisations(ORGANISATIONS), seed=1)
        for _ in range(10 * ROUNDS):
            if not storm.tally.over_adopted:
                await storm.round(slots=3)
        await storm.close()
    assert storm.tally.over_adopted
    assert storm.tally.wrong
