"""On behalf of somebody, for a child, above the ceiling, and for money: what is asked, kept, shown and refused."""

from typing import Any

import pytest

pytestmark = pytest.mark.integration

LANDLINE = {"name": "陈阿婆", "phone": "021-57812345", "address": "三弄 9 号 102 室"}
GUARDIAN = {"name": "李红梅", "relation": "母亲"}
AGREED = {"publishing": True, "sensitive": True, "guardian": True}
NOT_RECORDED = {"basis": None, "note": None, "recorded_by": None}


async def test_the_shape_of_the_design_still_does_and_says_that_nothing_is_recorded(world: Any, wish_body: Any) -> None:
    staff = await world.staff()
    posted = await staff.post("/api/wishes", wish_body(on_behalf=True, contact=LANDLINE))
    assert posted.status_code == 201, posted.text
    wish = posted.json()
    assert wish["on_behalf"] is True
    assert wish["without_account"] is True
    known = wish["consents"]
    assert {name: known[name] for name in ("basis", "note")} == {"basis": None, "note": None}
    assert known["recorded_by"] == staff.id


async def test_how_consent_is_known_is_kept_with_who_noted_it_and_when(world: Any, wish_body: Any) -> None:
    staff, resident = await world.staff(), await world.person()
    on_behalf = {"basis": "by_telephone", "note": "六月三日电话里说可以"}
    posted = await staff.post(
        "/api/wishes",
        wish_body(on_behalf=on_behalf, contact=LANDLINE, beneficiary={"relation": "ward"}),
    )
    wish = posted.json()
    assert wish["consents"]["basis"] == "by_telephone"
    assert wish["consents"]["note"] == "六月三日电话里说可以"
    assert wish["consents"]["recorded_by"] == staff.id
    assert wish["consents"]["recorded_at"]
    assert (wish["beneficiary"], wish["relation"]) == ("社区照看的居民", "ward")
    kept = str(await world.service.parts.wishes.aggregates.collection.find_one({"_id": wish["id"]}))
    assert "电话里说可以" not in kept
    bad = await staff.post("/api/wishes", wish_body(on_behalf={"basis": "heard_so"}, contact=LANDLINE))
    assert bad.status_code == 422
    assert (await resident.post("/api/wishes", wish_body(on_behalf=on_behalf))).json()["code"] == "staff_only"


async def test_nobodys_wish_goes_its_whole_way_by_staff(world: Any, wish_body: Any) -> None:
    staff = await world.staff()
    posted = await staff.post("/api/wishes", wish_body(on_behalf={"basis": "in_person"}, contact=LANDLINE))
    wish_id = posted.json()["id"]
    await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "return", "reason": "问清尺寸"})
    revised = await staff.http.patch(f"/api/wishes/{wish_id}", json={"detail": "巴掌大小"})
    assert revised.json()["status"] == "submitted"
    assert (await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "approve"})).status_code == 200
    adopted = world.adopted(wish_id)
    await world.tell(adopted)
    await world.tell(world.reported(adopted))
    await world.state(staff, wish_id, "delivered")
    body = {"adoption_id": adopted.adoption_id}
    unsaid = await staff.post(f"/api/wishes/{wish_id}/confirmation", body)
    assert unsaid.json()["errors"][0]["field"] == "note"
    done = await staff.post(f"/api/wishes/{wish_id}/confirmation", {**body, "note": "上门看过，老人在用"})
    assert done.json()["status"] == "fulfilled"


async def test_for_a_child_a_guardian_agrees_by_name(world: Any, wish_body: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    child = {"relation": "女儿", "under_14": True}
    unnamed = await resident.post("/api/wishes", wish_body(beneficiary=child, consents=AGREED))
    fields = {error["field"] for error in unnamed.json()["errors"]}
    assert (unnamed.status_code, fields) == (422, {"guardian.name", "guardian.relation"})
    half = await resident.post("/api/wishes", wish_body(beneficiary=child, consents=AGREED, guardian={"name": "李"}))
    assert {error["field"] for error in half.json()["errors"]} == {"guardian.relation"}
    posted = await resident.post("/api/wishes", wish_body(beneficiary=child, consents=AGREED, guardian=GUARDIAN))
    assert posted.status_code == 201, posted.text
    wish_id = posted.json()["id"]
    assert (posted.json()["relation"], posted.json()["under_14"]) == ("child", True)
    kept = str(await world.service.parts.wishes.aggregates.collection.find_one({"_id": wish_id}))
    assert "李红梅" not in kept
    shown = await staff.get(f"/api/wishes/{wish_id}")
    assert "李红梅" not in shown.text
    assert shown.json()["consents"]["guardian_relation"] == "母亲"
    contact = (await staff.get(f"/api/wishes/{wish_id}/contact")).json()
    assert contact["guardian"] == GUARDIAN
    await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "approve"})
    public = await world.on_wall(wish_id, "posted")
    assert not {"beneficiary", "relation", "under_14", "consents", "hints"} & public.keys()


async def test_the_ceiling_is_that_of_the_district(another_world: Any, wish_body: Any) -> None:
    async with another_world(consume=False, value_ceilings="310117=80000") as world:
        resident = await world.person()
        assert (await resident.post("/api/wishes", wish_body(estimated_value_fen=80_000))).status_code == 201
        above = await resident.post("/api/wishes", wish_body(estimated_value_fen=80_001))
        assert above.status_code == 422
        error = above.json()["errors"][0]
        assert (error["field"], error["message"]) == ("estimated_value_fen", "单个心愿不超过 800 元")
        wish_id = await world.submitted(resident)
        changed = await resident.http.patch(f"/api/wishes/{wish_id}", json={"estimated_value_fen": 90_000})
        assert "800" in changed.json()["errors"][0]["message"]
        assert (await resident.get(f"/api/wishes/{wish_id}")).json()["estimated_value_fen"] is None


async def test_who_asks_for_money_is_told_who_can_help_and_nothing_is_kept(world: Any, wish_body: Any) -> None:
    resident = await world.person()
    refused = await resident.post("/api/wishes", wish_body(detail="请微信转帐 五百 给我"))
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "money_refused")
    assert "社会救助" in problem["detail"]
    assert "12345" in problem["detail"]
    assert "12345" in problem["errors"][0]["message"]
    assert await world.service.parts.wishes.of_resident(resident.id) == []


async def test_staff_see_what_could_make_somebody_a_target(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    wish_id = await world.submitted(resident, detail="我独居，白天家里没人")
    wish = (await staff.get(f"/api/wishes/{wish_id}")).json()
    assert {"field": "public_detail", "reason": "living_alone", "phrase": "独居"} in wish["hints"]
    browser = world.client(Accept="text/html")
    browser.cookies.set("microwish_session", staff.token)
    desk = (await browser.get(f"/desk?wish={wish_id}")).text
    assert "「独居」：看得出一个人住" in desk
    review = {"decision": "approve", "public_title": "想要收音机", "public_detail": "想听听越剧"}
    await staff.post(f"/api/wishes/{wish_id}/review", review)
    assert (await staff.get(f"/api/wishes/{wish_id}")).json()["hints"] == []


async def test_the_form_asks_all_of_it_from_staff(world: Any) -> None:
    staff = await world.staff("310117005001")
    browser = world.client(Accept="text/html")
    browser.cookies.set("microwish_session", staff.token)
    first = await browser.get("/post?on_behalf=yes")
    assert 'data-community="310117005001"' in first.text
    form = {"csrf": browser.cookies["microwish_csrf"], "on_behalf": "yes"}
    form |= {"title": "孩子想要一张书桌", "category": "goods", "detail": "", "value_yuan": "600"}
    dear = {
        **form,
        "step": "2",
        "name": "陈红",
        "phone": "021-57812345",
        "community": "310117005001",
        "address": "九弄",
    }
    above = await browser.post("/post", data=dear)
    assert above.status_code == 422
    assert "单个心愿不超过 500 元" in above.text
    assert 'id="value_yuan"' in above.text
    third = {**dear, "value_yuan": "300", "relation": "child", "under_14": "yes", "key": "k-0123456789"}
    shown = await browser.post("/post", data=third)
    assert shown.status_code == 200
    for name in ("consent_basis", "consent_note", "guardian_name", "guardian_relation", "agree_guardian"):
        assert f'id="{name}"' in shown.text
    ticked = {**third, "step": "3", "agree_publishing": "yes", "agree_sensitive": "yes"}
    missing = await browser.post("/post", data=ticked)
    for name in ("consent_basis", "guardian_name", "guardian_relation", "agree_guardian"):
        assert f'id="{name}-error"' in missing.text
    whole = {**ticked, "consent_basis": "guardian", "agree_guardian": "yes", "guardian_name": "陈红"}
    kept = await browser.post("/post", data={**whole, "guardian_relation": "母亲"})
    assert (kept.status_code, kept.headers["location"]) == (303, "/desk")
    queue = await world.queue(staff)
    wish_id = next(found for found, item in queue.items() if item["title"] == "孩子想要一张书桌")
    wish = (await staff.get(f"/api/wishes/{wish_id}")).json()
    assert (wish["estimated_value_fen"], wish["relation"], wish["under_14"]) == (30_000, "child", True)
    assert wish["consents"]["basis"] == "guardian"


async def test_without_a_script_similar_wishes_are_shown_before_sending(world: Any) -> None:
    resident = await world.person()
    await world.submitted(resident, title="想要一副折叠凳", detail="", community="310117005001")
    browser = world.client(Accept="text/html")
    browser.cookies.set("microwish_session", resident.token)
    first = await browser.get("/post")
    assert "similar.js" in first.text
    assert 'data-community="310117005001"' in first.text
    form = {"csrf": browser.cookies["microwish_csrf"], "title": "希望有副折叠凳", "category": "goods", "step": "2"}
    form |= {"name": "王", "phone": "13912345678", "community": "310117005001", "address": "三弄"}
    third = await browser.post("/post", data=form)
    assert "附近已有相似的心愿" in third.text
    assert "您提过的" in third.text
    form["community"] = "310117001001"
    assert "附近已有相似的心愿" not in (await browser.post("/post", data=form)).text
