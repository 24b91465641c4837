"""The pages without JavaScript: forms, their errors, and what each visitor finds."""

import re
from html import unescape
from typing import Any

import pytest

pytestmark = pytest.mark.integration

HTML = {"Accept": "text/html"}


def fields(html: str) -> dict[str, str]:
    """The hidden fields of the form with the most of them."""
    forms = re.findall(r"<form.*?</form>", html, re.S)
    hidden = [dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)) for form in forms]
    return {name: unescape(value) for name, value in max(hidden, key=len).items()}


async def browser(world: Any, someone: Any = None) -> Any:
    client = world.client(**HTML)
    if someone is not None:
        client.cookies.set("microwish_session", someone.token)
    return client


async def test_signing_in_by_form(world: Any) -> None:
    client = await browser(world)
    turned_away = await client.get("/mine")
    assert (turned_away.status_code, turned_away.headers["location"]) == (303, "/signin?next=%2Fmine")
    form = fields((await client.get("/signin?next=/post")).text)
    wrong = await client.post("/signin", data={**form, "phone": "1"})
    assert wrong.status_code == 422
    assert "请填 11 位手机号" in wrong.text
    sent = await client.post("/signin", data={**form, "phone": world.phone()})
    assert sent.status_code == 200
    form = fields(sent.text)
    mistyped = await client.post("/signin/code", data={**form, "code": "12"})
    assert mistyped.status_code == 422
    code = await world.code(form["challenge_id"])
    done = await client.post("/signin/code", data={**form, "code": code})
    assert (done.status_code, done.headers["location"]) == (303, "/post")
    assert (await client.get("/post")).status_code == 200
    away = await client.post("/signin/out", data={"csrf": form["csrf"]})
    assert away.headers["location"] == "/"
    assert (await client.get("/mine")).status_code == 303


async def test_a_form_without_its_token_is_refused(world: Any) -> None:
    client = await browser(world, await world.person())
    await client.get("/post")
    assert (await client.post("/post", data={"step": "1"})).status_code == 403
    assert (await (await browser(world)).post("/signin", data={"phone": "13912345678"})).status_code == 403


async def test_posting_in_three_steps_keeps_what_was_written(world: Any) -> None:
    someone = await world.person()
    client = await browser(world, someone)
    form = fields((await client.get("/post")).text)
    money = await client.post("/post", data={**form, "title": "想借我点钱", "category": "goods"})
    assert money.status_code == 422
    assert "社会救助" in money.text
    what = {"title": "想要一副<象棋>", "category": "goods", "detail": ""}
    second = await client.post("/post", data={**form, **what})
    assert second.status_code == 200
    form = fields(second.text)
    how = {"name": "王秀英", "phone": "139", "community": "310117001001", "address": "三弄 5 号"}
    assert "请填 11 位手机号" in (await client.post("/post", data={**form, **how})).text
    third = await client.post("/post", data={**form, **how, "phone": "13912345678"})
    assert "想要一副&lt;象棋&gt;" in third.text
    form = fields(third.text)
    refused = await client.post("/post", data=form)
    assert refused.status_code == 422
    assert "需要您同意" in refused.text
    backwards = await client.post(
        "/post", data={**form, "agree_publishing": "yes", "agree_sensitive": "yes", "phone": "1"}
    )
    assert "怎样联系您？" in backwards.text
    agreed = {**form, "agree_publishing": "yes", "agree_sensitive": "yes"}
    for _ in range(2):
        kept = await client.post("/post", data=agreed)
        assert (kept.status_code, kept.headers["location"]) == (303, "/mine")
    mine = await client.get("/mine")
    assert mine.text.count("想要一副&lt;象棋&gt;") == 1
    assert "no-store" in mine.headers["cache-control"]


async def test_the_desk_reviews_shows_contacts_on_demand_and_confirms_for_others(world: Any) -> None:
    resident, staff = await world.person(), await world.staff("310117005")
    wish_id = await world.submitted(resident, community="310117005001", detail="独居，想听听越剧")
    client = await browser(world, staff)
    desk = await client.get(f"/desk?wish={wish_id}")
    assert desk.status_code == 200
    assert "13912345678" not in desk.text
    csrf = {"csrf": fields(desk.text)["csrf"]}
    shown = await client.post(f"/desk/{wish_id}/contact", data=csrf)
    assert "13912345678" in shown.text
    emptied = {**csrf, "decision": "approve", "public_title": " ", "public_detail": ""}
    for unfinished, field in ((emptied, "public_title"), ({**csrf, "decision": "reject"}, "reason")):
        again = await client.post(f"/desk/{wish_id}/review", data=unfinished)
        assert again.status_code == 422
        assert f'id="{field}-error"' in again.text
        assert f'href="#{field}"' in again.text
    review = {**csrf, "decision": "approve", "public_title": "想要收音机", "public_detail": "想听听越剧"}
    done = await client.post(f"/desk/{wish_id}/review", data=review)
    assert (done.status_code, done.headers["location"]) == (303, "/desk")
    public = await world.on_wall(wish_id, "posted")
    assert public["detail"] == "想听听越剧"
    adopted = world.adopted(wish_id)
    await world.tell(adopted)
    await world.tell(world.reported(adopted))
    await world.state(resident, wish_id, "delivered")
    note = {**csrf, "adoption_id": adopted.adoption_id, "note": "电话核实"}
    assert (await client.post(f"/desk/{wish_id}/confirm", data=note)).status_code == 303
    await world.on_wall(wish_id, "fulfilled")
    assert (await (await browser(world, resident)).get("/desk")).status_code == 403


async def test_mine_shows_who_comes_to_the_door_and_takes_the_answer(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    wish_id = await world.posted(resident, staff)
    adopted = world.adopted(wish_id)
    await world.tell(adopted)
    await world.tell(world.reported(adopted, "换台也教会了"))
    await world.state(resident, wish_id, "delivered")
    client = await browser(world, resident)
    mine = (await client.get("/mine")).text
    for text in ("李明", "02155550100", "4827", "换台也教会了", "收到了，谢谢", "还没收到"):
        assert text in mine
    body = {"csrf": fields(mine)["csrf"], "adoption_id": adopted.adoption_id, "thanks": "谢谢"}
    answer = await client.post(f"/mine/{wish_id}/confirm", data=body)
    assert answer.status_code == 303
    assert "谢谢您的确认" in (await client.get("/mine")).text
    await world.on_wall(wish_id, "fulfilled")
    anyone = await browser(world)
    public = (await anyone.get(f"/wishes/{wish_id}")).text
    assert "晨光中学党总支" in public
    assert not any(text in public for text in ("李明", "02155550100", "4827", "王秀英", resident.id))
    for path in ("/", "/?category=goods&status=fulfilled&q=收音机&community=310117001", "/stats"):
        assert (await anyone.get(path)).status_code == 200
    missing = await anyone.get("/wishes/0197a0aa-0000-7000-8000-000000000000")
    assert missing.status_code == 404
    assert "<html" in missing.text


async def test_a_returned_wish_is_revised_by_form(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    wish_id = await world.submitted(resident)
    await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "return", "reason": "请说说尺寸"})
    client = await browser(world, resident)
    assert "请说说尺寸" in (await client.get("/mine")).text
    form = await client.get(f"/mine/{wish_id}/revise")
    csrf = fields(form.text)
    bad = await client.post(f"/mine/{wish_id}/revise", data={**csrf, "title": "借我点钱", "category": "goods"})
    assert bad.status_code == 422
    good = {**csrf, "title": "一台小收音机", "category": "goods", "detail": "巴掌大小"}
    assert (await client.post(f"/mine/{wish_id}/revise", data=good)).status_code == 303
    assert (await resident.get(f"/api/wishes/{wish_id}")).json()["status"] == "submitted"
