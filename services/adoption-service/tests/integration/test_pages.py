"""The pages as a browser without JavaScript uses them: cookie, CSRF, forms, 303."""

import re

import httpx
import pytest

from microwish.events.contact import ContactKind
from microwish.events.wish import DeliveryConfirmed, DeliveryDisputed

pytestmark = pytest.mark.integration


async def browser(world, client) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=world.service.app)
    return httpx.AsyncClient(
        transport=transport,
        base_url="http://adoption",
        cookies={"microwish_session": client.token},
        headers={"Accept": "text/html"},
    )


def csrf_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text
    return found.group(1)


async def test_a_wish_is_claimed_and_delivered_on_the_pages(world) -> None:
    wish_id = await world.wish(title="想学用手机视频")
    await world.contact(wish_id, ContactKind.WISH, name="王秀英", phone="13912345670", address="三弄 5 号")
    member, organisation_id = await world.organisation()
    async with await browser(world, member) as page:
        board = await page.get(f"/adopt?wish={wish_id}")
        assert board.status_code == 200
        assert "想学用手机视频" in board.text
        assert "在你们关注的龙潭社区" in board.text
        form = {"csrf": csrf_of(board), "wish_id": wish_id, "organisation_id": organisation_id, "key": "k-1"}
        for _ in range(2):  # a double click is one claim
            claimed = await page.post("/adopt/claim", data=form)
            assert (claimed.status_code, claimed.headers["location"]) == (303, f"/adopt/ours?as={organisation_id}")
        ours = await page.get("/adopt/ours")
        assert ours.text.count("想学用手机视频") == 1
        assert "13912345670" not in ours.text
        assert "查看会留下记录" in ours.text
        adoption_id = (await member.get("/api/adoptions")).json()["items"][0]["id"]
        shown = await page.post(f"/adopt/adoptions/{adoption_id}/contact", data={"csrf": csrf_of(ours)})
        assert shown.headers["cache-control"] == "private, no-store"
        assert "13912345670" in shown.text
        assert "4827" in shown.text
        delivered = await page.post(
            f"/adopt/adoptions/{adoption_id}/delivery", data={"csrf": csrf_of(ours), "note": "送到了"}
        )
        assert delivered.status_code == 303
        assert "等居民说一声" in (await page.get("/adopt/ours")).text


async def test_a_form_of_another_site_is_refused(world) -> None:
    member, organisation_id = await world.organisation()
    async with await browser(world, member) as page:
        answer = await page.post("/adopt/claim", data={"wish_id": "x", "organisation_id": organisation_id})
        assert answer.status_code == 403
        broken = await page.post("/adopt/claim", data={"csrf": csrf_of(await page.get("/adopt/register"))})
        assert broken.status_code in {303, 422}


async def test_signed_out_visitors_are_led_to_sign_in(world) -> None:
    answer = await world.http.get("/adopt?wish=x", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=%2Fadopt%3Fwish%3Dx")


async def test_an_organisation_is_registered_and_verified_on_the_pages(world) -> None:
    person, staff = world.person(), world.staff("310117001")
    async with await browser(world, person) as page:
        form = await page.get("/adopt/register")
        fields = {"csrf": csrf_of(form), "name": "清河志愿队", "kind": "volunteer_team", "branch_id": "ZY-2026-7"}
        wrong = await page.post("/adopt/register", data=fields)
        assert wrong.status_code == 422
        assert "联系人姓名：请填写这一项" in wrong.text
        contact = {"contact.name": "周宁", "contact.phone": "13900001111", "scope": "310117001"}
        made = await page.post("/adopt/register", data={**fields, **contact, "key": "k"})
        assert made.status_code == 303, made.text
        assert "待核验" in (await page.get(made.headers["location"])).text
        assert "单位正在核验" in (await page.get("/adopt")).text
        organisation_id = made.headers["location"].split("as=")[1]
        saved = await page.post(
            f"/adopt/organisation/{organisation_id}/following",
            data={
                "csrf": csrf_of(form),
                "communities": "310117001 310117005",
                "categories": ["repair"],
                "notify": "none",
            },
        )
        assert saved.status_code == 303
        assert "310117001 310117005" in (await page.get("/adopt/organisation")).text
        assert (await page.get("/adopt/verify")).status_code == 403
    async with await browser(world, staff) as page:
        waiting = await page.get("/adopt/verify")
        assert "清河志愿队" in waiting.text
        assert "13900001111" not in waiting.text
        data = {"csrf": csrf_of(waiting), "decision": "approve"}
        assert (await page.post(f"/adopt/verify/{organisation_id}", data=data)).status_code == 303
    assert (await person.get(f"/api/organisations/{organisation_id}")).json()["state"] == "verified"


async def test_what_messages_say_is_on_the_page_is_there(world) -> None:
    """Messages name no reason: they lead to the page, which must say why, and what the resident said."""
    member, organisation_id = await world.organisation()

    async def shown(path: str) -> str:
        async with await browser(world, member) as page:
            return (await page.get(path)).text

    def sealed(wish_id: str, text: str) -> str:
        return world.settings.sealer().seal(text, about=f"wish:{wish_id}")

    answered, taken_back = await world.wish(title="收音机"), await world.wish(title="台灯")
    one, two = [await world.adoption(member, wish, organisation_id) for wish in (answered, taken_back)]
    answer = {"adoption_id": one, "organisation_id": organisation_id}
    await member.post(f"/api/adoptions/{one}/delivery", {})
    await world.act(DeliveryDisputed, answered, reason=sealed(answered, "门口没看到"), **answer)
    assert "居民说还没收到：“门口没看到”" in await shown("/adopt/ours")
    await member.post(f"/api/adoptions/{one}/delivery", {})
    await world.act(DeliveryConfirmed, answered, thanks=sealed(answered, "谢谢小李"), **answer)
    await world.admin.post(f"/api/adoptions/{two}/revocation", {"reason": "这户已经搬走"})
    past = await shown("/adopt/ours?past=true")
    assert "“谢谢小李”" in past
    assert "社区工作人员收回了这个认领。" in past
    assert "原因：“这户已经搬走”" in past


async def test_an_organisation_reads_why_it_was_refused(world) -> None:
    member, organisation_id = await world.organisation("清河物业", verified=False)
    verdict = {"decision": "refuse", "reason": "代码和名称对不上"}
    await world.admin.post(f"/api/organisations/{organisation_id}/verification", verdict)
    async with await browser(world, member) as page:
        assert "原因：“代码和名称对不上”" in (await page.get(f"/adopt/organisation?as={organisation_id}")).text
    assert "reason" not in (await world.http.get(f"/api/organisations/{organisation_id}")).json()
