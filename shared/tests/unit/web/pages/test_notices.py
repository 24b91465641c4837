import base64
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from microwish.web.pages.notices import Notice, local_url, notice_of, see_other


def request_with(cookie: str) -> Request:
    return Request({"type": "http", "headers": [(b"cookie", f"microwish_notice={cookie}".encode())]})


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def test_a_notice_is_read_back() -> None:
    assert notice_of(request_with(encoded('["info", "收到了"]'))) == Notice("收到了", "info")
    assert notice_of(Request({"type": "http", "headers": []})) is None


@pytest.mark.parametrize(
    "value",
    [
        "x",
        "!!",
        encoded("5"),
        encoded('["boom", "x"]'),
        encoded('["done", 5]'),
        encoded('["done"]'),
        encoded("[" * 5000),
    ],
)
def test_what_is_no_notice_is_passed_over(value: str) -> None:
    assert notice_of(request_with(value)) is None


@pytest.mark.parametrize("url", ["/mine", "/mine?page=2&q=%E6%9C%88", "/wishes/1#way", "/"])
def test_addresses_of_this_site_are_followed(url: str) -> None:
    assert local_url(url) == url
    assert see_other(url).headers["location"] == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "mine",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "\\\\evil",
        "/a\r\nSet-Cookie: x",
        "/x\\y",
        "//[",
        "/\n/evil.example",
    ],
)
def test_addresses_of_other_sites_are_not(url: str | None) -> None:
    assert local_url(url, "/home") == "/home"


@given(st.text(alphabet="/\\:@.?#%evilhtps \t\n", max_size=20))
def test_no_spelling_leads_away(url: str) -> None:
    local = local_url(url)
    assert local.startswith("/")
    assert not urlsplit(local.replace("\\", "/").replace("\t", "").replace("\n", "")).netloc
