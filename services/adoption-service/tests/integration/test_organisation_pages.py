"""The organisation's pages as a browser without JavaScript uses them, and staff's."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from microwish.events.contact import ContactKind
from microwish.testing import eventually
from microwish.when import system_clock

pytestmark = pytest.mark.integration


def browser(world: Any, client: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=world.service.app),
        base_url="http://adoption",
        cookies={"microwish_session": client.token},
        headers={"Accept": "text/html"},
        follow_redirects=True,
    )


async def sent(page: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    """A form of the site, with what the reader filled in."""
    return await page.post(path, data={"csrf": page.cookies["microwish_csrf"], **fields})


async def test_a_manager_looks_after_the_organisation(world) -> None:
    manager, organisation_id = await world.organisation("银杏里社区服务社")
    colleague = world.person()
    await world.contact(colleague.person_id, ContactKind.PERSON, name="陈洁", phone="13700000301")
    own = f"/adopt/organisation/{organisation_id}"
    async with browser(world, manager) as page:
        await page.get("/adopt/organisation")
        added = await sent(page, f"{own}/members", phone="13700000301", role="handler", member_name="陈小洁")
        assert "陈小洁" in added.text
        invited = await sent(page, f"{own}/members", phone="13700000302", role="handler", member_name="周宁")
        assert "已邀请，等对方登录" in invited.text
        assert "137****0302" in invited.text
        [end] = re.findall(rf"{own}/invitations/[0-9a-f-]+/end", invited.text)
        assert "已邀请" not in (await sent(page, end)).text.split("办理记录")[0].replace("已邀请，等对方登录。", "")
        changed = await sent(page, f"{own}/facts", **{"contact.name": "周宁", "contact.phone": "021-55550177"})
        assert "*********77" in changed.text
        wrong = await sent(page, f"{own}/facts", **{"contact.name": "周宁"})
        assert "单位电话：请填写这一项" in wrong.text
        asked = await sent(page, f"{own}/facts", name="银杏里服务社")
        assert "等社区核对" in asked.text
        handed = await sent(page, f"{own}/manager", person_id=colleague.person_id)
        assert "您现在是经办人" in handed.text
        assert "交接负责人：陈小洁" in handed.text
        gone = await sent(page, f"{own}/members/{manager.person_id}/end")
        assert "您已离开这家单位" in gone.text
    assert (await colleague.get(f"/api/organisations/{organisation_id}")).json()["role"] == "manager"


async def test_who_acts_for_several_chooses_once(world) -> None:
    member, first = await world.organisation("第一志愿队")
    _, second = await world.organisation("第二志愿队", manager=member)
    async with browser(world, member) as page:
        assert "代表单位：第一志愿队" in (await page.get("/adopt")).text
        await page.get(f"/adopt/organisation?as={second}")
        for path in ("/adopt", "/adopt/ours", "/adopt/organisation", "/adopt/register"):
            shown = (await page.get(path)).text
            assert "代表单位：第二志愿队" in shown, path
            assert f"as={first}" in shown, path
        await page.get("/adopt?as=somebody-else's")
        page.cookies.set("microwish_acting", world.person().person_id, path="/adopt")
        assert (await page.get("/adopt/organisation")).status_code == 200


async def test_staff_see_to_the_organisations_of_their_place(world) -> None:
    manager, organisation_id = await world.organisation("榆树里便民服务部")
    await manager("PATCH", f"/api/organisations/{organisation_id}", {"name": "榆树里服务部"})
    async with browser(world, world.staff("310117")) as page:
        waiting = await page.get("/adopt/verify")
        card = waiting.text.split(f'id="o-{organisation_id}"')[1].split("</section>")[0]
        for part in ("榆树里服务部", "信用代码校验位正确", "310117", "021"):
            assert part in card
        [change_id] = set(re.findall(r'name="change_id" value="([^"]+)"', card))
        agreed = await sent(page, f"/adopt/verify/{organisation_id}", decision="approve", change_id=change_id)
        assert "名称和区划已更新" in agreed.text
        assert "榆树里服务部" in (await page.get("/adopt/organisations?q=榆树里")).text
        until = (system_clock() + timedelta(days=20)).date().isoformat()
        limit = {"allowed": "9", "until": until, "reason": "节前任务多"}
        lifted = await sent(page, f"/adopt/organisations/{organisation_id}/limit", **limit)
        assert "已放宽" in lifted.text
        missing = await sent(page, f"/adopt/organisations/{organisation_id}/limit", **{**limit, "until": "soon"})
        assert "已放宽" not in missing.text
        back = {"back": "list", "decision": "suspend"}
        untold = await sent(page, f"/adopt/verify/{organisation_id}", **back)
        assert "请写一两句" in untold.text
        await sent(page, f"/adopt/verify/{organisation_id}", **back, reason="投诉未处理")
        assert "投诉未处理" in (await page.get("/adopt/organisations?q=榆树里")).text
        restored = await sent(page, f"/adopt/verify/{organisation_id}", back="list", decision="approve")
        assert "已通过" in restored.text
        named = {"phone": "13700000311", "name": "周宁", "reason": "原负责人联系不上"}
        assert "已指定" in (await sent(page, f"/adopt/organisations/{organisation_id}/manager", **named)).text
        assert (await page.get("/adopt/organisations?without_manager=true")).status_code == 200
    async with browser(world, manager) as page:
        assert (await page.get("/adopt/organisations")).status_code == 403
        own = await eventually(lambda: page.get(f"/adopt/organisation?as={organisation_id}"))
        assert "原负责人联系不上" in own.text
