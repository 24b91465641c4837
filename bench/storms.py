"""What one stormed wish does: to itself, nothing (`bench/storm.py` judges); to claims of other wishes, little.

The storm itself is 500 organisations against one wish, again and again, at four processes with connections that drop.
How long claims of other wishes take is measured with the same people in each kind of round. In calm ones they are
alone; in stormy ones three times as many go for one wish beside them, and for the next when all have tried; for
comparison, what it is like when those claim wishes of their own instead.
"""

import time
from collections.abc import Sequence
from itertools import count
from statistics import median, quantiles

from bench.adoption_stack import AdoptionStack, Claimer, Connection, adoption_stack
from bench.figures import Figure, compared
from bench.rounds import Act, Wishes, people
from bench.storm import Storm, Tally, judge_events
from microwish.testing import eventually
from microwish.testing.feed import Feed

PROCESSES = 4
ORGANISATIONS = 500
SLOTS = (1, 3, 10)
STORMS = 100
MEASURED, CROWD = 16, 48
CALM_ROUNDS, CALM_SECONDS = 7, 4.0
GOAL = 1.5


async def measure_storms() -> list[Figure]:
    """One figure for each number of slots."""
    async with adoption_stack(processes=PROCESSES) as (stack, servers):
        claimers = await stack.organisations(ORGANISATIONS)
        async with Feed(servers.bootstrap, stack.topic_prefix) as feed:
            return [await _storm(stack, feed, claimers, slots) for slots in SLOTS]


async def measure_elsewhere() -> list[Figure]:
    """The 99th percentile of claims of other wishes."""
    async with adoption_stack(processes=PROCESSES) as (stack, _):
        return [await _elsewhere(stack, await stack.organisations(MEASURED + CROWD))]


async def _storm(stack: AdoptionStack, feed: Feed, claimers: Sequence[Claimer], slots: int) -> Figure:
    storm, started = Storm(stack, claimers, seed=slots), time.perf_counter()
    wishes = [await storm.round(slots=slots) for _ in range(STORMS)]
    seconds = time.perf_counter() - started
    await judge_events(stack, feed, wishes, storm.tally)
    await storm.close()
    return _figure(storm.tally, slots, seconds)


def _figure(tally: Tally, slots: int, seconds: float) -> Figure:
    faults = tally.over_adopted + tally.under_filled + len(tally.wrong)
    return {
        "figure": f"{ORGANISATIONS} organisations against one wish, slots: {slots}, processes: {PROCESSES}",
        "value": faults,
        "baseline": 0,
        "ratio": None,
        "goal": 0,
        "unit": "faults",
        "runs": STORMS,
        "broker": "embedded",
        "claims_sent": tally.sent,
        "drops": tally.drops,
        "retries": tally.retries,
        "busy": tally.busy,
        "over_adopted": tally.over_adopted,
        "under_filled": tally.under_filled,
        "wrong": tally.wrong[:5],
        "claims_per_second": round(tally.sent / seconds),
    }


async def _elsewhere(stack: AdoptionStack, claimers: Sequence[Claimer]) -> Figure:
    wishes = Wishes(stack)
    claimants = [await _Claimant.to(stack, number, one) for number, one in enumerate(claimers)]
    others, crowd = claimants[:MEASURED], claimants[MEASURED:]
    p99: dict[str, list[float]] = {"storm": [], "calm": [], "busy": []}
    for number in range(CALM_ROUNDS + 1):
        for name, beside in (("calm", []), ("storm", await _together(stack, crowd)), ("busy", _own(crowd))):
            await eventually(stack.all_sent, seconds=120)
            await wishes.stock()
            for one in others:
                one.seconds.clear()
            await people(wishes, [*(one.timed for one in others), *beside], seconds=CALM_SECONDS)
            if number:  # the first round warms up
                p99[name].append(quantiles([took for one in others for took in one.seconds], n=100)[98] * 1000)
    for claimant in claimants:
        await claimant.connection.close()
    name = "99th percentile of claims elsewhere while one wish is stormed, against calm"
    figure = compared(name, p99["storm"], p99["calm"], goal=GOAL, unit="ms")
    return {**figure, "with_as_many_who_claim_other_wishes": round(median(p99["busy"]), 1)}


def _own(crowd: Sequence["_Claimant"]) -> list[Act]:
    """Everybody claims wishes of their own."""
    return [one.claim for one in crowd]


async def _together(stack: AdoptionStack, crowd: Sequence["_Claimant"]) -> list[Act]:
    """Everybody claims the same wish, and the next when all have tried."""
    stormed, tried = await stack.wishes(2000, slots=3), count()

    def act(one: "_Claimant") -> Act:
        async def claim(_: str) -> None:
            status, answer = await one.connection.claim(one.claimer, stormed[next(tried) // len(crowd)])
            assert status in {201, 409}, answer

        return claim

    return [act(one) for one in crowd]


class _Claimant:
    """One organisation at a connection that is kept."""

    def __init__(self, connection: Connection, claimer: Claimer) -> None:
        self.connection, self.claimer = connection, claimer
        self.seconds: list[float] = []

    @classmethod
    async def to(cls, stack: AdoptionStack, number: int, claimer: Claimer) -> "_Claimant":
        """Connect to one of the processes, in turn."""
        return cls(await Connection.to(stack.ports[number % len(stack.ports)]), claimer)

    async def claim(self, wish_id: str) -> None:
        """Claim the wish."""
        status, answer = await self.connection.claim(self.claimer, wish_id)
        assert status == 201, answer

    async def timed(self, wish_id: str) -> None:
        """The same, by the clock."""
        started = time.perf_counter()
        await self.claim(wish_id)
        self.seconds.append(time.perf_counter() - started)
