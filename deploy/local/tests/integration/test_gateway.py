"""The gateway passes requests and answers through as they are, streams, and says when a service is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from microwish_local.gateway import create_app, server_config
from microwish_local.processes import free_port

pytestmark = pytest.mark.integration


class Streams:
    """What the fake wish-service knows of its open event streams."""

    def __init__(self) -> None:
        self.more = asyncio.Event()
        self.closed = asyncio.Event()


@asynccontextmanager
async def _served(app: Any) -> AsyncIterator[str]:
    port = free_port()
    server = uvicorn.Server(server_config(app, "127.0.0.1", port))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        await task


@pytest.fixture
def streams() -> Streams:
    return Streams()


@pytest_asyncio.fixture
async def gateway(streams: Streams) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway in front of a wish-service that echoes; the other two services are down."""
    async with AsyncExitStack() as stack:
        wish = await stack.enter_async_context(_served(_echo(streams)))
        away = f"http://127.0.0.1:{free_port()}/"
        app = create_app({"wish": wish, "adoption": away, "notify": away})
        base = await stack.enter_async_context(_served(app))
        yield await stack.enter_async_context(httpx.AsyncClient(base_url=base, timeout=60, trust_env=False))


def _echo(streams: Streams) -> FastAPI:
    app = FastAPI()

    @app.get("/api/wishes/stream")
    async def stream() -> StreamingResponse:
        async def events() -> AsyncIterator[bytes]:
            try:
                yield b"data: one\n\n"
                await streams.more.wait()
                yield b"data: two\n\n"
                await asyncio.Event().wait()
            finally:
                streams.closed.set()

        return StreamingResponse(events(), media_type="text/event-stream")

    @app.api_route("/{path:path}", methods=["GET", "POST", "DELETE"])
    async def echo(path: str, request: Request, response: Response) -> dict[str, Any]:
        response.set_cookie("microwish_session", "a")
        response.set_cookie("microwish_csrf", "b")
        return {
            "path": f"/{path}",
            "query": str(request.url.query),
            "headers": dict(request.headers),
            "body": (await request.body()).decode(),
            "method": request.method,
        }

    return app


async def test_method_path_query_body_and_headers_arrive(gateway: httpx.AsyncClient) -> None:
    answer = await gateway.post(
        "/api/wishes/心愿",
        params=[("q", "收音机"), ("q", "a b")],
        content="{}",
        headers={"Idempotency-Key": "k", "Authorization": "Bearer t", "Cookie": "microwish_session=x; other=y"},
    )
    seen = answer.json()
    assert (seen["method"], seen["path"], seen["body"]) == ("POST", "/api/wishes/心愿", "{}")
    assert httpx.QueryParams(seen["query"]).get_list("q") == ["收音机", "a b"]
    assert seen["headers"]["idempotency-key"] == "k"
    assert seen["headers"]["authorization"] == "Bearer t"
    assert seen["headers"]["cookie"] == "microwish_session=x; other=y"


async def test_every_cookie_comes_back_as_a_line_of_its_own(gateway: httpx.AsyncClient) -> None:
    answer = await gateway.get("/api/me")
    assert [line.split("=")[0] for line in answer.headers.get_list("set-cookie")] == [
        "microwish_session",
        "microwish_csrf",
    ]


async def test_a_client_cannot_say_who_it_is(gateway: httpx.AsyncClient) -> None:
    lies = {
        "X-Forwarded-For": "8.8.8.8",
        "X-Forwarded-Host": "evil",
        "Forwarded": "for=8.8.8.8",
        "X-Real-IP": "8.8.8.8",
    }
    seen = (await gateway.get("/api/me", headers=lies)).json()["headers"]
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert seen["x-forwarded-proto"] == "http"
    assert seen["x-forwarded-host"] == gateway.base_url.netloc.decode()
    assert not {"forwarded", "x-real-ip"} & set(seen)


async def test_one_persons_cookies_never_reach_another(gateway: httpx.AsyncClient) -> None:
    await gateway.get("/api/me")
    gateway.cookies.clear()
    assert not (await gateway.get("/api/me")).json()["headers"].get("cookie")


async def test_events_arrive_while_the_stream_is_open_and_it_closes_with_the_reader(
    gateway: httpx.AsyncClient, streams: Streams
) -> None:
    async with gateway.stream("GET", "/api/wishes/stream", headers={"Accept": "text/event-stream"}) as answer:
        chunks = answer.aiter_text()
        assert await anext(chunks) == "data: one\n\n"
        streams.more.set()
        assert await anext(chunks) == "data: two\n\n"
    await asyncio.wait_for(streams.closed.wait(), 60)


async def test_a_service_that_is_down_is_a_503_problem_in_the_callers_language(gateway: httpx.AsyncClient) -> None:
    answer = await gateway.get("/api/board", headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["code"] == "unavailable"
    chinese = (await gateway.get("/api/board")).json()["title"]
    assert chinese != answer.json()["title"]


async def test_a_service_that_breaks_off_is_a_502_problem() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()

    listener = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
    app = create_app({"wish": url, "adoption": url, "notify": url})
    async with listener, _served(app) as base, httpx.AsyncClient(base_url=base, trust_env=False) as client:
        answer = await client.post("/api/wishes", json={})
    assert answer.status_code == 502
    assert answer.json()["code"] == "bad_gateway"


@pytest.mark.parametrize("path", ["/readyz", "/metrics", "/docs", "/api/me/%2e%2e/%2e%2e/metrics"])
async def test_what_is_inside_stays_inside(gateway: httpx.AsyncClient, path: str) -> None:
    answer = await gateway.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


async def test_health_is_the_gateways_own(gateway: httpx.AsyncClient) -> None:
    assert (await gateway.get("/healthz")).json() == {"status": "ok"}


async def test_a_method_that_nothing_answers_is_a_problem(gateway: httpx.AsyncClient) -> None:
    answer = await gateway.request("TRACE", "/api/wishes")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "GET" in answer.headers["allow"]
