"""People at a browser: what they do on a page, and everything that a page does wrong before their eyes.

Forms are found by where they lead and fields by their names, so that wording may change freely.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import ConsoleMessage, Locator, Page, Response

from microwish.testing import eventually

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}

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
        await self.press(form.locator("button.btn[type=submit]").first)

    async def press(self, button: Locator) -> None:
        """Press a button that leads to another page, and look that page over when all of it is there."""
        async with self.page.expect_event("load"):
            await button.click()
        await self.look_over()

    async def sees(self, selector: str, path: str) -> None:
        """Open the page again and again until it shows this: views are late by design."""

        async def shown() -> bool:
            await self.page.goto(self.base_url + path)
            return await self.page.locator(selector).count() > 0

        await eventually(shown, seconds=60)
        await self.look_over()

    @asynccontextmanager
    async def refused(self, status: int) -> AsyncIterator[None]:
        """What is done here is answered with this status, and that is right."""
        before = len(self.faults)
        yield
        answers = [fault for fault in self.faults[before:] if str(status) in fault]
        assert answers, f"nothing was answered with {status}"
        self.faults = [fault for fault in self.faults if fault not in answers]

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


async def sign_in(who: Visitor, phone: Visitor, number: str, towards: str) -> None:
    """Wherever a signed-out person wants to go, they sign in first; the code is read on the sandbox phone."""
    await phone.open("/notify")
    await phone.send("/notify", phone=number)
    before = len(await codes_on(phone))
    await who.open(towards)
    await who.send("/signin", phone=number)

    async def newest() -> str | None:
        await phone.page.reload()
        codes = await codes_on(phone)
        return codes[-1] if len(codes) > before else None

    code = await eventually(newest, seconds=60)
    await phone.look_over()
    await who.send("/signin/code", code=code)
    assert towards.split("?")[0] in who.page.url


async def codes_on(phone: Visitor) -> list[str]:
    """The sign-in codes on the phone, the oldest first."""
    said: list[str] = await phone.page.evaluate(
        "() => [...document.querySelector('main').innerText.matchAll(/验证码是\\s*(\\d{6})/g)].map(found => found[1])"
    )
    return said
