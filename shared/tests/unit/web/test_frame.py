import json
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from microwish import logs


async def chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 100


async def test_a_body_up_to_the_limit_passes(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/body", content=b"x" * 1000)).json() == 1000
    assert (await client.post("/api/body", content=chunks(10))).json() == 1000


@pytest.mark.parametrize("content", [b"x" * 1001, 11])
async def test_a_body_above_it_is_413_announced_or_chunked(client: httpx.AsyncClient, content: bytes | int) -> None:
    body = chunks(content) if isinstance(content, int) else content
    answer = await client.post("/api/body", content=body)
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"
    assert "1 KB" in answer.json()["detail"]


async def test_a_path_that_takes_files_has_its_own_limit(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/body/photo", content=chunks(30))).json() == 3000
    for body in (chunks(31), b"x" * 3001):
        answer = await client.post("/api/body/photo", content=body)
        assert answer.status_code == 413
        assert "3 KB" in answer.json()["detail"]
    assert (await client.post("/api/body/photo/2", content=b"x" * 1001)).status_code == 413


async def test_the_limit_holds_for_json_and_forms_too(client: httpx.AsyncClient) -> None:
    json_answer = await client.post("/api/wishes", content=chunks(20), headers={"Content-Type": "application/json"})
    assert json_answer.status_code == 413
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await client.post("/page", content=chunks(20), headers=form)).status_code == 413
    multipart = await client.post("/page", data={"next": "/page"}, files={"photo": b"x" * 2000})
    assert multipart.status_code == 413


async def test_a_lying_content_length_does_not_help(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/body", content=b"x" * 2000, headers={"Content-Length": "x"})
    assert answer.status_code == 413


async def test_every_answer_is_safe_by_default(client: httpx.AsyncClient) -> None:
    for path in ("/page", "/api/nothing", "/healthz", "/raise/bug", "/page?large=on"):
        answer = await client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        if "json" in answer.headers.get("Content-Type", ""):
            assert policy == "default-src 'none'; frame-ancestors 'none'"
        else:
            assert "script-src 'self'" in policy
            assert "unsafe" not in policy
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer.headers["Cache-Control"]


async def test_pages_and_json_are_kept_safe_each_in_their_way(client: httpx.AsyncClient) -> None:
    page, json = (await client.get("/page")).headers, (await client.get("/healthz")).headers
    assert page["Content-Type"].startswith("text/html")
    assert "script-src" in page["Content-Security-Policy"]
    assert json["Content-Type"] == "application/json"
    assert "script-src" not in json["Content-Security-Policy"]


async def test_a_route_may_say_how_to_cache(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/wishes/1")).headers["Cache-Control"] == "public, max-age=5"


@pytest.mark.parametrize(
    ("given", "kept"), [("req-12345678", True), ("short", False), ("a" * 65, False), ("a b c d e f", False)]
)
async def test_a_request_id_is_kept_or_made(client: httpx.AsyncClient, given: str, kept: bool) -> None:
    answered = (await client.get("/healthz", headers={"X-Request-ID": given})).headers["X-Request-ID"]
    assert (answered == given) is kept
    assert len(answered) >= 8


async def test_the_access_log_shows_the_path_but_no_query(
    client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("wish-service")
    await client.get("/api/wishes/w-1?phone=13912345678&who=王小明", headers={"X-Request-ID": "req-12345678"})
    await client.get("/api/wishes/13912345678", headers={"X-Request-ID": "13912345678"})
    await client.get("/healthz")
    logs.get_logger("test").warning("end")  # brings forward what waits to be written
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if "web.access" in line]
    assert [line["path"] for line in lines] == ["/api/wishes/w-1", "/api/wishes/***"]
    assert lines[1]["request_id"] == "***"
    assert lines[0]["request_id"] == "req-12345678"
    assert "13912345678" not in json.dumps(lines, default=str)


async def test_the_access_log_keeps_the_secret_of_a_callback(
    app: FastAPI, client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    @app.post("/callbacks/provider/{token}/reports")
    async def reports(token: str) -> None:
        if token == "breaks":
            raise RuntimeError

    logs.configure("wish-service")
    for path in ("a-secret/reports", "breaks/reports", "a-secret/elsewhere"):
        await client.post(f"/callbacks/provider/{path}")
    logs.get_logger("test").warning("end")  # brings forward what waits to be written
    logged = capsys.readouterr().err
    assert '"path": "/callbacks/provider/{token}/reports"' in logged
    assert "a-secret" not in logged


async def test_metrics_name_the_route_not_the_path(client: httpx.AsyncClient) -> None:
    await client.get("/api/wishes/secret-id")
    await client.request("BREW", "/api/wishes/1")
    text = (await client.get("/metrics")).text
    assert 'route="/api/wishes/{wish_id}"' in text
    assert "secret-id" not in text
    assert "BREW" not in text


async def test_a_stream_that_breaks_is_cut_not_answered_twice(app: FastAPI) -> None:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://t") as client:
        answer = await client.get("/api/stream")
    assert answer.status_code == 200
    assert answer.text == "data: 1\n\n"


@pytest.mark.parametrize(
    ("asked", "location", "cookie"),
    [
        ("/page?large=on", "/page", "microwish_large=on"),
        ("/page?state=posted&large=off&q=%E6%9C%88", "/page?state=posted&q=%E6%9C%88", "microwish_large=off"),
        ("/page?lang=en", "/page", "microwish_lang=en"),
        ("//evil.example/x?large=on", "/evil.example/x", "microwish_large=on"),
        ("/%E6%9C%88?large=on", "/%E6%9C%88", "microwish_large=on"),
    ],
)
async def test_a_choice_is_kept_and_leads_back(
    client: httpx.AsyncClient, asked: str, location: str, cookie: str
) -> None:
    answer = await client.get(f"https://t{asked}")
    assert answer.status_code == 303
    assert answer.headers["location"] == location
    assert answer.headers["set-cookie"].startswith(cookie)
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("asked", ["/page?large=huge", "/page?lang=fr", "/page?large=", "/api/wishes/1?large=on"])
async def test_anything_else_is_no_choice(client: httpx.AsyncClient, asked: str) -> None:
    answer = await client.get(asked)
    assert answer.status_code == 200
    assert "microwish_large" not in answer.headers.get("set-cookie", "")
