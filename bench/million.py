"""A page of the wall at 1 000 000 wishes: the first one, and one reached by a cursor from far behind.

The rows are put straight into the view's collection, as events would have left them; the question is the one that
`GET /api/wishes` asks. The two are asked alternately.
"""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.figures import Figure, compared
from bench.wish_stack import own_mongo
from microwish.events import Category
from microwish.ids import uuid7
from microwish.store.views import View
from wish_service.domain.access import areas_of
from wish_service.views.read_wall import WallQuery, list_wishes
from wish_service.views.search import grams, normalised
from wish_service.views.wall import wall_view
from wish_service.views.wall_rows import order_of

ROWS = 1_000_000
BATCH = 10_000
ROUNDS = 300
GOAL = 1.2
START = datetime(2010, 1, 1, tzinfo=UTC)
STREETS = [f"310117{street:03}" for street in range(1, 21)]
STATES = ["fulfilled"] * 8 + ["posted", "adopted"]
TITLES = ["想要一台收音机", "修一修灯", "有人陪着看病", "想学书法", "想要一把轮椅", "想理个发", "想吃顿热饭"]

QUERIES = {
    "every wish": WallQuery(),
    "a street": WallQuery(community=STREETS[7]),
    "a category": WallQuery(category="study"),
    "a state": WallQuery(status="posted"),
    "a street, a category and a state": WallQuery(community=STREETS[7], category="study", status="posted"),
    "a word": WallQuery(q="轮椅"),
}


async def measure_million() -> list[Figure]:
    """A figure per kind of list: milliseconds behind the cursor, against those of the first page."""
    async with own_mongo() as mongo:
        wall = wall_view(mongo.db)
        await mongo.db.get_collection("generations").insert_one({"_id": "wall", "live": 1})
        for rows in _batches():
            await wall.rows.insert_many(rows, ordered=False)
        await wall.open()
        return [await _measured(wall, name, query) for name, query in QUERIES.items()]


async def _measured(wall: View, name: str, query: WallQuery) -> Figure:
    far = await _far_behind(wall, query)
    times: dict[str, list[float]] = {"first": [], "far": []}
    for number in range(ROUNDS + 20):
        for which, asked in (("first", query), ("far", far)):
            started = time.perf_counter()
            rows, _ = await list_wishes(wall, asked)
            took = (time.perf_counter() - started) * 1000
            assert len(rows) == query.limit
            if number >= 20:  # what is asked for the first time comes from the disk
                times[which].append(took)
    title = f"page behind a cursor at 1 000 000 wishes: {name}"
    return compared(title, times["far"], times["first"], goal=GOAL, unit="ms", digits=3)


async def _far_behind(wall: View, query: WallQuery) -> WallQuery:
    """The same list from the row on that lies behind nine tenths of it."""
    at = START + timedelta(seconds=ROWS / 10)
    behind = WallQuery(query.status, query.community, query.category, query.q, (at, ""), 1)
    rows, _ = await list_wishes(wall, behind)
    after = (rows[0]["wish"]["posted_at"], rows[0]["_id"])
    return WallQuery(query.status, query.community, query.category, query.q, after)


def _batches() -> Iterator[list[dict[str, Any]]]:
    chance = random.Random(1)  # noqa: S311  the same million every time
    for start in range(0, ROWS, BATCH):
        yield [_row(number, chance) for number in range(start, start + BATCH)]


def _row(number: int, chance: random.Random) -> dict[str, Any]:
    wish_id, at = uuid7(), START + timedelta(seconds=number)
    code = f"{chance.choice(STREETS)}{chance.randrange(1, 30):03}"
    title = chance.choice(TITLES)
    wish = {
        "version": 2,
        "order": order_of(at, wish_id),
        "posted_at": at,
        "community": {"code": code, "name": "某社区"},
        "areas": areas_of(code),
        "category": chance.choice(list(Category)).value,
        "title": title,
        "detail": "",
        "public_name": "一位居民",
        "slots": 1,
        "on_behalf": False,
        "sought": {"title": normalised(title), "detail": ""},
        "grams": grams([normalised(title)]),
        "log": [{"at": at, "what": "WishPosted"}],
    }
    return {"_id": wish_id, "wish": wish, "holders": [], "held": 0, "status": chance.choice(STATES), "public": True}
