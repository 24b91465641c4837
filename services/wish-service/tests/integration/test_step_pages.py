"""What staff do at the desk beside a review, and changing how to reach a resident: by form, without JavaScript."""

import re
from html import unescape
from typing import Any

import pytest

from microwish.ids import uuid7
from microwish.testing import eventually

pytestmark = pytest.mark.integration

LANDLINE = {"name": "陈阿婆", "phone": "021-57812345", "address": "三弄 9 号 102 室"}


async def at_desk(world: Any, someone: Any, path: str) -> tuple[Any, dict[str, str]]:
    """A browser of this person's that has this page open, and its token for forms."""
    client = world.client(Accept="text/html")
    client.cookies.set("microwish_session", someone.token)
    found = re.search(r'name="csrf" value="([^"]+)"', (await client.get(path)).text)
    assert found
    return client, {"csrf": unescape(found[1])}


async def delivered(staff: Any, wish_id: str) -> None:
    """Wait until a delivery of this wish waits for an answer."""

    async def look() -> bool:
        adoptions = (await staff.get(f"/api/wishes/{wish_id}")).json()["adoptions"]
        return bool(adoptions and adoptions[0]["state"] == "delivered")

    await eventually(look, seconds=60)


async def test_a_wish_on_the_wall_is_recommended_and_taken_down_with_a_reason(world: Any) -> None:
    resident, staff, elsewhere = await world.person(), await world.staff(), await world.staff("310117005")
    helped, wish_id = [await world.posted(resident, staff) for _ in range(2)]
    await world.tell(world.adopted(helped, "和风邮政所"))
    await world.on_wall(helped, "adopted")
    desk, csrf = await at_desk(world, staff, f"/desk?wish={wish_id}")

    page = (await desk.get(f"/desk?wish={wish_id}")).text
    organisation = re.search(r'<option value="([^"]+)">和风邮政所</option>', page)
    assert organisation, "who has helped near can be chosen without a script"
    told = await desk.post(f"/desk/{wish_id}/recommendation", data={**csrf, "organisation_id": organisation[1]})
    assert (told.status_code, told.headers["location"]) == (303, f"/desk?wish={wish_id}")
    page = (await desk.get(f"/desk?wish={wish_id}")).text
    assert "社区推荐给了合适的单位" in page
    assert f'<option value="{organisation[1]}"' not in page
    assert (
        await desk.post(f"/desk/{wish_id}/recommendation", data={**csrf, "organisation_id": "1"})
    ).status_code == 422

    form = {**csrf, "decision": "take_down"}
    unsaid = await desk.post(f"/desk/{wish_id}/takedown", data=form)
    assert unsaid.status_code == 422
    assert re.search(r'<details class="more" open><summary[^>]*>从心愿墙上撤下', unsaid.text)
    assert 'href="#reason"' in unsaid.text
    stranger, token = await at_desk(world, elsewhere, "/desk")
    refused = await stranger.post(f"/desk/{wish_id}/takedown", data={**token, "reason_code": "safety"})
    assert refused.status_code == 403
    done = await desk.post(f"/desk/{wish_id}/takedown", data={**form, "reason_code": "safety", "reason": "改天再说"})
    assert done.status_code == 303
    mine = (await resident.get(f"/api/wishes/{wish_id}")).json()
    assert (mine["status"], mine["reason"]) == ("taken_down", "上门可能不安全。改天再说")
    assert "从心愿墙上撤下" not in (await desk.get(f"/desk?wish={wish_id}")).text


async def test_what_cannot_be_met_is_closed_and_a_delivery_is_answered_for_the_resident(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    wish_id = await world.posted(resident, staff, slots=2)
    adopted = world.adopted(wish_id)
    await world.tell(adopted)
    await world.tell(world.reported(adopted))
    desk, csrf = await at_desk(world, staff, f"/desk?wish={wish_id}")

    answer = {**csrf, "adoption_id": adopted.adoption_id}
    await delivered(staff, wish_id)
    assert (await desk.post(f"/desk/{wish_id}/dispute", data={**answer, "reason": "本人说没见到"})).status_code == 303
    assert (await staff.get(f"/api/wishes/{wish_id}")).json()["adoptions"][0]["state"] == "active"
    await world.tell(world.reported(adopted))
    await delivered(staff, wish_id)
    assert (await desk.post(f"/desk/{wish_id}/confirm", data={**answer, "note": "电话核实"})).status_code == 303
    assert "够了，就到这里" in (await desk.get(f"/desk?wish={wish_id}")).text
    assert (await desk.post(f"/desk/{wish_id}/closing", data=csrf)).status_code == 303
    assert (await staff.get(f"/api/wishes/{wish_id}")).json()["status"] == "fulfilled"

    other = await world.posted(resident, staff)
    assert (await desk.post(f"/desk/{other}/closing", data=csrf)).status_code == 422
    assert (await desk.post(f"/desk/{other}/closing", data={**csrf, "reason_code": "no_source"})).status_code == 303
    assert (await staff.get(f"/api/wishes/{other}")).json()["status"] == "closed"


async def test_staff_revise_correct_and_withdraw_only_for_who_has_no_account(world: Any, wish_body: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    posted = await staff.post("/api/wishes", wish_body(on_behalf={"basis": "in_person"}, contact=LANDLINE))
    wish_id, theirs = posted.json()["id"], await world.submitted(resident)
    await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "return", "reason": "请问问尺寸"})
    desk, csrf = await at_desk(world, staff, f"/desk?wish={wish_id}")

    form = (await desk.get(f"/desk/{wish_id}/revise")).text
    assert "请问问尺寸" in form
    change = {**csrf, "title": "一台小收音机", "category": "goods", "detail": "巴掌大小"}
    wrong = await desk.post(f"/desk/{wish_id}/revise", data={**change, "title": "借我点钱"})
    assert wrong.status_code == 422
    assert "巴掌大小</textarea>" in wrong.text
    done = await desk.post(f"/desk/{wish_id}/revise", data=change)
    assert (done.status_code, done.headers["location"]) == (303, f"/desk?wish={wish_id}")
    new = {"name": "陈阿婆", "phone": "021-57819999", "address": "三弄 9 号 103 室"}
    wrong = await desk.post(f"/desk/{wish_id}/correction", data={**csrf, **new, "phone": "12"})
    assert wrong.status_code == 422
    assert "103 室" in wrong.text
    assert (await desk.post(f"/desk/{wish_id}/correction", data={**csrf, **new})).status_code == 303
    assert (await staff.get(f"/api/wishes/{wish_id}/contact")).json()["address"] == new["address"]
    assert (await desk.post(f"/desk/{wish_id}/withdrawal", data=csrf)).status_code == 303
    wish = (await staff.get(f"/api/wishes/{wish_id}")).json()
    assert (wish["status"], wish["original"]["title"]) == ("withdrawn", "一台小收音机")

    assert f"/desk/{theirs}/revise" not in (await desk.get(f"/desk?wish={theirs}")).text
    for path in ("revise", "correction"):
        assert (await desk.get(f"/desk/{theirs}/{path}")).status_code in {403, 404}
    assert (await desk.post(f"/desk/{theirs}/withdrawal", data=csrf)).status_code in {403, 404}


async def test_a_resident_changes_how_to_be_reached_once_the_wish_is_on_the_wall(world: Any) -> None:
    resident, staff, other = await world.person(), await world.staff(), await world.person()
    wish_id = await world.posted(resident, staff)
    client, csrf = await at_desk(world, resident, "/mine")
    assert f"/mine/{wish_id}/correction" in (await client.get("/mine")).text
    assert "13912345678" not in (await client.get(f"/mine/{wish_id}/correction")).text
    new = {**csrf, "name": "王秀英", "phone": "139 1234 0000", "address": "龙潭社区五弄 1 号"}
    assert (await client.post(f"/mine/{wish_id}/correction", data=new)).status_code == 303
    assert (await staff.get(f"/api/wishes/{wish_id}/contact")).json()["phone"] == "13912340000"
    assert (await resident.get(f"/api/wishes/{wish_id}")).json()["status"] == "posted"
    stranger, token = await at_desk(world, other, "/post")
    assert (await stranger.post(f"/mine/{wish_id}/correction", data={**new, **token})).status_code == 403
    assert (await stranger.get(f"/mine/{uuid7()}/correction")).status_code == 404


async def test_an_admin_lets_somebody_serve_one_more_place_and_ends_it(world: Any) -> None:
    admin, staff = await world.person("13800000000"), await world.staff()
    desk, csrf = await at_desk(world, admin, "/desk/staff")
    assert staff.phone not in (await desk.get("/desk/staff")).text
    wrong = await desk.post("/desk/staff", data={**csrf, "phone": "12", "division": "999999"})
    assert wrong.status_code == 422
    assert all(f'href="#{field}"' in wrong.text for field in ("phone", "division"))
    assert (await desk.post("/desk/staff", data={**csrf, "phone": staff.phone, "division": "310117005"})).is_redirect
    serving = {one["id"]: one for one in (await admin.get("/api/staff")).json()["items"]}[staff.id]
    assert [one["code"] for one in serving["communities"]] == ["310117001", "310117005"]
    assert serving["name"] == "周敏"
    assert (await desk.post(f"/desk/staff/{staff.id}/end", data=csrf)).is_redirect
    assert staff.id not in {one["id"] for one in (await admin.get("/api/staff")).json()["items"]}
    other, token = await at_desk(world, await world.staff(), "/desk")
    assert (await other.get("/desk/staff")).status_code == 403
    refused = await other.post("/desk/staff", data={**token, "phone": staff.phone, "division": "310117"})
    assert refused.status_code == 403
    assert "/desk/staff" not in (await other.get("/desk")).text
