"""Statistics are exact whatever happens between an event and its cell, and tell everybody nothing of small groups."""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from microwish.events import Category, Source
from microwish.ids import uuid7
from microwish.messaging.streams import Outcome
from microwish.store.mongo import Database, Mongo
from microwish.testing import eventually
from wish_service.views.cells import CellKey
from wish_service.views.facts import facts_view
from wish_service.views.facts_of_events import wish_changes
from wish_service.views.recount import Recount
from wish_service.views.stats import Statistics, StatsQuery
from wish_service.views.wall import Feeding

from .lives import COMMUNITIES, LIVES, SHANGHAI, Claim, Life, by_hand

pytestmark = pytest.mark.integration

QUERIES = (
    StatsQuery(),
    StatsQuery("310117"),
    StatsQuery("310117001"),
    *(StatsQuery(code) for code in COMMUNITIES),
    StatsQuery(campaign="c1"),
    StatsQuery("310117001", campaign="c2"),
    StatsQuery("", "2026-02", "2026-03"),
    StatsQuery("310117", None, "2026-02"),
    StatsQuery("310117001001", "2026-02", "2026-02"),
)


class Counting:
    """Facts in a database of their own, and two processes that count them."""

    def __init__(self, db: Database) -> None:
        self.facts = facts_view(db, SHANGHAI.key)
        self.feeding = Feeding(self.facts, wish_changes)
        self.keepers = [Recount(db, self.facts, pause_seconds=0.01, poll_seconds=0.05) for _ in range(2)]
        self.statistics = Statistics(self.keepers[0])

    async def open(self) -> None:
        await self.facts.open()
        for keeper in self.keepers:
            await keeper.open()

    async def take(self, event: Any) -> Outcome:
        take = self.feeding.take_wish if event.source == Source.WISH else self.feeding.take_claims
        return await take(event)

    async def live(self, *lives: Life) -> None:
        """All of it, in order."""
        for life in lives:
            for stream in life.streams():
                for event in stream:
                    assert await self.take(event) is Outcome.APPLIED

    async def settled(self) -> None:
        while await self.keepers[0].sweep():
            pass


@pytest.fixture
async def counting(mongo_uri: str) -> AsyncIterator[Counting]:
    mongo = Mongo(mongo_uri, f"stats-{uuid7()[-12:]}")
    made = Counting(mongo.db)
    await made.open()
    yield made
    await mongo.client.drop_database(mongo.db.name)
    mongo.close()


@given(lives=LIVES, seed=st.integers(0, 2**32))
@settings(max_examples=int(os.environ.get("MICROWISH_SEARCH", "12")), suppress_health_check=list(HealthCheck))
async def test_any_interleaving_repetition_and_crash_gives_what_is_counted_by_hand(
    mongo_uri: str, lives: list[Life], seed: int
) -> None:
    # What is tried is the order of writes, not that they survive: they need not wait for the journal.
    mongo = Mongo(f"{mongo_uri}&w=1&journal=false", f"stats-{uuid7()[-12:]}")
    try:
        counting = Counting(mongo.client.get_database(mongo.db.name))
        await counting.open()
        await _lived_through(counting, lives, random.Random(seed))

        async def exact() -> bool:
            await counting.settled()
            return all([await _equal(counting.statistics, query, lives) for query in QUERIES])

        # A write of a sweep that was cut off may still be on its way to the database.
        await eventually(exact, seconds=30)
    finally:
        await mongo.client.drop_database(mongo.db.name)
        mongo.close()


async def _lived_through(counting: Counting, lives: list[Life], chance: random.Random) -> None:
    """Streams interleaved, events repeated, sweeps of two processes in between, some cut off at any point."""
    streams = [list(stream) for life in lives for stream in life.streams() if stream]
    done: list[Any] = []
    while streams:
        stream = chance.choice(streams)
        done.append(stream.pop(0))
        await counting.take(done[-1])
        streams = [left for left in streams if left]
        if chance.random() < 0.3:
            assert await counting.take(chance.choice(done)) is Outcome.OLD
        if chance.random() < 0.3:
            sweeps = [asyncio.create_task(keeper.sweep()) for keeper in counting.keepers]
            await asyncio.wait(sweeps, timeout=chance.uniform(0, 0.03))
            for sweep in sweeps:
                sweep.cancel()
            await asyncio.gather(*sweeps, return_exceptions=True)


async def _equal(statistics: Statistics, query: StatsQuery, lives: list[Life]) -> bool:
    months = (query.since or "0000-00", query.until or "9999-99")
    expected = by_hand(lives, area=query.area, campaign=query.campaign, months=months)
    body = await statistics.exact(query)
    assert {name: body[name] for name in expected} == expected, query
    return True


async def test_what_was_never_marked_is_never_counted(counting: Counting) -> None:
    """Negative control: it is the marks in the facts that carry a change to the figures."""
    await counting.live(_life())
    await counting.facts.rows.update_many({}, {"$unset": {"dirty": "", "dirty_since": ""}})
    await counting.settled()
    assert (await counting.statistics.totals())["posted"] == 0


async def test_a_count_that_began_earlier_never_replaces_a_later_one(counting: Counting) -> None:
    await counting.live(_life())
    slow, fast = counting.keepers
    await slow._take_facts()
    (stale,) = await slow.cells.stale(12, 10)
    counted = await slow.tallies([stale["_id"]], 12)
    await counting.live(_life())
    while await fast.sweep():
        pass
    await slow.cells.keep([(stale["_id"], stale["marks"], {"tally": counted[stale["_id"]]})])
    await slow.cells.settle([(stale["_id"], stale["marks"])])
    await counting.settled()
    assert (await counting.statistics.exact(StatsQuery("", "2026-01", "2026-03")))["totals"]["posted"] == 2
    # Negative control: without the guard the old count stays.
    await slow.cells.rows.update_one({"_id": stale["_id"]}, {"$set": {"tally": counted[stale["_id"]]}})
    await slow.cells.mark([CellKey.parse(stale["_id"]).parent])  # type: ignore[list-item]
    await counting.settled()
    assert (await counting.statistics.exact(StatsQuery("", "2026-01", "2026-03")))["totals"]["posted"] == 1


async def test_two_processes_that_run_count_it_once(counting: Counting) -> None:
    for keeper in counting.keepers:
        keeper.rounds.start()
    await counting.live(*(_life(community=COMMUNITIES[n % 4]) for n in range(12)))

    async def counted() -> bool:
        return bool((await counting.statistics.totals())["posted"] == 12)

    await eventually(counted, seconds=30)
    for keeper in counting.keepers:
        await keeper.rounds.stop()


async def test_every_question_runs_on_an_index(counting: Counting) -> None:
    await counting.live(_life())
    await counting.settled()
    keeper = counting.keepers[0]
    cells, facts, reports = keeper.cells.rows, counting.facts.rows, keeper.reports.rows
    found = [
        facts.find({"dirty_since": {"$exists": True}}).sort("dirty_since", 1),
        facts.find({"cells": {"$in": ["all|310117001001|2026-01|goods"]}}),
        facts.find({"cells": {"$exists": False}}),
        cells.find({"stale": True, "level": 9}),
        cells.find({"parent": {"$in": ["all|310117001|2026-01|goods"]}}),
        cells.find({"root": "all", "area": "310117", "month": {"$gte": "2026-01"}}),
        cells.find({"root": "all", "level": 12, "area": {"$gte": "310117", "$lt": "310117:"}}),
        reports.find({"stale": True, "level": 9}),
        reports.find({"parent": "all|310117"}),
    ]
    for cursor in found:
        plan = await cursor.explain()
        assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"]), plan["queryPlanner"]["winningPlan"]


async def test_rows_of_an_older_release_are_counted_too(counting: Counting) -> None:
    from wish_service.views.facts import complete_old_rows

    await counting.live(_life())
    gone = dict.fromkeys(("counts", "cells", "dirty", "dirty_since", "touch"), "")
    await counting.facts.rows.update_many({}, {"$unset": gone})
    await complete_old_rows(counting.facts, SHANGHAI.key)
    await counting.settled()
    assert (await counting.statistics.totals())["posted"] == 1


async def test_small_groups_of_sensitive_categories_are_hidden_from_everybody(counting: Counting) -> None:
    many = [_life(category=category) for category in (Category.GOODS, Category.MEDICAL) for _ in range(6)]
    few = [_life(category=Category.COMPANIONSHIP) for _ in range(2)]
    await counting.live(*many, *few)
    await counting.settled()
    told = await counting.statistics.public(StatsQuery())
    assert told["totals"]["posted"] == 14
    shown = {row["category"]: row["posted"] for row in told["categories"]}
    assert shown == {"goods": 6, "medical": None, "companionship": None}
    exact = await counting.statistics.exact(StatsQuery())
    assert {row["category"]: row["posted"] for row in exact["categories"]} == {
        "goods": 6,
        "medical": 6,
        "companionship": 2,
    }


async def test_large_groups_are_told(counting: Counting) -> None:
    await counting.live(*(_life(category=Category.MEDICAL) for _ in range(5)))
    await counting.settled()
    for query in (StatsQuery(), StatsQuery("310117001"), StatsQuery("310117001001")):
        (row,) = (await counting.statistics.public(query))["categories"]
        assert (row["category"], row["posted"]) == ("medical", 5)


async def test_a_place_is_not_found_out_from_the_others_and_their_sum(counting: Counting) -> None:
    """Two of three communities have enough, the third has two: then none of the three is split, and the street is."""
    for code, count in (("310117001001", 6), ("310117001002", 7), ("310117001003", 2)):
        await counting.live(*(_life(community=code, category=Category.MEDICAL) for _ in range(count)))
    await counting.settled()

    async def medical(area: str) -> Any:
        rows = (await counting.statistics.public(StatsQuery(area)))["categories"]
        return {row["category"]: row["posted"] for row in rows}["medical"]

    assert await medical("310117001") == 15
    assert [await medical(f"31011700100{n}") for n in (1, 2, 3)] == [None, None, None]


async def test_some_months_and_campaigns_are_never_split(counting: Counting) -> None:
    lives = [_life(category=Category.MEDICAL, campaign="c1") for _ in range(8)]
    await counting.live(*lives)
    await counting.settled()
    for query in (StatsQuery("", "2026-01", "2026-12"), StatsQuery(campaign="c1")):
        told = await counting.statistics.public(query)
        assert told["totals"]["posted"] == 8
        assert [row["posted"] for row in told["categories"]] == [None, None]


def _life(**changes: Any) -> Life:
    given: dict[str, Any] = {
        "id": uuid7(),
        "community": COMMUNITIES[0],
        "category": Category.GOODS,
        "posted_hour": 5,
        "claims": (Claim(1, 30, "active", 0),),
    }
    return Life(**{**given, **changes})
