"""Joint claims, hand-overs, another handler and what stalls, on the pages as a browser without JavaScript uses them."""

from datetime import timedelta

import pytest

from microwish.events.contact import ContactKind
from microwish.store.mongo import Document

from .test_pages import browser, csrf_of

pytestmark = pytest.mark.integration
PLACE = "310117088001"


async def stalling(world, wish_id: str) -> None:
    """Let the wish's only adoption be past half its term."""
    (held,) = (await world.service.claims.aggregates.load(wish_id))["adoptions"]
    ago = timedelta(days=9)
    shifted: Document = {f"adoptions.0.{name}": held[name] - ago for name in ("term_from", "due_at", "half_at")}
    await world.service.claims.collection.update_one({"_id": wish_id}, {"$set": shifted})


async def test_organisations_hold_a_wish_together_on_the_pages(world) -> None:
    wish_id = await world.wish(title="想修一修厨房的灯")
    (lead, leading), (partner, joining) = [await world.organisation(name) for name in ("岳阳供电所", "清河水暖队")]
    adoption_id = await world.adoption(lead, wish_id, leading)
    here = f"/adopt/adoptions/{adoption_id}"
    async with await browser(world, lead) as page:
        ours = await page.get("/adopt/ours")
        assert '<option value="清河水暖队">' in ours.text
        form = {"csrf": csrf_of(ours), "as": leading}
        for name, told in (("没有这家单位", "没有找到这家已核验的单位"), ("清河水暖队", "已发出邀请")):
            asked = await page.post(f"{here}/partners", data={**form, "organisation": name})
            assert told in (await page.get(asked.headers["location"])).text
        assert "等对方答复" in (await page.get("/adopt/ours")).text
    async with await browser(world, partner) as page:
        question = await page.get("/adopt/ours")
        assert "邀请你们一起认领" in question.text
        data = {"csrf": csrf_of(question), "as": joining, "organisation_id": joining, "decision": "accept"}
        assert (await page.post(f"{here}/partnership", data=data)).status_code == 303
        joined = (await page.get("/adopt/ours")).text
        assert "由岳阳供电所牵头，我们一起办" in joined
        assert "记一笔进展" in joined
        assert "报告送达" not in joined, "who leads reports it"
        await page.post(f"{here}/partnership", data={**data, "decision": "decline"})
        left = (await page.get("/adopt/ours")).text
        assert "好的，已告诉牵头单位" in left
        assert "由岳阳供电所牵头" not in left


async def test_what_stalls_is_handed_over_on_the_pages(world) -> None:
    wish_id = await world.wish(community=PLACE, title="想要一根拐杖")
    (old, holding), (new, target) = [await world.organisation(name) for name in ("甲物业", "乙药房")]
    adoption_id = await world.adoption(old, wish_id, holding)
    await stalling(world, wish_id)
    async with await browser(world, old) as page:
        assert (await page.get("/adopt/stalled")).status_code == 403
    async with await browser(world, world.staff("310117088")) as page:
        stalls = await page.get("/adopt/stalled")
        assert "想要一根拐杖" in stalls.text
        assert "从没记过进展" in stalls.text
        assert 'href="tel:02155550100"' in stalls.text, "whom to call first"
        form, here = {"csrf": csrf_of(stalls)}, f"/adopt/stalled/{adoption_id}"
        await page.post(f"{here}/handover", data={**form, "organisation": "乙药房"})
        assert "请写一两句" in (await page.get("/adopt/stalled")).text
        await page.post(f"{here}/handover", data={**form, "organisation": "乙药房", "reason": "一直联系不上"})
        assert "已请乙药房接手" in (await page.get("/adopt/stalled")).text
    async with await browser(world, new) as page:
        question = await page.get("/adopt/ours")
        assert "社区请你们接手" in question.text
        assert "一直联系不上" in question.text
        data = {"csrf": csrf_of(question), "as": target, "organisation_id": target, "decision": "accept"}
        await page.post(f"/adopt/adoptions/{adoption_id}/takeover", data=data)
        taken = (await page.get("/adopt/ours")).text
        assert "社区请你们接手" not in taken
        assert "报告送达" in taken
    async with await browser(world, world.staff("310117088")) as page:
        assert "没有卡住的心愿" in (await page.get("/adopt/stalled")).text


async def test_another_handler_is_named_on_the_page(world) -> None:
    manager, organisation_id = await world.organisation()
    adoption_id = await world.adoption(manager, await world.wish(), organisation_id)
    async with await browser(world, manager) as page:
        assert "换一位经办人" not in (await page.get("/adopt/ours")).text, "nobody else is there"
        other = world.person()
        await world.contact(other.person_id, ContactKind.PERSON, name="周宁", phone="13811114444")
        await manager.post(f"/api/organisations/{organisation_id}/members", {"phone": "13811114444", "role": "handler"})
        ours = await page.get("/adopt/ours")
        assert "换一位经办人" in ours.text
        data = {"csrf": csrf_of(ours), "as": organisation_id, "person_id": other.person_id}
        named = await page.post(f"/adopt/adoptions/{adoption_id}/handler", data=data)
        shown = (await page.get(named.headers["location"])).text
        assert "已换经办人" in shown
        assert "联系方式由经办人周宁查看" in shown
