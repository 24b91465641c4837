"""Campaigns: made by staff of the place, joined by wishes that are of it and in time, counted by events alone."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from microwish.events import Topic
from microwish.ids import uuid7
from microwish.testing import eventually

from .import_kit import done, row, send, table

pytestmark = pytest.mark.integration

SHANGHAI = ZoneInfo("Asia/Shanghai")
STREET = "310117001"


def _day(days: int) -> str:
    return (datetime.now(UTC).astimezone(SHANGHAI) + timedelta(days=days)).date().isoformat()


def _campaign(**changes: Any) -> dict[str, Any]:
    given = {
        "name": "春节微心愿",
        "colour": "red",
        "text": "过年前，一起圆一个小心愿。",
        "from": _day(-1),
        "to": _day(20),
        "scope": STREET,
    }
    return {**given, **changes}


async def _made(staff: Any, **changes: Any) -> str:
    answer = await staff.post("/api/campaigns", _campaign(**changes))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def _shown(world: Any, campaign_id: str, **expected: Any) -> dict[str, Any]:
    """Wait until everybody sees it as expected."""

    async def look() -> dict[str, Any]:
        answer = await world.client().get(f"/api/campaigns/{campaign_id}")
        told: dict[str, Any] = answer.json()
        assert answer.status_code == 200, told
        assert {name: told[name] for name in expected} == expected
        return told

    return await eventually(look, seconds=60)


async def test_staff_make_one_and_everybody_sees_it(world: Any) -> None:
    staff = await world.staff()
    made = await staff.post("/api/campaigns", _campaign())
    assert made.status_code == 201, made.text
    campaign = made.json()
    assert made.headers["location"] == f"/api/campaigns/{campaign['id']}"
    assert campaign["scope"] == {"code": STREET, "name": "岳阳街道"}
    assert campaign["state"] == "running"
    assert (await staff.get(f"/api/campaigns/{campaign['id']}")).json() == campaign  # at once, from the truth
    assert await _shown(world, campaign["id"]) == campaign
    event = await world.feed.wait_for(Topic.WISH, lambda e: e.subject == campaign["id"])
    assert (event.version, event.data["starts_on"], event.data["colour"]) == (1, _day(-1), "red")
    listed = (await world.client().get("/api/campaigns", params={"running": "true", "limit": "100"})).json()["items"]
    assert campaign in listed


async def test_a_retry_makes_one(world: Any) -> None:
    staff, key = await world.staff(), {"Idempotency-Key": uuid7()}
    first, again = [await staff.post("/api/campaigns", _campaign(), **key) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = await staff.post("/api/campaigns", _campaign(name="别的"), **key)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_staff_change_it_and_views_follow(world: Any) -> None:
    staff = await world.staff()
    campaign_id = await _made(staff)
    body = {"name": "元宵微心愿", "to": _day(30), "colour": "purple"}
    answer = await staff.http.patch(f"/api/campaigns/{campaign_id}", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["name"] == "元宵微心愿"
    await _shown(world, campaign_id, name="元宵微心愿", to=_day(30), colour="purple")
    again = await staff.http.patch(f"/api/campaigns/{campaign_id}", json=body)
    assert again.status_code == 200
    told = world.feed.events(Topic.WISH, lambda e: e.subject == campaign_id)
    assert [event.version for event in told] == [1, 2]  # what stays as it was is no event
    assert (await staff.http.patch("/api/campaigns/none-such", json=body)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to": "2020-01-01"}, "to"),
        ({"to": "2099-01-01"}, "to"),
        ({"from": "soon"}, "from"),
        ({"colour": "pink"}, "colour"),
        ({"name": " "}, "name"),
        ({"name": "长" * 31}, "name"),
        ({"text": "长" * 601}, "text"),
        ({"scope": "31"}, "scope"),
        ({"scope": "310117001999"}, "scope"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_kept(world: Any, changes: dict[str, str], field: str) -> None:
    staff = await world.staff()
    before = await world.service.parts.campaigns.aggregates.collection.count_documents({})
    answer = await staff.post("/api/campaigns", _campaign(**changes))
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await world.service.parts.campaigns.aggregates.collection.count_documents({}) == before


async def test_only_who_serves_the_whole_place_makes_or_changes_one(world: Any) -> None:
    staff, resident = await world.staff(), await world.person()
    for scope in ("310117", "310117005"):
        answer = await staff.post("/api/campaigns", _campaign(scope=scope))
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_elsewhere")
        assert [error["field"] for error in answer.json()["errors"]] == ["scope"]
    answer = await resident.post("/api/campaigns", _campaign())
    assert (answer.status_code, answer.json()["code"]) == (403, "staff_only")
    assert (await world.client().post("/api/campaigns", json=_campaign())).status_code == 401
    admin = await world.person("13800000000")
    district = await _made(admin, scope="310117")
    assert (await staff.http.patch(f"/api/campaigns/{district}", json={"name": "我的"})).status_code == 403
    own = await _made(staff)
    moved = await staff.http.patch(f"/api/campaigns/{own}", json={"scope": "310117"})
    assert (moved.status_code, moved.json()["errors"][0]["field"]) == (403, "scope")


async def test_a_wish_joins_at_posting_and_wall_and_figures_follow(world: Any, wish_body: Any) -> None:
    staff, resident = await world.staff(), await world.person()
    campaign_id, other = await _made(staff), await _made(staff, name="同时进行的活动", colour="blue")
    made = await resident.post("/api/wishes", wish_body(campaign=campaign_id))
    assert made.status_code == 201, made.text
    wish_id = made.json()["id"]
    assert made.json()["campaign"] == campaign_id
    assert (await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "approve"})).status_code == 200
    shown = await world.on_wall(wish_id, "posted")
    assert shown["campaign"] == campaign_id
    posted = await world.feed.wait_for(
        Topic.WISH, lambda e: e.subject == wish_id and e.type == "microwish.WishPosted.v1"
    )
    assert posted.data["campaign_id"] == campaign_id

    async def listed(campaign: str) -> list[str]:
        found = (await world.client().get("/api/wishes", params={"campaign": campaign})).json()
        return [item["id"] for item in found["items"]]

    assert await listed(campaign_id) == [wish_id]
    assert await listed(other) == []
    filtered = {"campaign": campaign_id, "status": "posted", "category": "goods", "community": STREET, "q": "收音机"}
    both = (await world.client().get("/api/wishes", params=filtered)).json()
    assert [item["id"] for item in both["items"]] == [wish_id]

    async def counted() -> dict[str, Any]:
        stats: dict[str, Any] = (await world.client().get("/api/stats", params={"campaign": campaign_id})).json()
        assert stats["totals"]["posted"] == 1, stats
        return stats

    stats = await eventually(counted, seconds=60)
    assert [row["code"] for row in stats["communities"]] == ["310117001001"]
    page = await world.client(accept="text/html").get(f"/campaigns/{campaign_id}")
    assert page.status_code == 200
    assert "想要一台能收戏曲的收音机" in page.text
    wall = await world.client(accept="text/html").get("/")
    assert f"/campaigns/{campaign_id}" in wall.text


async def test_a_wish_without_one_is_in_none(world: Any) -> None:
    staff, resident = await world.staff(), await world.person()
    wish_id = await world.posted(resident, staff)
    assert (await world.on_wall(wish_id, "posted"))["campaign"] is None


async def test_staff_choose_at_review_and_residents_until_it_is_posted(world: Any) -> None:
    staff, resident = await world.staff(), await world.person()
    first, second = await _made(staff), await _made(staff, name="第二个")
    wish_id = await world.submitted(resident, campaign=first)
    path = f"/api/wishes/{wish_id}"
    assert (await resident.http.patch(path, json={"campaign": second})).json()["campaign"] == second
    assert (await resident.http.patch(path, json={"title": "换个说法"})).json()["campaign"] == second
    assert (await resident.http.patch(path, json={"campaign": None})).json()["campaign"] is None
    approved = await staff.post(f"{path}/review", {"decision": "approve", "campaign": first})
    assert (approved.status_code, approved.json()["campaign"]) == (200, first)
    late = await resident.http.patch(path, json={"campaign": second})
    assert (late.status_code, late.json()["code"]) == (409, "wrong_state")
    assert (await world.on_wall(wish_id, "posted"))["campaign"] == first


async def test_a_campaign_that_is_over_elsewhere_or_unknown_is_refused(world: Any, wish_body: Any) -> None:
    staff, resident, admin = await world.staff(), await world.person(), await world.person("13800000000")
    over = await _made(staff, **{"from": _day(-20), "to": _day(-2)})
    soon = await _made(staff, **{"from": _day(2), "to": _day(9)})
    elsewhere = await _made(admin, scope="310117005")
    wish_id = await world.submitted(resident)
    before = await world.service.parts.wishes.aggregates.collection.count_documents({})
    for campaign in (over, soon, elsewhere, "none-such"):
        refused = [
            await resident.post("/api/wishes", wish_body(campaign=campaign)),
            await resident.http.patch(f"/api/wishes/{wish_id}", json={"campaign": campaign}),
            await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "approve", "campaign": campaign}),
        ]
        for answer in refused:
            assert answer.status_code == 422, answer.text
            assert [error["field"] for error in answer.json()["errors"]] == ["campaign"]
    assert await world.service.parts.wishes.aggregates.collection.count_documents({}) == before
    assert (await resident.get(f"/api/wishes/{wish_id}")).json()["status"] == "submitted"


async def test_lists_go_on_behind_a_cursor(world: Any) -> None:
    staff = await world.staff()
    made = [await _made(staff, name=f"活动 {n}", **{"from": _day(-n % 3)}) for n in range(5)]
    for campaign_id in made:
        await _shown(world, campaign_id)
    seen: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await world.client().get("/api/campaigns", params={"limit": "2", "cursor": cursor})).json()
        seen += page["items"]
        cursor = page["next_cursor"]
    ids = [item["id"] for item in seen]
    assert set(made) <= set(ids)
    assert len(ids) == len(set(ids))
    assert [item["from"] for item in seen] == sorted((item["from"] for item in seen), reverse=True)
    broken = await world.client().get("/api/campaigns", params={"cursor": "x"})
    assert (broken.status_code, broken.json()["errors"][0]["field"]) == (422, "cursor")


async def test_staff_make_and_change_one_on_its_page(world: Any) -> None:
    staff = await world.staff()
    form = await staff.http.get("/campaigns/new", headers={"Accept": "text/html"})
    assert form.status_code == 200
    assert "310117005" not in form.text  # only places that they serve
    values = {**_campaign(), "key": uuid7()}
    wrong = await staff.http.post("/campaigns/new", data={**values, "to": _day(-9)}, headers={"Accept": "text/html"})
    assert wrong.status_code == 422
    assert "结束不能早于开始" in wrong.text
    made = await staff.http.post("/campaigns/new", data=values, headers={"Accept": "text/html"})
    assert made.status_code == 303, made.text
    place = made.headers["location"]
    page = await staff.http.get(place, headers={"Accept": "text/html"})
    assert f"{place}/change" in page.text
    changed = await staff.http.post(
        f"{place}/change", data={**values, "name": "元宵灯会", "key": uuid7()}, headers={"Accept": "text/html"}
    )
    assert changed.status_code == 303
    assert "元宵灯会" in (await staff.http.get(place, headers={"Accept": "text/html"})).text
    visitor = await world.person()
    assert (await visitor.http.get("/campaigns/new", headers={"Accept": "text/html"})).status_code == 403
    assert (await world.client(accept="text/html").get("/campaigns/none-such")).status_code == 404


async def test_a_table_names_the_campaign_of_its_wishes_and_an_export_too(world: Any) -> None:
    staff, name = await world.staff(), f"节日 {uuid7()[-8:]}"
    running = await _made(staff, name=name)
    await _made(staff, name=f"{name} 旧", **{"from": _day(-40), "to": _day(-20)})
    phone = world.phone()
    rows = [
        row(f"{name} 好的", 主题活动=name, 电话=phone),
        row("晚了", 主题活动=f"{name} 旧"),
        row("没有", 主题活动="无此活动"),
    ]
    told = (await send(staff, table(*rows), dry_run=True)).json()
    codes = [(one["row"], one["column"], one["code"]) for one in told["errors"]]
    assert codes == [(3, "H", "campaign_ended"), (4, "H", "no_such_campaign")]
    accepted = (await send(staff, table(rows[0]))).json()
    made = (await done(staff, accepted["id"]))["items"][0]["wish_id"]
    assert (await staff.get(f"/api/wishes/{made}")).json()["campaign"] == running
    exported = await staff.get("/api/wishes/export.csv", q=name)
    assert next(csv.DictReader(io.StringIO(exported.content.decode("utf-8-sig"))))["主题活动"] == name
