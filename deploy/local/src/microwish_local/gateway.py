"""The gateway: one address in front of the three services, by the prefix table of `routes`.

`python -m microwish_local.gateway` takes MICROWISH_HOST, MICROWISH_PORT and one MICROWISH_UPSTREAM_<SERVICE> per
service (`http://host:port/`). It streams both ways, passes cookies and headers as they are, and tells the service
who asked in `X-Forwarded-For`, `-Proto` and `-Host`; what a client claims in such headers is dropped.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import uvicorn
from fastapi_proxy_lib.core.http import ReverseHttpProxy
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as Endpoint

from microwish.web.common_texts import COMMON_TEXTS
from microwish.web.problems import Problem, respond
from microwish.web.texts import Catalogue
from microwish_local.routes import SERVICES, Service, service_of

_CLAIMED = (b"forwarded", b"x-real-ip")
_LENGTHS = (b"content-length", b"transfer-encoding")
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods whose body, which means nothing, the proxy doesn't pass on: nor may the headers announce it."""
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_KEEP_ALIVE_SECONDS = 2.0
"""Shorter than the 5 s after which uvicorn closes an idle connection, so that none is reused while it is closed."""

TEXTS = Catalogue(
    {"problem.bad_gateway": ("服务没有回应，请稍后再试", "The service did not answer; please try again later")}
)


class Upstream:
    """One service: its answers are awaited for 60 s, its event streams for ever."""

    def __init__(self, url: str) -> None:
        self._answers = _proxy(url, read_seconds=60.0)
        self._streams = _proxy(url, read_seconds=None)

    async def ask(self, request: Request) -> Response:
        """Pass the request on and stream the answer back. Raises httpx.TransportError when there is none."""
        streams = "text/event-stream" in request.headers.get("accept", "")
        proxy = self._streams if streams else self._answers
        target = proxy.base_url.copy_with(path=request.url.path)
        return await proxy.send_request_to_target(request=request, target_url=target)

    async def close(self) -> None:
        """Close the connections to the service."""
        await self._answers.aclose()
        await self._streams.aclose()


def _proxy(url: str, *, read_seconds: float | None) -> ReverseHttpProxy:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=50, keepalive_expiry=_KEEP_ALIVE_SECONDS)
    timeout = httpx.Timeout(60.0, connect=5.0, read=read_seconds)
    hooks = {"response": [_keep_every_header]}
    client = httpx.AsyncClient(limits=limits, timeout=timeout, trust_env=False, event_hooks=hooks)
    return ReverseHttpProxy(client, base_url=url)


class _EveryHeader(httpx.Headers):
    """Headers whose `items` are as they came: httpx joins repeated ones by commas, which breaks Set-Cookie."""

    def items(self) -> Any:
        """Every header line, in order."""
        return self.multi_items()


async def _keep_every_header(response: httpx.Response) -> None:
    response.headers = _EveryHeader(response.headers.raw)


def create_app(upstreams: Mapping[Service, str]) -> Starlette:
    """The gateway in front of these services, given as base URLs that end in a slash."""
    services: dict[Service, Upstream] = {}

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for name, url in upstreams.items():
                services[name] = Upstream(url)
                stack.push_async_callback(services[name].close)
            yield

    async def forward(request: Request) -> Response:
        name = service_of(request.scope["path"])
        if name is None:
            return respond(request, Problem(404, "not_found"))
        try:
            return await services[name].ask(_introduced(request))
        except httpx.InvalidURL:
            return respond(request, Problem(404, "not_found"))  # no path of ours holds control characters
        except httpx.ConnectError:
            return respond(request, Problem(503, "unavailable"))
        except (httpx.TransportError, httpx.StreamError):
            return respond(request, Problem(502, "bad_gateway"))

    endpoints = [Endpoint("/healthz", _alive), Endpoint("/{path:path}", forward, methods=_METHODS)]
    app = Starlette(routes=endpoints, lifespan=lifespan, exception_handlers={405: _no_such_method})
    app.state.catalogue = TEXTS.with_base(COMMON_TEXTS)
    return app


async def _alive(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _no_such_method(request: Request, _: Exception) -> Response:
    return respond(request, Problem(405, "method_not_allowed", headers={"Allow": ", ".join(_METHODS)}))


def _introduced(request: Request) -> Request:
    """The request with our word, not the client's, on who asked, by which scheme, and for which host."""
    dropped = _CLAIMED + (_LENGTHS if request.method in _BODILESS else ())
    kept = [
        (name, value)
        for name, value in request.scope["headers"]
        if not name.startswith(b"x-forwarded-") and name not in dropped
    ]
    ours = {
        "x-forwarded-for": request.client.host if request.client else "",
        "x-forwarded-proto": request.url.scheme,
        "x-forwarded-host": request.headers.get("host", ""),
    }
    headers = [*kept, *((name.encode(), value.encode("latin-1")) for name, value in ours.items())]
    return Request({**request.scope, "headers": headers}, request.receive)


def _from_environment(read: Callable[[str], str | None]) -> dict[Service, str]:
    found: dict[Service, str] = {}
    for name in SERVICES:
        if not (url := read(f"MICROWISH_UPSTREAM_{name.upper()}")):
            raise SystemExit(f"MICROWISH_UPSTREAM_{name.upper()} must hold the address of {name}-service.")
        found[name] = f"{url.rstrip('/')}/"
    return found


def server_config(app: Starlette, host: str, port: int) -> uvicorn.Config:
    """How the gateway is served: nobody in front of it is believed, open event streams are cut 3 s after SIGTERM."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        access_log=False,
        timeout_graceful_shutdown=3,
    )


def main() -> None:
    """Serve until SIGTERM."""
    app = create_app(_from_environment(os.environ.get))
    host = os.environ.get("MICROWISH_HOST", "127.0.0.1")
    uvicorn.Server(server_config(app, host, int(os.environ.get("MICROWISH_PORT", "8000")))).run()


if __name__ == "__main__":
    main()
