"""The board: what fits us, what waits for our answer, each list on one index, and the view as it would be rebuilt."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adoption_service.views.board import DERIVE, Board, order_of
from adoption_service.views.read_board import Availability, BoardQuery, list_board
from microwish.events import Category, Source, Topic
from microwish.events.wish import WishMoved, WishRecommended
from microwish.ids import uuid7
from microwish.messaging.streams import Outcome
from microwish.store.views import View
from microwish.testing import eventually

pytestmark = pytest.mark.integration
ROWS = 3000
START = datetime(2026, 1, 1, tzinfo=UTC)


async def test_what_fits_us_is_what_we_follow_and_our_own_area(world) -> None:
    member, organisation_id = await world.organisation()
    follow = {"communities": ["310112004"], "categories": ["goods"], "notify": "digest"}
    assert (await member("PUT", f"/api/organisations/{organisation_id}/following", follow)).status_code == 200
    followed = await world.wish(title="关注的街道", community="310112004001")
    near = await world.wish(title="本区", community="310117009001")
    await world.wish(title="别处", community="310112005001")

    async def shown(path: str) -> list[str]:
        answer = await member.get(f"/api/board?for={organisation_id}&limit=100{path}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-store"
        return [one["id"] for one in answer.json()["items"]]

    fitting = await shown("")
    assert fitting.index(near) < fitting.index(followed)
    assert {one["community"]["code"] for one in (await member.get("/api/board?limit=100")).json()["items"]} > {
        "310112005001"
    }
    assert await shown("&community=310112") == [followed]
    assert await shown("&category=study") == []
    assert (await world.person().get(f"/api/board?for={organisation_id}")).json()["code"] == "not_member"
    assert (await world.http.get(f"/api/board?for={organisation_id}")).status_code == 401
    assert (await world.http.get("/api/board?status=ended")).status_code == 422


async def test_a_page_follows_the_other_and_a_state_can_be_asked_for(world) -> None:
    wishes = [await world.wish(title=f"翻页的心愿{number}") for number in range(5)]
    holder, x = await world.organisation()
    await world.adoption(holder, wishes[0], x)

    async def taken() -> bool:
        found = (await world.http.get("/api/board?q=翻页的心愿&status=taken")).json()["items"]
        return [one["id"] for one in found] == [wishes[0]]

    await eventually(taken, seconds=60)
    seen, path = [], "/api/board?q=翻页的心愿&limit=2&status=all-open"
    page = (await world.http.get(path)).json()
    while True:
        seen += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        page = (await world.http.get(f"{path}&cursor={page['next_cursor']}")).json()
    assert seen == wishes[::-1]


async def test_a_recommendation_is_answered_by_a_claim_or_by_saying_no(world) -> None:
    wish_id = await world.wish(slots=2)
    (one, a), (two, b) = [await world.organisation() for _ in range(2)]
    for organisation_id in (a, b):
        await world.act(WishRecommended, wish_id, organisation_id=organisation_id)

    async def mine(member, organisation_id: str) -> list[dict[str, Any]]:
        answer = await member.get(f"/api/board/mine?organisation_id={organisation_id}")
        assert answer.headers["cache-control"] == "private, no-store"
        return answer.json()["items"]

    [asked] = await mine(one, a)
    assert (asked["wish_id"], asked["wish"]["title"], asked["place"], asked["offer_until"]) == (
        wish_id,
        "想要一台收音机",
        None,
        None,
    )
    assert asked["recommended_at"] is not None
    path = f"/api/board/{wish_id}/decline"
    body = {"organisation_id": a, "reason": "这类物品我们没有"}
    assert (await two.post(path, body)).json()["code"] == "not_member"
    assert (await one.post(path, {**body, "reason": "长" * 501})).json()["errors"][0]["field"] == "reason"
    for _ in range(2):  # a lost answer: the same key is the same no
        assert (await one.post(path, body, Idempotency_Key="n1")).status_code == 204
    again = await one.post(path, body)
    assert (again.status_code, again.json()["code"]) == (409, "not_recommended")
    assert (await world.claim(two, wish_id, b)).status_code == 201
    assert (await mine(one, a), await mine(two, b)) == ([], [])
    assert (await two.get(f"/api/board/mine?organisation_id={a}")).status_code == 403
    [told] = await eventually(lambda: world.told("RecommendationDeclined", wish_id=wish_id))
    sealer, about = world.settings.sealer(), f"wish:{wish_id}"
    assert sealer.open(told["reason"], about=about) == "这类物品我们没有"
    timeline = (await world.service.claims.aggregates.load(wish_id))["timeline"]
    line = next(one for one in timeline if one["what"] == "RecommendationDeclined")
    assert (line["organisation_id"], line["by"]["person_id"]) == (a, one.person_id)
    assert sealer.open(line["why"], about=about) == "这类物品我们没有"


async def test_what_concerns_an_organisation_is_found_by_indexes(world) -> None:
    claims = world.service.claims
    plan = str((await claims.collection.find(claims.concerning("o")).explain())["queryPlanner"]["winningPlan"])
    assert "COLLSCAN" not in plan
    assert all(f"'indexName': '{name}'" in plan for name in ("queue", "offers", "recommended"))


async def test_any_interleaving_rebuilds_the_same_board(world) -> None:
    """Waiting, an offer, a claim of it, an extension, a place that moved: live and built anew are the same."""
    wish_id = await world.wish()
    holder, x = await world.organisation()
    (first, a), (second, b) = [await world.organisation() for _ in range(2)]
    adoption_id = await world.adoption(holder, wish_id, x)
    for member, organisation_id in ((first, a), (second, b)):
        await member.post(f"/api/board/{wish_id}/queue", {"organisation_id": organisation_id})
    place = {"code": "310117002001", "name": "清河社区"}
    await world.act(WishMoved, wish_id, community=place["code"], moved_from="310117001002", place=place)
    await holder.post(f"/api/adoptions/{adoption_id}/release", {"reason": "人手不够"})

    async def claimed() -> bool:
        return (await world.claim(first, wish_id, a)).status_code == 201

    await eventually(claimed, seconds=60)
    mine = (await first.get(f"/api/adoptions?organisation_id={a}")).json()["items"][0]["id"]
    await first.post(f"/api/adoptions/{mine}/extension", {"reason": "等货"})
    last = await eventually(lambda: world.told("AdoptionExtended", wish_id=wish_id))
    rows = world.service.board.view.rows

    async def live() -> dict[str, Any] | None:
        row = await rows.find_one({"_id": wish_id})
        events = _events(world, wish_id)
        there = {one.version for one in events if one.source == Source.CLAIMS}
        return row if row and there == set(range(1, row["claims"]["version"] + 1)) and len(there) >= 6 else None

    row = await eventually(live, seconds=60)
    assert (row["status"], row["waiting"], row["areas"][3]) == ("taken", 1, "310117002")
    assert [one["due_at"].isoformat()[:19] for one in row["claims"]["holders"].values()] == [last[0]["due_at"][:19]]
    for seed in range(3):
        again = Board(world.service.mongo.db)
        again.view = View(world.service.mongo.db, f"board-again-{seed}", derive=DERIVE)
        await _rebuild(again, _events(world, wish_id), seed)
        assert await again.view.rows.find_one({"_id": wish_id}) == row


def _events(world, wish_id: str) -> list[Any]:
    return [one for topic in (Topic.WISH, Topic.ADOPTION) for one in world.feed.events(topic) if one.subject == wish_id]


async def _rebuild(board: Board, events: list[Any], seed: int) -> None:
    """Every event twice, in any order; what comes too early comes again."""
    shuffled = random.Random(seed).sample(events * 2, k=len(events) * 2)
    while shuffled:
        takes = [(one, board.take_wish if one.source == Source.WISH else board.take_claims) for one in shuffled]
        shuffled = [one for one, take in takes if await take(one) is Outcome.GAP]


@pytest.fixture(scope="module")
async def full(world) -> Board:
    """A board of its own with thousands of wishes."""
    board = Board(world.service.mongo.db)
    board.view.name = f"board-full-{uuid7()[-6:]}"
    await board.view.open()
    await board.view.rows.insert_many([_row(number) for number in range(ROWS)])
    return board


def _row(number: int) -> dict[str, Any]:
    wish_id, at = uuid7(), START + timedelta(seconds=number // 3)
    community = f"3101{10 + number % 7:02d}00{number % 9 + 1}001"
    category = list(Category)[number % len(Category)].value
    text = {"title": "想要收音机", "detail": "", "category": category, "place": "某社区"}
    return {
        "_id": wish_id,
        "wish": {"version": 2, "state": "posted", "posted_at": at, "slots": 1, "community": community, **text},
        "claims": {"version": 1},
        "held": 0,
        "free": 1,
        "waiting": 0,
        "order": order_of(at, wish_id),
        "status": ("claimable", "reserved", "taken", "ended")[number % 4],
        "areas": [community[:length] for length in (2, 4, 6, 9, 12)],
    }


@asynccontextmanager
async def watched(board: Board, *, most: int) -> AsyncIterator[None]:
    """Every query inside runs on an index, without sorting, and looks at no more than `most` rows."""
    db = board.view.rows.database
    await db.command("profile", 2)
    try:
        yield
    finally:
        await db.command("profile", 0)
    found = await db.get_collection("system.profile").find({"ns": f"{db.name}.{board.view.rows.name}"}).to_list(None)
    await db.drop_collection("system.profile")
    assert found
    for one in found:
        seen = {name: one.get(name) for name in ("planSummary", "docsExamined", "keysExamined", "nreturned")}
        assert "IXSCAN" in one["planSummary"], seen
        assert not one.get("hasSortStage"), seen
        assert one["docsExamined"] <= most, seen


PLACES = [["310110", "310112004", "310115"]]


@pytest.mark.parametrize(
    "query",
    [
        BoardQuery(),
        BoardQuery(list(Availability)),
        BoardQuery(categories=[Category.GOODS]),
        BoardQuery(areas=[["310112"]]),
        BoardQuery(areas=PLACES, categories=[Category.GOODS, Category.STUDY]),
        BoardQuery(list(Availability), areas=PLACES, categories=list(Category)[:5]),
    ],
)
async def test_every_list_runs_on_one_index_however_far_behind(full: Board, query: BoardQuery) -> None:
    expected = await full.view.rows.distinct("_id", _plainly(query))
    seen: list[str] = []
    cursor = None
    while True:
        async with watched(full, most=BoardQuery.limit + 1 + 20):
            page = await list_board(full, replace(query, cursor=cursor))
        seen += [one["id"] for one in page.items]
        cursor = page.next_cursor
        if cursor is None or len(seen) > 100:
            break
    assert len(set(seen)) == len(seen)
    assert set(seen) <= set(expected)
    assert len(seen) == len(expected) or cursor is not None


def _plainly(query: BoardQuery) -> dict[str, Any]:
    """The same question without the index's fields."""
    wanted: dict[str, Any] = {"status": {"$in": [one.value for one in query.statuses]}}
    if query.areas:
        places = "|".join(query.areas[0])
        wanted["wish.community"] = {"$regex": f"^({places})"}
    if query.categories:
        wanted["wish.category"] = {"$in": [one.value for one in query.categories]}
    return wanted
