"""After a form: lead on to a page (POST, redirect, GET) and tell there, once, what happened."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from microwish.identity.guards import Identity

NoticeKind = Literal["done", "info", "problem"]
NOTICE_COOKIE = "microwish_notice"
_NOTICE_SECONDS = 60
_MAX_NOTICE_CHARACTERS = 200
_KINDS: tuple[NoticeKind, ...] = ("done", "info", "problem")


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence for the next page. It travels in a plain cookie: no personal data in it."""

    text: str
    kind: NoticeKind = "done"


def see_other(url: str) -> RedirectResponse:
    """303: the browser GETs `url` next. Only addresses of this site; any other leads to `/`."""
    return RedirectResponse(local_url(url), status_code=303)


def local_url(url: str | None, default: str = "/") -> str:
    """The address if it stays on this site (`/mine?page=2`), else the default: `next` parameters come from outside."""
    if not url or not url.startswith("/") or url.startswith(("//", "/\\")):
        return default
    if any(ord(character) < 0x20 or character == "\\" for character in url):
        return default
    try:
        parts = urlsplit(url)
    except ValueError:
        return default
    return default if parts.scheme or parts.netloc else url


def put_notice(request: Request, response: Response, text: str, kind: NoticeKind = "done") -> None:
    """Let the next page that this browser opens say this once."""
    identity: Identity = request.app.state.identity
    raw = json.dumps([kind, text[:_MAX_NOTICE_CHARACTERS]], ensure_ascii=False).encode()
    value = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    response.set_cookie(
        NOTICE_COOKIE,
        value,
        max_age=_NOTICE_SECONDS,
        httponly=True,
        samesite="lax",
        secure=identity.cookie_secure,
        path="/",
    )


def notice_of(request: Request) -> Notice | None:
    """The notice that the last page left, if it is readable."""
    value = request.cookies.get(NOTICE_COOKIE)
    if not value:
        return None
    try:
        kind, text = json.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
    except (binascii.Error, ValueError, TypeError, RecursionError):
        return None
    if kind not in _KINDS or not isinstance(text, str):
        return None
    return Notice(text[:_MAX_NOTICE_CHARACTERS], kind)
