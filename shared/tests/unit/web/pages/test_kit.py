import re
from itertools import pairwise
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from jinja2 import UndefinedError

from microwish.identity.people import Role
from microwish.web.pages.kit import KIT_STATIC, kit_environment


async def test_a_page_says_what_every_page_must(client: httpx.AsyncClient) -> None:
    text = (await client.get("/page")).text
    for said in ("110/120", "12345", "不收任何费用", "大字版", 'lang="zh-CN"', 'name="viewport"'):
        assert said in text


async def test_what_people_wrote_is_escaped_everywhere(client: httpx.AsyncClient) -> None:
    text = (await client.get("/page", params={"who": "<script>\"'"})).text
    assert "<script" not in text
    assert text.count("&lt;script&gt;&#34;&#39;") >= 5


async def test_no_page_has_inline_scripts_or_styles(client: httpx.AsyncClient) -> None:
    text = (await client.get("/page?wrong=1")).text
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|javascript:", text)


async def test_dates_and_masks_are_there(client: httpx.AsyncClient) -> None:
    text = (await client.get("/page", params={"who": "王小明"})).text
    assert "139****5678 王** 6 月 12 日 今天 6 月 12 日 12:00 今天到期" in text


@pytest.mark.parametrize(
    ("state", "done", "current"),
    [
        ("submitted", 0, "提出"),
        ("posted", 1, "发布"),
        ("adopted", 2, "认领"),
        ("delivered", 4, "圆梦"),
        ("fulfilled", 5, None),
    ],
)
async def test_the_steps_show_where_a_wish_is(
    client: httpx.AsyncClient, state: str, done: int, current: str | None
) -> None:
    text = (await client.get("/page", params={"state": state})).text
    assert text.count('<li class="done"') == done
    found = re.search(r'aria-current="step">([^<]+)', text)
    assert (found.group(1) if found else None) == current


async def test_a_wish_that_left_the_road_shows_no_steps(client: httpx.AsyncClient) -> None:
    text = (await client.get("/page", params={"state": "withdrawn"})).text
    assert 'class="steps"' not in text
    assert "已撤回" in text


async def test_a_field_at_fault_is_tied_to_its_message(client: httpx.AsyncClient) -> None:
    text = (await client.get("/page?wrong=1")).text
    assert 'id="title-error"' in text
    assert 'aria-describedby="title-hint title-error" aria-invalid="true"' in text
    assert '<a href="#title">请填写这一项</a>' in text
    assert 'maxlength="40"' in text


async def test_large_print_and_english_are_kept_without_scripts(client: httpx.AsyncClient) -> None:
    text = (await client.get("/page?large=on", follow_redirects=True)).text
    assert "data-large" in text
    assert "标准字号" in text
    assert 'href="/page?large=off"' in text
    assert "Hello" in (await client.get("/page?lang=en", follow_redirects=True)).text
    assert "data-large" not in (await client.get("/page?large=off", follow_redirects=True)).text


async def test_pages_are_chinese_whatever_the_browser_was_sold_with(client: httpx.AsyncClient) -> None:
    assert "您好" in (await client.get("/page", headers={"Accept-Language": "en-US"})).text


async def test_the_switches_keep_the_rest_of_the_address(client: httpx.AsyncClient) -> None:
    text = (await client.get("/page?state=posted&who=a&who=b")).text
    assert "/page?state=posted&amp;who=a&amp;who=b&amp;large=on" in text


async def test_a_form_can_be_sent_and_its_notice_is_shown_once(client: httpx.AsyncClient, world: Any) -> None:
    token = world.token(Role.RESIDENT)
    client.cookies.set("microwish_session", token)
    csrf = re.search(r'name="csrf" value="([^"]+)"', (await client.get("/page")).text)
    assert csrf
    answer = await client.post("/page", data={"csrf": csrf.group(1), "next": "//evil.example"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "收到了 &lt;b&gt;" in (await client.get("/page")).text
    assert "收到了" not in (await client.get("/page")).text


async def test_static_files_are_kept_by_their_content(client: httpx.AsyncClient, app: FastAPI) -> None:
    text = (await client.get("/page")).text
    address = re.search(r'href="(/static/wish/kit/kit\.css\?v=\w{12})"', text)
    assert address
    answer = await client.get(address.group(1))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert (await client.get("/static/wish/app.css")).headers["Cache-Control"] == "public, max-age=300"
    for path in ("nothing.css", "kit/../../../secrets", "%2e%2e/%2e%2e/x", "kit/nothing"):
        assert (await client.get(f"/static/wish/{path}")).status_code == 404


def test_an_unknown_name_in_a_template_is_a_fault() -> None:
    with pytest.raises(UndefinedError):
        kit_environment().from_string("{{ nobody }}").render()


CSS = (KIT_STATIC / "kit.css").read_text()
COLOURS = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", CSS))


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *[(text, ground) for text in ("ink", "soft", "red", "red-deep", "green") for ground in ("paper", "card")],
        ("gold-deep", "gold-wash"),
        ("green", "green-wash"),
        ("green-deep", "green-wash"),
        ("blue", "blue-wash"),
        ("red-deep", "red-wash"),
        ("soft", "grey-wash"),
        ("ink", "grey-wash"),
        ("card", "red"),
        ("card", "red-deep"),
        ("card", "ink"),
    ],
)
def test_text_has_a_contrast_of_4_5(text: str, ground: str) -> None:
    assert contrast(COLOURS[text], COLOURS[ground]) >= 4.5


@pytest.mark.parametrize("ground", ["paper", "card"])
def test_borders_and_focus_have_a_contrast_of_3(ground: str) -> None:
    assert contrast(COLOURS["edge"], COLOURS[ground]) >= 3
    assert contrast(COLOURS["ink"], COLOURS[ground]) >= 3


def test_no_text_is_smaller_than_the_root_of_18_px() -> None:
    sizes = re.findall(r"font(?:-size)?:[^;}]*?([\d.]+)rem", CSS)
    assert sizes
    assert all(float(size) >= 1 for size in sizes)
    assert not re.search(r"font(-size)?:[^;}]*\b(?!18px|23px)\d+(px|em)\b", CSS)
    assert "font-size: max(18px, 112.5%)" in CSS
    assert "font-size: max(23px, 143.75%)" in CSS


def test_line_spacing_is_never_tight() -> None:
    heights = [float(height) for height in re.findall(r"line-height: ([\d.]+)", CSS)]
    assert heights
    assert min(heights) >= 1.3


def test_the_sheet_is_balanced() -> None:
    depth = 0
    for character, _ in pairwise(CSS + " "):
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
