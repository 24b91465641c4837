"""Finding wishes: filters, words, pages in a stable order while wishes arrive, answers that need not travel twice."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from microwish.events import Category
from microwish.testing import eventually

pytestmark = pytest.mark.integration


async def ids_of(client: httpx.AsyncClient, **asked: str) -> list[str]:
    answer = await client.get("/api/wishes", params=asked)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_lists_are_filtered_by_place_state_and_category_together(world: Any, wall: Any) -> None:
    far, near, other = "420100001001", "420100001002", "420100005001"
    study, goods = Category.STUDY, Category.GOODS
    ids = await wall.put_up(
        world,
        wall.posted("一", community=far, category=study),
        wall.posted("二", community=near, category=study),
        wall.posted("三", community=near, category=goods),
        wall.posted("四", community=other, category=study),
    )
    anyone = world.client()
    assert await ids_of(anyone, community="420100") == ids[::-1]
    assert await ids_of(anyone, community="420100001") == ids[2::-1]
    assert await ids_of(anyone, community=near) == [ids[2], ids[1]]
    assert await ids_of(anyone, community="420100", category="study") == [ids[3], ids[1], ids[0]]
    assert await ids_of(anyone, community="420100", status="adopted") == []
    assert await ids_of(anyone, community="420100001", status="posted", category="goods") == [ids[2]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("收音机", [0]),
        ("琴", [1]),
        ("越剧", [0]),
        ("mp3", [2]),
        ("ＭＰ３", [2]),
        ("小小 想学", [1]),
        ("想", [2, 1, 0]),
        ("机收音", []),
        ("剧。", [0]),
        (".*", []),
        ("戏曲的收音机能收", []),
    ],
)
async def test_words_are_found_inside_texts(
    world: Any, wall: Any, searched: list[str], asked: str, found: list[int]
) -> None:
    assert await ids_of(world.client(), community="430100", q=asked) == [searched[number] for number in found]


@pytest.fixture(scope="module")
async def searched(world: Any, wall: Any) -> list[str]:
    place = "430100001001"
    return await wall.put_up(
        world,
        wall.posted("想要能收戏曲的收音机", detail="听听越剧。", community=place),
        wall.posted("想学小提琴", detail="从小小的开始", community=place),
        wall.posted("想要一个 MP3", community=place),
    )


async def test_pages_stay_in_order_while_wishes_arrive(world: Any, wall: Any) -> None:
    """Nothing twice, nothing lost that was there at the start; paging by numbers shows what it guards against."""
    place = "440100001001"
    start = datetime.now(UTC) - timedelta(days=1)
    there = await wall.put_up(
        world,
        *(wall.posted(f"第{n}个", community=place) for n in range(12)),
        # Several were approved in the same millisecond.
        times=[start + timedelta(seconds=n // 4) for n in range(12)],
    )
    anyone, by_key, by_number = world.client(), list[str](), list[str]()
    cursor: str | None = ""
    while cursor is not None:
        page = (await anyone.get(f"/api/wishes?community={place}&limit=3&cursor={cursor}")).json()
        by_key += [item["id"] for item in page["items"]]
        by_number += await numbered_page(world, place, len(by_number))
        cursor = page["next_cursor"]
        await wall.put_up(world, wall.posted("新来的", community=place), wall.posted("又一个", community=place))
    assert sorted(by_key) == sorted(set(by_key))
    assert set(there) <= set(by_key)
    assert len(by_number) > len(set(by_number))


async def numbered_page(world: Any, place: str, skipped: int) -> list[str]:
    rows = world.service.views.wall.rows.find({"wish.areas": place}).sort("wish.order", -1).skip(skipped).limit(3)
    return [row["_id"] async for row in rows]


async def until_ready(world: Any, path: str) -> None:
    """Ask until the page is kept: changes are followed, and none is on its way any more."""

    async def ready() -> bool:
        await world.client().get(path)
        return world.service.finding.lists.get(path.partition("?")[2].encode()) is not None

    await eventually(ready)


async def test_an_unchanged_list_does_not_travel_again(world: Any, wall: Any) -> None:
    [wish_id] = await wall.put_up(world, wall.posted("想要一盏灯", community="450100001001"))
    anyone = world.client()
    ready, single = "/api/wishes?community=450100", f"/api/wishes/{wish_id}"
    await until_ready(world, ready)
    for path in (ready, ready + "&limit=7", single):
        for _ in range(2):
            answer = await anyone.get(path)
            etag = answer.headers["etag"]
            assert not etag.startswith("W/")
            assert answer.headers["cache-control"] == "public, no-cache"
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            held = [etag, f'"other", {etag}', f"W/{etag}", "*", '"a,b" , ' + etag]
            for tags in held:
                same = await anyone.get(path, headers={"If-None-Match": tags})
                assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
                assert same.headers["cache-control"] == "public, no-cache"
            lines = [("If-None-Match", '"other"'), ("If-None-Match", etag)]
            assert (await anyone.get(path, headers=lines)).status_code == 304
            assert (await anyone.get(path, headers={"If-None-Match": '"other"'})).status_code == 200
            head = await anyone.head(path)
            assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)
            assert head.headers["content-length"] == str(len(answer.content))
            assert (await anyone.head(path, headers={"If-None-Match": etag})).status_code == 304
    assert (await anyone.get(f"/api/wishes/{wish_id}")).headers["vary"] == "Authorization, Cookie"


async def test_what_is_ready_keeps_the_request_id_and_says_nothing_twice(world: Any, wall: Any) -> None:
    await wall.put_up(world, wall.posted("想要一把伞", community="460100001001"))
    anyone, path = world.client(), "/api/wishes?community=460100"
    traceparent = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    await until_ready(world, path)
    first = await anyone.get(path, headers=traceparent)
    ready = await anyone.get(path, headers={"X-Request-ID": "req-12345678"})
    assert ready.headers["x-request-id"] == "req-12345678"
    assert ready.content == first.content
    names = [name for name, _ in ready.headers.raw]
    assert len(names) == len(set(names))
    assert set(first.headers) == set(ready.headers)


async def test_a_page_read_before_a_change_is_not_put_back(world: Any, wall: Any) -> None:
    """A reader that began before a wish was taken away must not keep it on the wall for those who ask later."""
    stays, goes = wall.posted("留下的", community="470100001001"), wall.posted("撤回的", community="470100001001")
    await wall.put_up(world, stays, goes)
    anyone, path = world.client(), "/api/wishes?community=470100"
    await until_ready(world, path)
    assert len((await anyone.get(path)).json()["items"]) == 2
    await world.feed.publish(wall.withdrawn(goes), version=2)

    async def gone() -> bool:
        return [item["id"] for item in (await anyone.get(path)).json()["items"]] == [stays.wish_id]

    await eventually(gone)
    found = await asyncio.gather(*(anyone.get(path) for _ in range(20)))
    assert {answer.headers["etag"] for answer in found} == {found[0].headers["etag"]}
    assert len(found[0].json()["items"]) == 1
