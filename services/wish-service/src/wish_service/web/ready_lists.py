"""The fast way of the one answer that is asked for most: a page of the wall that is ready (ADR 0017).

It stands before everything else that a request passes and does by hand what this answer needs of it: request id,
security headers, metric, access log. What isn't ready or isn't plain (a trace to continue, a body) goes the usual way.
"""

import time

from starlette.types import ASGIApp, Receive, Scope, Send

from microwish import logs
from microwish.ids import uuid7
from microwish.web import frame
from wish_service.web.caching import PUBLIC, Ready
from wish_service.web.list_cache import ListCache

PATH = "/api/wishes"
_METHODS = frozenset({"GET", "HEAD"})
_NOT_PLAIN = frozenset({b"traceparent", b"content-length", b"transfer-encoding"})
_PUBLIC = (b"cache-control", PUBLIC.encode())
_OF_CONTENT = [
    (b"content-type", b"application/json"),
    *((name.lower().encode(), value.encode()) for name, value in frame.SAFE_JSON.items()),
]
_hits = {status: frame.request_seconds("GET", PATH, status) for status in (200, 304)}
_head_hits = {status: frame.request_seconds("HEAD", PATH, status) for status in (200, 304)}


class ReadyLists:
    """Answers from the cache of lists; plain ASGI, to be put outermost."""

    def __init__(self, app: ASGIApp, lists: ListCache) -> None:
        self._app = app
        self._lists = lists

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "http" and scope["path"] == PATH and scope["method"] in _METHODS:
            page = self._lists.get(scope["query_string"])
            asked = _asked(scope) if page is not None else None
            if page is not None and asked is not None:
                await _answer(page, scope["method"], *asked, send)
                return
        await self._app(scope, receive, send)


def _asked(scope: Scope) -> tuple[str, str] | None:
    """If-None-Match and the request id given; None if it isn't a plain question."""
    tags = given = ""
    for name, value in scope["headers"]:
        if name == b"if-none-match":
            tags = f"{tags},{value.decode('latin-1')}"
        elif name == b"x-request-id":
            given = value.decode("latin-1")
        elif name in _NOT_PLAIN:
            return None
    return tags, given


async def _answer(page: Ready, method: str, if_none_match: str, given: str, send: Send) -> None:
    started = time.perf_counter()
    request_id = frame.request_id_of(given) if given else uuid7()
    held = bool(if_none_match) and page.held_by(if_none_match)
    headers = [(b"etag", page.etag.encode()), (b"x-request-id", request_id.encode()), _PUBLIC]
    if not held:  # the copy that a 304 confirms keeps its other headers (RFC 9111, 3.2)
        headers += [*_OF_CONTENT, (b"content-length", str(len(page.body)).encode())]
    body = b"" if held or method == "HEAD" else page.body
    status = 304 if held else 200
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
    seconds = time.perf_counter() - started
    (_hits if method == "GET" else _head_hits)[status].observe(seconds)
    # No person wrote any of this but, perhaps, the request id.
    said = logs.mask_text(request_id) if given else request_id
    frame.ACCESS.say("request", method=method, path=PATH, status=status, ms=round(seconds * 1000, 1), request_id=said)
