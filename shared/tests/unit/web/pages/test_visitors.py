"""The bar is the same for the same person on every page, error pages included."""

import re
from typing import Any

import httpx
import pytest

from microwish.identity.people import Role

EVERYBODY = ["/", "/adopt", "/mine"]


def bar(text: str) -> list[str]:
    """The addresses in the bar, in their order."""
    nav = re.search(r'<nav aria-label="主要栏目">(.*?)</nav>', text, re.S)
    assert nav, text
    return re.findall(r'(?:href|action)="(/[^"?]*)', nav.group(1))


@pytest.mark.parametrize(
    ("roles", "sections"),
    [
        ((), [*EVERYBODY, "/signin"]),
        ((Role.RESIDENT,), [*EVERYBODY, "/signin/out"]),
        ((Role.STAFF,), [*EVERYBODY, "/desk", "/signin/out"]),
        ((Role.ADMIN,), [*EVERYBODY, "/desk", "/signin/out"]),
        ((Role.OPS,), [*EVERYBODY, "/notify/ops", "/signin/out"]),
    ],
)
@pytest.mark.parametrize("path", ["/page", "/nowhere"])
async def test_who_sees_what(
    client: httpx.AsyncClient, world: Any, roles: tuple[Role, ...], sections: list[str], path: str
) -> None:
    if roles:
        client.cookies.set("microwish_session", world.token(*roles))
    text = (await client.get(path, headers={"Accept": "text/html"})).text
    assert bar(text) == [*sections, path]


async def test_a_forged_cookie_is_nobody(client: httpx.AsyncClient) -> None:
    client.cookies.set("microwish_session", "e30.e30.x")
    assert "/signin" in bar((await client.get("/page")).text)


async def test_an_error_page_leads_back_to_the_page_before(client: httpx.AsyncClient) -> None:
    html = {"Accept": "text/html"}
    text = (await client.get("/nowhere", headers={**html, "Referer": "https://t/page?who=x"})).text
    assert 'href="/page?who=x"' in text
    for referer in ("https://t/nowhere", "https://t/", "https://evil.example//evil.example", "javascript:alert(1)"):
        text = (await client.get("/nowhere", headers={**html, "Referer": referer})).text
        assert "回到刚才的页面" not in text, referer


async def test_the_trial_phone_is_offered_only_in_the_sandbox(client: httpx.AsyncClient, app: Any) -> None:
    assert "体验手机" not in (await client.get("/page")).text
    app.state.settings = app.state.settings.model_copy(update={"sandbox": True})
    assert "体验手机" in (await client.get("/page")).text
