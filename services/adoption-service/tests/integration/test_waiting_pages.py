"""The waiting list and recommendations on the pages, as a browser without JavaScript uses them."""

import re

import httpx
import pytest

from microwish.events.wish import WishRecommended
from microwish.testing import eventually

pytestmark = pytest.mark.integration


def browser(world, client) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=world.service.app),
        base_url="http://adoption",
        cookies={"microwish_session": client.token},
        headers={"Accept": "text/html"},
    )


def card_of(page: httpx.Response, wish_id: str) -> str:
    """What the page says of one wish."""
    found = re.search(rf'<article[^>]*id="w-{wish_id}".*?</article>', page.text, re.DOTALL)
    return found.group(0) if found else ""


async def shown(page: httpx.AsyncClient, path: str, wish_id: str, words: str) -> str:
    """Wait until the card of the wish says these words; the card."""

    async def card() -> str | None:
        found = card_of(await page.get(path), wish_id)
        return found if words in found else None

    return await eventually(card, seconds=60)


async def send(page: httpx.AsyncClient, path: str, **fields: str) -> str:
    """Post a form of the board; what the next page says that was done."""
    csrf = re.search(r'name="csrf" value="([^"]+)"', (await page.get("/adopt")).text)
    assert csrf
    answer = await page.post(path, data={"csrf": csrf.group(1), **fields})
    assert answer.status_code == 303, answer.text
    return (await page.get(answer.headers["location"])).text


async def test_waiting_an_offer_and_its_claim_on_the_pages(world) -> None:
    wish_id = await world.wish(title="想修一修收音机")
    holder, x = await world.organisation("清河物业")
    member, a = await world.organisation()
    adoption_id = await world.adoption(holder, wish_id, x)
    async with browser(world, member) as page:
        full = await shown(page, "/adopt?full=true", wish_id, "排队候补")
        assert "还没有单位候补" in full
        assert "清河物业 已认领，办到" in full
        assert not card_of(await page.get("/adopt"), wish_id)
        assert "已排上候补" in await send(page, f"/adopt/wishes/{wish_id}/queue", organisation_id=a)
        assert "候补第 1 位" in card_of(await page.get("/adopt/ours"), wish_id)
        assert "已让给下一家" in await send(page, f"/adopt/wishes/{wish_id}/leave", organisation_id=a)
        await send(page, f"/adopt/wishes/{wish_id}/queue", organisation_id=a)
        await holder.post(f"/api/adoptions/{adoption_id}/release", {"reason": "人手不够"})
        offered = await shown(page, "/adopt", wish_id, "名额为你们留到")
        assert "我们来认领" in offered
        assert "让给下一家" in offered
        claimed = await send(page, "/adopt/claim", wish_id=wish_id, organisation_id=a, key="k")
        assert "认领成功" in claimed


async def test_a_recommended_wish_stands_on_top_and_can_be_declined_on_the_page(world) -> None:
    wish_id, other = await world.wish(title="想有人陪着下棋"), await world.wish(title="想要一把伞")
    member, a = await world.organisation()
    await world.act(WishRecommended, wish_id, organisation_id=a)
    async with browser(world, member) as page:
        board = await page.get("/adopt")
        assert "等你们答复" in board.text
        assert board.text.index(f"w-{wish_id}") < board.text.index(f"w-{other}")
        assert board.text.count(f'id="w-{wish_id}"') == 1
        card = card_of(board, wish_id)
        assert "推荐给你们" in card
        assert "我们来认领" in card
        too_long = await send(page, f"/adopt/wishes/{wish_id}/decline", organisation_id=a, reason="长" * 501)
        assert "最多 500 字" in too_long
        assert "已婉拒" in await send(page, f"/adopt/wishes/{wish_id}/decline", organisation_id=a, reason="没有人会下")
        assert "推荐给你们" not in (await page.get("/adopt")).text


async def test_only_what_fits_us(world) -> None:
    member, _ = await world.organisation()
    near, far = await world.wish(title="本区的心愿"), await world.wish(title="远处的心愿", community="310112005001")
    async with browser(world, member) as page:
        everything, fitting = await page.get("/adopt"), await page.get("/adopt?fit=true")
        assert "在你们关注的龙潭社区" in card_of(fitting, near)
        assert card_of(everything, far)
        assert not card_of(fitting, far)
