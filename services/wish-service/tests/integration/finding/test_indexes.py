"""Every list runs on an index that holds it in its order: what the database's profiler says of what really ran."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from microwish.events import Category, Community
from microwish.events.wish import TaskKind
from microwish.ids import uuid7
from wish_service.domain.states import Status
from wish_service.domain.wish import Contact, Wish
from wish_service.store.documents import to_document
from wish_service.store.tasks import TaskQuery
from wish_service.views.read_wall import WallQuery, list_wishes
from wish_service.views.wall_rows import order_of

pytestmark = pytest.mark.integration

ROWS = 4_000
START = datetime(2026, 1, 1, tzinfo=UTC)
STREETS = [f"5501{street:02}001" for street in range(20)]
CATEGORIES = list(Category)


@pytest.fixture(scope="module")
async def full(settings_for: Any) -> AsyncIterator[Any]:
    """A database of its own with thousands of wishes, straight in its collections; nothing else runs on it."""
    from wish_service.wiring import WishService

    service = WishService(settings_for(f"full-{uuid7()[-6:]}"))
    await service.views.wall.open()
    await service.parts.wishes.ensure_indexes()
    await service.views.wall.rows.insert_many([public_row(number) for number in range(ROWS)])
    await service.parts.wishes.aggregates.collection.insert_many([wish_row(number) for number in range(ROWS)])
    yield service
    await service.stop()


def place(number: int) -> str:
    return f"{STREETS[number % len(STREETS)]}{number % 5:03}"


def areas(code: str) -> list[str]:
    return [code[:6], code[:9], code]


def public_row(number: int) -> dict[str, Any]:
    wish_id, at = uuid7(), START + timedelta(seconds=number // 3)
    rare = number % 400 == 7
    return {
        "_id": wish_id,
        "public": number % 10 != 0,
        "status": "fulfilled" if number % 50 else "posted",
        "wish": {
            "order": order_of(at, wish_id),
            "posted_at": at,
            "areas": areas(place(number)),
            "category": CATEGORIES[number % len(CATEGORIES)].value,
            "grams": ["想", "想要", "要", *(["收", "收音", "音", "音机", "机"] if rare else [])],
            "sought": {"title": "想要收音机" if rare else "想要", "detail": ""},
        },
    }


def wish_row(number: int) -> dict[str, Any]:
    at = START + timedelta(seconds=number // 3)
    contact = Contact(*["sealed"] * 7)
    wish = Wish(
        id=uuid7(),
        resident_id=f"resident-{number % 40}",
        posted_by="somebody",
        on_behalf=False,
        community=Community(code=place(number), name="某社区"),
        category=Category.GOODS,
        title="sealed",
        detail="sealed",
        contact=contact,
        submitted_at=at,
        review_from=at,
        status=Status.SUBMITTED if number % 2 else Status.DELIVERED,
    )
    kept = to_document(wish) | ({} if number % 2 else {"unconfirmed_since": at})
    return {"_id": wish.id, **kept, "revision": 1, "streamversion": 1, "outbox": []}


@asynccontextmanager
async def watched(service: Any, *, most: int, of: str = "", sorting: bool = False) -> AsyncIterator[None]:
    """Every query inside must run on an index, without sorting, and look at no more than `most` documents.

    of: the collection that is looked at; if nothing is said, wall and wishes. sorting: it may sort what it found.
    """
    db = service.mongo.db
    await db.command("profile", 0)
    await db.drop_collection("system.profile")
    await db.command("profile", 2)
    try:
        yield
    finally:
        await db.command("profile", 0)
    collections = [f"{db.name}.{name}" for name in ([of] if of else ["wall.g1", "wishes"])]
    asked = {"op": {"$in": ["query", "command"]}, "ns": {"$in": collections}}
    found = await db.get_collection("system.profile").find(asked).to_list(None)
    assert found
    for one in found:
        seen = {name: one.get(name) for name in ("command", "planSummary", "docsExamined", "keysExamined", "nreturned")}
        assert "IXSCAN" in one["planSummary"] or "COUNT_SCAN" in one["planSummary"], seen
        assert "COLLSCAN" not in one["planSummary"], seen
        assert sorting or not one.get("hasSortStage"), seen
        assert one["docsExamined"] <= most, seen
        assert one["keysExamined"] <= 3 * most + 10, seen


FILTERS: list[dict[str, Any]] = [
    {name: value for name, value in chosen if value is not None}
    for chosen in itertools.product(
        (("status", None), ("status", "posted")),
        (("category", None), ("category", "study")),
        (("community", None), ("community", "550101"), ("community", "550101001"), ("community", "550101001001")),
    )
]


@pytest.mark.parametrize("filters", FILTERS, ids=lambda filters: "+".join(filters) or "all")
@pytest.mark.parametrize("far", [False, True], ids=["first page", "behind a cursor"])
async def test_a_page_of_the_wall_costs_what_is_on_it(full: Any, filters: dict[str, Any], far: bool) -> None:
    after = (START + timedelta(seconds=ROWS // 6), uuid7()) if far else None
    async with watched(full, most=21):
        rows, _ = await list_wishes(full.views.wall, WallQuery(**filters, after=after))
    assert all(row["public"] for row in rows)
    assert rows == sorted(rows, key=lambda row: row["wish"]["order"], reverse=True)


@pytest.mark.parametrize(
    ("words", "filters", "most"),
    [
        ("收音机", {}, 30),
        ("机", {}, 30),
        ("想要", {}, 130),
        ("想要收音机", {"community": "550107"}, 130),
        ("想", {"community": "550107", "status": "posted"}, 130),
        ("没有的词", {}, 30),
    ],
)
async def test_a_search_looks_at_what_holds_the_words(
    full: Any, words: str, filters: dict[str, Any], most: int
) -> None:
    async with watched(full, most=most):
        await list_wishes(full.views.wall, WallQuery(**filters, q=words))


async def test_a_search_for_text_alone_would_look_at_everything(full: Any) -> None:
    """What the index of grams guards against."""
    with pytest.raises(AssertionError, match=r"COLLSCAN|docsExamined"):
        async with watched(full, most=130):
            await full.views.wall.rows.find({"wish.sought.title": {"$regex": "收音机"}}).to_list(21)


AFTER = (START + timedelta(seconds=ROWS // 6), "0")


@pytest.mark.parametrize("served", [None, ["550101001"], ["550101", "550101001", "550102001", "550103"]])
@pytest.mark.parametrize("after", [None, AFTER])
async def test_the_desk_reads_its_queues_from_the_front(full: Any, served: Any, after: Any) -> None:
    wishes = full.parts.wishes
    async with watched(full, most=50 * (len(served or ["all"]) + 1)):
        waiting = await wishes.waiting_for_review(served, after=after, limit=50)
        unconfirmed = await wishes.waiting_for_confirmation(served, limit=50)
    assert len(waiting) == len(unconfirmed) == 50 or served
    assert [wish.review_from for wish in waiting] == sorted(wish.review_from for wish in waiting)


async def test_the_other_lists_of_wishes(full: Any) -> None:
    wishes, served = full.parts.wishes, ["550101001", "550102"]
    async with watched(full, most=101):
        assert len(await wishes.of_resident("resident-1")) == 100
    async with watched(full, most=ROWS // 5):
        assert await wishes.count_waiting(served) > 0
    async with watched(full, most=60):
        await wishes.newest_of("550101001001", [Status.SUBMITTED, Status.DELIVERED], limit=50)
        await wishes.at(["550101001001"], limit=50)
    now = datetime.now(UTC)
    async with watched(full, most=0):
        assert [one async for one in wishes.with_timer_due(now)] == []
        assert [one async for one in wishes.with_tasks_to_settle()] == []


FEW = 300
"""Documents of each of the smaller collections; ten share a moment."""


def moment(number: int) -> datetime:
    return START + timedelta(hours=number // 10)


async def test_tasks_are_read_from_the_oldest(full: Any) -> None:
    tasks, kinds = full.parts.tasks, list(TaskKind)
    await tasks.ensure_indexes()
    rows = [task_row(number, kinds[number % 3]) for number in range(FEW)]
    await tasks.aggregates.collection.insert_many(rows)
    behind = (moment(200), "t200")
    for areas in (None, ["550101001"]):
        for after in (None, behind):
            async with watched(full, most=40, of="tasks"):
                found = await tasks.list(TaskQuery(areas, after=after))
            assert [task.id for task in found] == sorted(task.id for task in found)
    async with watched(full, most=40, of="tasks"):
        await tasks.list(TaskQuery(["550101001"], kind=kinds[0]))


def task_row(number: int, kind: TaskKind) -> dict[str, Any]:
    code = place(number)
    nothing = dict.fromkeys(("about", "adoption_id", "due_at", "done_at"))
    where = {"community": code, "place": {"code": code, "name": "某社区"}, "areas": areas(code)}
    own = {"kind": kind.value, "wish_id": "w", "opened_at": moment(number), "seen_version": 1, "timeline": []}
    return {"_id": f"t{number:03}", "open": True, **nothing, **where, **own}


async def test_campaigns_exports_and_staff_are_read_in_their_order(full: Any) -> None:
    board, exports, people = full.parts.campaign_board, full.tables.exports, full.parts.people
    await board.view.open()
    await exports.ensure_indexes()
    await people.ensure_indexes()
    days = [f"{moment(n * 24):%Y-%m-%d}" for n in range(FEW)]
    told = {"name": "活动", "colour": "red", "text": "", "scope": "550101"}
    await board.view.rows.insert_many(
        [{"_id": f"c{n:03}", "campaign": {**told, "starts_on": day, "ends_on": day}} for n, day in enumerate(days)]
    )
    async with watched(full, most=21, of="campaign_board.g1"):
        assert len((await board.listed())[0]) == 20
    async with watched(full, most=31, of="campaign_board.g1"):
        assert len((await board.listed(after=(days[100], "c100")))[0]) == 20
    records = full.mongo.db.get_collection("exports")
    await records.insert_many([{"_id": f"e{n:03}", "by": f"p{n % 10}", "at": moment(n)} for n in range(FEW)])
    for by in (None, "p3"):
        for after in (None, (moment(200), "e200")):
            async with watched(full, most=31, of="exports"):
                assert len(await exports.records(by, after=after, limit=20)) == 20
    residents = [{"_id": f"p{n:03}", "phone_index": f"x{n}", "communities": []} for n in range(FEW)]
    await people.aggregates.collection.insert_many(residents)
    async with watched(full, most=0, of="people", sorting=True):
        assert await people.staff() == []
