"""Rounds go on through failures, start early when woken, and end when told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from microwish.rounds import Round, Rounds
from microwish.store.mongo import AutoReconnect
from microwish.testing import eventually

NEVER = 3600.0


class Work:
    """Counts its rounds; each does what the list says, then nothing more."""

    def __init__(self, *rounds: Exception | bool | None) -> None:
        self.left = list(rounds)
        self.done = 0

    async def __call__(self) -> bool | None:
        self.done += 1
        found = self.left.pop(0) if self.left else None
        if isinstance(found, Exception):
            raise found
        return found


async def _done(work: Work, rounds: int) -> None:
    def enough() -> bool:
        return work.done >= rounds

    await eventually(enough)


@asynccontextmanager
async def _running(work: Round, *, seconds: float = NEVER) -> AsyncIterator[Rounds]:
    rounds = Rounds("test", work, seconds=seconds)
    rounds.start()
    try:
        yield rounds
    finally:
        await rounds.stop()


@pytest.mark.parametrize("failure", [AutoReconnect("away"), ValueError("a fault of ours")])
async def test_a_failure_is_tried_again_in_the_next_round(failure: Exception) -> None:
    work = Work(failure)
    async with _running(work, seconds=0.01):
        await _done(work, 3)


async def test_the_first_round_comes_at_once_and_the_next_when_woken() -> None:
    work = Work()
    async with _running(work) as rounds:
        await _done(work, 1)
        rounds.wake()
        await _done(work, 2)


async def test_what_is_woken_during_a_round_is_looked_at_in_another() -> None:
    rounds: Rounds
    done: list[int] = []

    async def work() -> None:
        done.append(1)
        if len(done) == 1:
            rounds.wake()

    rounds = Rounds("test", work, seconds=NEVER)
    rounds.start()
    await eventually(lambda: len(done) == 2)
    await rounds.stop()


async def test_while_there_is_more_it_does_not_pause() -> None:
    work = Work(True, True, True)
    async with _running(work):
        await _done(work, 4)


async def test_after_the_stop_no_round_comes() -> None:
    work = Work()
    rounds = Rounds("test", work, seconds=0.0)
    rounds.start()
    await _done(work, 3)
    await rounds.stop()
    done = work.done
    for _ in range(100):
        await asyncio.sleep(0)
    assert work.done == done
    await rounds.stop()
