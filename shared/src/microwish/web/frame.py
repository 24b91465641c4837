"""Pure ASGI layers around every application: request id, access log, headers, limits, readers' preferences.

They are plain ASGI, so that streams (server-sent events) pass through unbuffered.
"""

import re
import time
from collections.abc import Mapping
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urlencode

import structlog
from opentelemetry.trace import SpanKind
from prometheus_client import Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from microwish import telemetry
from microwish.ids import uuid7
from microwish.logs import PlainLines, get_logger, mask_text
from microwish.web.problems import Problem, respond
from microwish.web.texts import LANGUAGE_COOKIE

REQUEST_ID_HEADER = "X-Request-ID"
LARGE_COOKIE = "microwish_large"
DEFAULT_BODY_LIMIT = 1_000_000
_CALLBACKS = "/callbacks/"
SAFE_PAGE: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
"""What keeps a document from loading, framing and telling others what it should not."""
SAFE_JSON: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
"""JSON is no document: it loads nothing, links to nothing, and must be taken for nothing else."""
_JSON = ("application/json", "application/problem+json")
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
_PREFERENCES = {"large": (LARGE_COOKIE, {"on", "off"}), "lang": (LANGUAGE_COOKIE, {"zh", "en"})}
_YEAR_SECONDS = 365 * 24 * 3600
ACCESS_LOGGER = "microwish.web.access"
ACCESS = PlainLines(ACCESS_LOGGER)
"""Where the line of each request goes."""
_log = get_logger(ACCESS_LOGGER)
_seconds = telemetry.histogram("http_request_seconds", "Time to answer a request", ("method", "route", "status"))


DRAINED_AT_MOST = 20_000_000
"""Bytes of a refused body that are read and thrown away, so that its sender gets to read why."""


class BodyTooLarge(HTTPException):
    """The body passed the limit while it was read; answered as 413 `too_large`."""

    def __init__(self, limit: int) -> None:
        super().__init__(413)
        self.values = {"limit_kb": limit // 1000}


class BodyLimit:
    """Refuses bodies above `limit` bytes: by Content-Length at once, chunked ones while they are read.

    larger: other limits for paths that match as a whole, such as those that take files.
    """

    def __init__(
        self, app: ASGIApp, limit: int = DEFAULT_BODY_LIMIT, larger: Mapping[re.Pattern[str], int] | None = None
    ) -> None:
        self._app = app
        self._limit = limit
        self._larger = dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            await _drain(receive)
            values = {"limit_kb": limit // 1000}
            problem = Problem(413, "too_large", headers={"Connection": "close"}, values=values)
            await respond(Request(scope), problem)(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                if message.get("more_body"):
                    await _drain(receive)
                raise BodyTooLarge(limit)
            return message

        await self._app(scope, counted, send)

    def _limit_of(self, path: str) -> int:
        return next((limit for paths, limit in self._larger.items() if paths.fullmatch(path)), self._limit)


async def _drain(receive: Receive) -> None:
    """Read what is left of a body that is refused: who is cut off while sending never reads the answer."""
    read = 0
    while read < DRAINED_AT_MOST:
        message = await receive()
        read += len(message.get("body", b""))
        if not message.get("more_body"):
            return


class SafeHeaders:
    """Security headers on every answer, and `private, no-store` where a route didn't say how to cache.

    A 304 needs none of the former: the copy that it confirms keeps those it came with (RFC 9111, 3.2 and 4.3.4).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if message["status"] != 304:
                    for name, value in _safe(headers.get("content-type", "")).items():
                        headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "private, no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


def _safe(content_type: str) -> Mapping[str, str]:
    return SAFE_JSON if content_type.startswith(_JSON) else SAFE_PAGE


class Observed:
    """Request id, trace, metrics, one access-log line (path only, no query), and 500 for what nobody caught."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = request_id_of(headers.get(REQUEST_ID_HEADER, ""))
        scope.setdefault("state", {})["request_id"] = request_id
        with (
            structlog.contextvars.bound_contextvars(request_id=request_id),
            telemetry.span_from(headers.get("traceparent"), f"HTTP {scope['method']}", kind=SpanKind.SERVER) as span,
        ):
            status = await self._answer(scope, receive, send, request_id)
            span.update_name(f"{scope['method']} {_route(scope)}")
            span.set_attribute("http.response.status_code", status)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> int:
        started = time.perf_counter()
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            _log.exception("request_failed", method=scope["method"], path=_shown(scope))
            if status:
                raise
            problem = Problem(500, "internal", values={"request_id": request_id})
            await respond(Request(scope), problem)(scope, receive, watched)
        finally:
            _record(scope, status, time.perf_counter() - started)
        return status


class Preferences:
    """`?large=on|off` and `?lang=zh|en` on any page keep the choice in a cookie and lead back to the page.

    So the large-print switch and the language switch are plain links, which work without JavaScript.
    """

    def __init__(self, app: ASGIApp, cookie_secure: bool) -> None:
        self._app = app
        self._secure = cookie_secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        query = scope.get("query_string", b"").decode("latin-1")
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith("/api/") or not query:
            await self._app(scope, receive, send)
            return
        pairs = parse_qsl(query, keep_blank_values=True)
        chosen = {name: value for name, value in pairs if name in _PREFERENCES and value in _PREFERENCES[name][1]}
        if not chosen:
            await self._app(scope, receive, send)
            return
        rest = urlencode([pair for pair in pairs if pair[0] not in _PREFERENCES])
        await send({"type": "http.response.start", "status": 303, "headers": self._headers(scope, rest, chosen)})
        await send({"type": "http.response.body", "body": b""})

    def _headers(self, scope: Scope, rest: str, chosen: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        # One leading slash only: "//host" would lead to another site.
        location = b"/" + raw.split(b"?")[0].lstrip(b"/\\") + (b"?" + rest.encode() if rest else b"")
        cookies = [(b"set-cookie", self._cookie(_PREFERENCES[name][0], value)) for name, value in chosen.items()]
        return [(b"location", location), (b"content-length", b"0"), *cookies]

    def _cookie(self, name: str, value: str) -> bytes:
        jar: SimpleCookie = SimpleCookie()
        jar[name] = value
        jar[name].update({"path": "/", "max-age": str(_YEAR_SECONDS), "samesite": "Lax", "httponly": "yes"})
        if self._secure:
            jar[name]["secure"] = "yes"
        return jar[name].OutputString().encode()


def request_id_of(given: str) -> str:
    """The request id that the caller gave, if it can be one, or a new one."""
    return given if _REQUEST_ID.fullmatch(given) else uuid7()


def request_seconds(method: str, route: str, status: int) -> Histogram:
    """The metric of answers of this route, for those that don't pass `Observed`."""
    return _seconds.labels(method, route, str(status))


def _route(scope: Scope) -> str:
    # The template of the route, not the path: paths hold ids, and a metric must not grow with them.
    path = getattr(scope.get("route"), "path", None)
    return str(path) if path else "other"


def _shown(scope: Scope) -> str:
    # The addresses of callbacks hold a secret: logs get the template of the route instead.
    return _route(scope) if scope["path"].startswith(_CALLBACKS) else str(scope["path"])


def _record(scope: Scope, status: int, seconds: float) -> None:
    # Only methods that exist: the label must not grow with what strangers send.
    method = scope["method"] if scope["method"] in _METHODS else "other"
    _seconds.labels(method, _route(scope), str(status)).observe(seconds)
    if scope["path"] in _QUIET_PATHS and status < 400:
        return
    # Path and request id are all that a stranger wrote.
    path, request_id = mask_text(_shown(scope)), mask_text(scope["state"]["request_id"])
    ACCESS.say("request", method=method, path=path, status=status, ms=round(seconds * 1000, 1), request_id=request_id)
