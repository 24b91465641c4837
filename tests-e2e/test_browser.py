"""The story in a real browser: a resident and a manager on their phones, staff at a desk; every page is looked over.

Forms are found by where they lead and fields by their names, so that wording may change freely.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import SystemRandom
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Response, async_playwright

from microwish.testing import eventually
from microwish_local.environment import ADMIN_PHONE
from microwish_local.story.cast import Cast
from microwish_local.testing_stack import RunningStack

pytestmark = pytest.mark.e2e

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TITLE = "客厅的灯不亮了，想请人来看看"

FAULTS = (Path(__file__).parent / "look_over.js").read_text(encoding="utf-8")


class Visitor:
    """Somebody at a browser of their own. What goes wrong on a page is kept in `faults`, to be looked at in the end."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.faults: list[str] = []
        self.visited: list[str] = []
        self.base_url = base_url
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("response", self._see)

    async def open(self, path: str) -> None:
        """Go to a page and look it over."""
        await self.page.goto(self.base_url + path)
        await self.look_over()

    async def look_over(self) -> None:
        """The page as it is now, at the width of this visitor."""
        path = self.page.url.removeprefix(self.base_url)
        self.visited.append(path.split("?")[0])
        self.faults += [f"{path}: {fault}" for fault in await self.page.evaluate(FAULTS)]

    async def send(self, action: str, **values: str) -> None:
        """Fill the form that leads to `action` and send it by its button; then look the next page over."""
        form = self.page.locator(f'form[action="{action}"]').first
        await _unfold(form)
        for name, value in values.items():
            await form.locator(f'[name="{name.replace("__", ".")}"]').fill(value)
        await form.locator("button.btn[type=submit]").first.click()
        await self.page.wait_for_load_state()
        await self.look_over()

    async def sees(self, selector: str, path: str) -> None:
        """Open the page again and again until it shows this: views are late by design."""

        async def shown() -> bool:
            await self.page.goto(self.base_url + path)
            return await self.page.locator(selector).count() > 0

        await eventually(shown, seconds=60)
        await self.look_over()

    async def text(self) -> str:
        """What the page says."""
        return await self.page.locator("main").inner_text()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"{self.page.url}: console: {message.text}")

    def _see(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.request.method} {response.url}: {response.status}")


async def _unfold(form: Any) -> None:
    """Open the folded part that a form lies in, as a reader would."""
    fold = form.locator("xpath=ancestor::details[not(@open)]")
    if await fold.count():
        await fold.first.locator("summary").first.click()


NewVisitor = Callable[[dict[str, int]], Awaitable[Visitor]]


@pytest_asyncio.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    chromium = os.environ.get("MICROWISH_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine: run scripts/system.sh browser")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        await opened.close()


@pytest_asyncio.fixture
async def visitor(browser: Browser, stack: RunningStack) -> AsyncIterator[NewVisitor]:
    """Make visitors, each with cookies and a screen of their own."""
    contexts: list[BrowserContext] = []

    async def come(screen: dict[str, int]) -> Visitor:
        context = await browser.new_context(viewport=screen, locale="zh-CN")  # type: ignore[arg-type]
        context.set_default_timeout(60_000)
        contexts.append(context)
        return Visitor(await context.new_page(), stack.base_url)

    yield come
    for context in contexts:
        await context.close()


async def test_one_wish_from_sign_in_to_thanks(visitor: NewVisitor) -> None:
    cast = Cast.invented(SystemRandom())
    resident, staff, manager, phone = [await visitor(screen) for screen in (PHONE, DESK, PHONE, PHONE)]

    await resident.open("/")
    await _sign_in(resident, phone, cast.resident_phone, "/post")
    wish_id = await _post(resident, cast)
    await _sign_in(staff, phone, ADMIN_PHONE, "/desk")
    await _approve(staff, wish_id)
    await _sign_in(manager, phone, cast.manager_phone, "/adopt/register")
    await _join(manager, staff, cast)
    await _claim_and_deliver(manager, wish_id, cast)
    await _confirm(resident, wish_id, cast)

    await resident.sees(".tag.fulfilled", f"/wishes/{wish_id}")
    assert cast.organisation_name in await resident.text()
    await _everybody_was_told(phone, cast)
    for page in ("/", "/stats", "/mine", f"/wishes/{wish_id}"):
        await resident.open(page)
    await staff.open("/notify/ops")
    for visited in (resident, staff, manager, phone):
        assert not visited.faults, "\n".join(dict.fromkeys(visited.faults))


async def test_pages_for_a_desk_also_fit_a_phone(visitor: NewVisitor) -> None:
    staff, phone = await visitor(PHONE), await visitor(DESK)
    await _sign_in(staff, phone, ADMIN_PHONE, "/desk")
    for page in ("/desk", "/post?on_behalf=yes", "/adopt/verify", "/notify/ops", "/stats", "/adopt", "/notify"):
        await staff.open(page)
        await phone.open(page if page in {"/stats", "/notify"} else "/")
    assert not staff.faults + phone.faults, "\n".join(dict.fromkeys(staff.faults + phone.faults))


async def test_a_page_that_does_not_exist_says_so_to_people(visitor: NewVisitor) -> None:
    reader = await visitor(PHONE)
    for path in ("/wishes/nothing-of-ours", "/wishes/%E5%BF%83"):
        answer = await reader.page.goto(reader.base_url + path)
        assert answer is not None
        assert answer.status == 404
        await reader.look_over()
    assert [fault for fault in reader.faults if ": 404" not in fault and "404 (Not Found)" not in fault] == []


async def test_the_look_over_finds_what_is_wrong(visitor: NewVisitor) -> None:
    """Negative control: a page with one fault of each kind."""
    reader = await visitor(PHONE)
    await reader.page.set_content(
        "<html><body style='margin:0'><p style='font-size:17px'>small</p><input name='bare'>"
        "<button class='btn'>b</button><img src='data:,'>"
        "<div style='width:500px;height:5px'></div><p hidden>hidden</p></body></html>"
    )
    await reader.look_over()
    for kind in ("text of 17 px", "no label", "button of", "no alt", "scrolls sideways", "no title or language"):
        assert len([fault for fault in reader.faults if kind in fault]) == 1, kind


async def _sign_in(who: Visitor, phone: Visitor, number: str, towards: str) -> None:
    """Wherever a signed-out person wants to go, they sign in first; the code is read on the sandbox phone."""
    await phone.open("/notify")
    await phone.send("/notify", phone=number)
    before = len(await _codes(phone))
    await who.open(towards)
    await who.send("/signin", phone=number)

    async def newest() -> str | None:
        await phone.page.reload()
        codes = await _codes(phone)
        return codes[-1] if len(codes) > before else None

    code = await eventually(newest, seconds=60)
    await phone.look_over()
    await who.send("/signin/code", code=code)
    assert towards.split("?")[0] in who.page.url


async def _codes(phone: Visitor) -> list[str]:
    """The sign-in codes on the phone, the oldest first."""
    said: list[str] = await phone.page.evaluate(
        "() => [...document.querySelector('main').innerText.matchAll(/验证码是\\s*(\\d{6})/g)].map(found => found[1])"
    )
    return said


async def _post(resident: Visitor, cast: Cast) -> str:
    """The three steps of a new wish; its id."""
    page = resident.page
    await page.locator('label:has(input[name="category"][value="repair"])').click()
    await resident.send("/post", title=TITLE, detail="够不着，想请师傅来看看是灯还是线路。")
    await page.locator('select[name="community"]').select_option("310117001001")
    await resident.send("/post", name=cast.resident_name, phone=cast.resident_phone, address=cast.address)
    assert cast.address in await resident.text()
    for consent in ("agree_publishing", "agree_sensitive"):
        await page.locator(f'input[name="{consent}"]').check()
    await resident.send("/post")
    assert "/mine" in page.url
    card = page.locator('[id^="wish-"]').first
    assert TITLE in await card.inner_text()
    return (await card.get_attribute("id") or "").removeprefix("wish-")


async def _approve(staff: Visitor, wish_id: str) -> None:
    await staff.open(f"/desk?wish={wish_id}")
    approve = f'form[action="/desk/{wish_id}/review"]:has(input[value="approve"])'
    await staff.page.locator(f"{approve} [name=public_detail]").fill("够不着，想请师傅来看看。")
    form_id = await staff.page.locator(approve).get_attribute("id")
    await staff.page.locator(f'{approve} button[type=submit], button[form="{form_id}"]').first.click()
    await staff.page.wait_for_load_state()
    await staff.look_over()
    assert await staff.page.locator(f'a[href="/desk?wish={wish_id}"]').count() == 0


async def _join(manager: Visitor, staff: Visitor, cast: Cast) -> None:
    """The manager registers the organisation, staff verify it."""
    await manager.page.locator('select[name="kind"]').select_option("resident_unit")
    contact = {"contact__name": cast.manager_name, "contact__phone": "021-57720000"}
    await manager.send("/adopt/register", name=cast.organisation_name, uscc=cast.uscc, **contact)
    await staff.open("/adopt/verify")
    card = staff.page.locator(".card", has_text=cast.organisation_name)
    await card.locator('form:has(input[value="approve"]) button').click()
    await staff.page.wait_for_load_state()
    await staff.look_over()
    assert await staff.page.locator(".card", has_text=cast.organisation_name).count() == 0


async def _claim_and_deliver(manager: Visitor, wish_id: str, cast: Cast) -> None:
    claim = f'form[action="/adopt/claim"]:has(input[name=wish_id][value="{wish_id}"])'
    await manager.sees(claim, f"/adopt?wish={wish_id}")
    await manager.page.locator(f"{claim} button").first.click()
    await manager.page.wait_for_load_state()
    await manager.sees('form[action$="/contact"]', "/adopt/ours")
    contact = await manager.page.locator('form[action$="/contact"]').first.get_attribute("action")
    await manager.send(contact or "")
    shown = await manager.text()
    assert cast.address in shown
    assert cast.resident_phone in shown.replace(" ", "")
    await manager.open("/adopt/ours")
    await manager.send((contact or "").replace("/contact", "/delivery"), note="换了一只新的灯，试过开关。")


async def _confirm(resident: Visitor, wish_id: str, cast: Cast) -> None:
    await resident.sees(f'form[action="/mine/{wish_id}/confirm"]', "/mine")
    assert cast.organisation_name in await resident.text()
    await resident.send(f"/mine/{wish_id}/confirm", thanks="灯亮堂堂的，谢谢。")
    assert await resident.page.locator(f"#wish-{wish_id} .tag.fulfilled").count() == 1


async def _everybody_was_told(phone: Visitor, cast: Cast) -> None:
    """The sandbox phone shows the whole story as messages."""

    async def all_there() -> bool:
        await phone.open(f"/notify?phone={cast.resident_phone}")
        said = await phone.text()
        return said.count(TITLE) >= 4 and "圆梦" in said

    await eventually(all_there, seconds=60)
    await phone.open(f"/notify?phone={cast.manager_phone}")
    assert "认领" in await phone.text()
