"""Bad input at every endpoint: an RFC 9457 problem that says which field and what to do, and nothing changes.

Which endpoints there are is read from what each service says of itself, so that a new one is covered on its first day.
"""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio

from microwish_local.client import Client, Session
from microwish_local.routes import SERVICES
from microwish_local.story.cast import Cast
from microwish_local.testing_stack import RunningStack

pytestmark = [pytest.mark.e2e, pytest.mark.brokerless]

NOBODY = "00000000-0000-7000-8000-000000000000"
STRANGE_IDS = (NOBODY, "x", "%00", "..%2f..", quote("心愿"), "$ne", "a" * 300)
STRANGE_VALUES = ("", "-1", "x" * 1000, "\x00", "[", "$where", "心愿", "1e309", "9" * 30)
BROKEN_JSON = (b"", b"{", b'{"a":', b"\xff\xfe", b"[" * 5000, b'{"a": 1e400}', b"nul")
STRANGE_TEXTS = ("\x00", "\ud800", "x" * 100_000, " ", "$where", "{{7*7}}")


@dataclass(frozen=True)
class Operation:
    """One endpoint, as its service describes it."""

    method: str
    path: str
    query: tuple[str, ...]
    fields: tuple[str, ...]
    has_body: bool

    @property
    def places(self) -> set[str]:
        """The names of what stands in its path."""
        return {part.strip("{}") for part in self.path.split("/") if part.startswith("{")}

    def at(self, id: str = NOBODY) -> str:
        """Its path with this id wherever one stands."""
        return "/".join(id if part.startswith("{") else part for part in self.path.split("/"))


@pytest_asyncio.fixture
async def http(stack: RunningStack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=stack.base_url, timeout=60, trust_env=False) as opened:
        yield opened


@pytest_asyncio.fixture
async def operations(stack: RunningStack, http: httpx.AsyncClient) -> list[Operation]:
    found: list[Operation] = []
    for service in SERVICES:
        description = (await http.get(f"{stack.service_url(service)}/openapi.json")).json()
        found += [one for one in _operations(description) if one.path.startswith("/api/")]
    assert len(found) > 40
    return found


@pytest_asyncio.fixture
async def resident(client: Client, cast: Cast) -> Session:
    return await client.sign_in(cast.resident_phone)


async def test_a_body_that_cannot_be_read(http: httpx.AsyncClient, operations: list[Operation], admin: Session) -> None:
    headers = _bearer(admin) | {"Content-Type": "application/json"}
    for operation in operations:
        for content in BROKEN_JSON if operation.has_body else ():
            answer = await http.request(operation.method, operation.at(), content=content, headers=headers)
            _is_problem(answer, f"{operation} {content[:20]!r}")
            assert answer.status_code in {400, 404, 422}, f"{operation} {content[:20]!r}"


async def test_fields_of_the_wrong_kind_are_each_named(
    http: httpx.AsyncClient, operations: list[Operation], admin: Session
) -> None:
    for operation in operations:
        if not operation.has_body or not operation.fields:
            continue
        body = {field: {"not": ["what", "is", "meant"]} for field in operation.fields}
        answer = await http.request(operation.method, operation.at(), json=body, headers=_bearer(admin))
        problem = _is_problem(answer, str(operation))
        assert answer.status_code == 422, operation
        assert problem["errors"], operation
        for fault in problem["errors"]:
            assert fault["field"].split(".")[0] in {*operation.fields, *operation.places}, operation
            assert _chinese(fault["message"]), operation


async def test_strange_texts_never_break_a_service(
    http: httpx.AsyncClient, operations: list[Operation], admin: Session
) -> None:
    headers = _bearer(admin) | {"Content-Type": "application/json"}
    for operation in operations:
        for text in STRANGE_TEXTS if operation.fields else ():
            content = json.dumps(dict.fromkeys(operation.fields, text)).encode()
            answer = await http.request(operation.method, operation.at(), content=content, headers=headers)
            _is_problem(answer, f"{operation} {text[:20]!r}")


async def test_strange_ids_and_queries_never_break_a_service(
    http: httpx.AsyncClient, operations: list[Operation], admin: Session
) -> None:
    for operation in operations:
        if operation.method != "GET":
            continue
        for strange in STRANGE_IDS if "{" in operation.path else ():
            answer = await _begun(http, operation.at(strange), admin)
            problem = _is_problem(answer, f"{operation} {strange[:20]}")
            if answer.status_code != 404:  # what has a form of its own, such as a division code
                assert {fault["field"] for fault in problem["errors"]} <= operation.places, operation
        for name in operation.query:
            for value in STRANGE_VALUES:
                answer = await _begun(http, operation.at(), admin, **{name: value})
                if answer.status_code != 200:
                    _is_problem(answer, f"{operation} {name}={value[:20]!r}")


async def test_whoever_is_not_signed_in_or_may_not_is_told_so(
    http: httpx.AsyncClient, operations: list[Operation], resident: Session
) -> None:
    for method, path in (("GET", "/api/me"), ("POST", "/api/wishes"), ("POST", "/api/adoptions")):
        problem = _is_problem(await http.request(method, path, json={}), path)
        assert (problem["status"], problem["code"]) == (401, "signed_out")
    wrong = {"Authorization": "Bearer not.a.token"}
    assert (await http.get("/api/me", headers=wrong)).status_code == 401
    for path in ("/api/staff", "/api/review-queue", "/api/messages"):
        problem = _is_problem(await http.get(path, headers=_bearer(resident)), path)
        assert (problem["status"], problem["code"]) == (403, "forbidden")
    past = _bearer(resident) | {"Microwish-As-Of": "2026-01-01T00:00:00Z"}
    answer = await http.post("/api/wishes", json=_wish(), headers=past)
    assert _is_problem(answer, "as of")["code"] == "as_of_refused"


WRONG_WISHES: dict[str, tuple[dict[str, Any], str, str]] = {
    "no title": ({"title": " "}, "invalid", "title"),
    "a title too long": ({"title": "灯" * 61}, "invalid", "title"),
    "cash": ({"detail": "想借点现金周转"}, "money_refused", "detail"),
    "a phone in the text": ({"detail": "请打 13912345678"}, "invalid", "detail"),
    "no such category": ({"category": "money"}, "invalid", "category"),
    "no such community": ({"community": "999999999999"}, "invalid", "community"),
    "not a phone": ({"contact": {"name": "沈桂兰", "phone": "12", "address": "某路"}}, "invalid", "contact.phone"),
    "no slot": ({"slots": 0}, "invalid", "slots"),
    "too many slots": ({"slots": 201}, "invalid", "slots"),
    "too dear": ({"estimated_value_fen": 50_001}, "invalid", "estimated_value_fen"),
    "consent refused": ({"consents": {"publishing": False, "sensitive": True}}, "invalid", "consents.publishing"),
}


@pytest.mark.parametrize("wrong", WRONG_WISHES)
async def test_a_wrong_wish_changes_nothing(
    http: httpx.AsyncClient, client: Client, admin: Session, resident: Session, wrong: str
) -> None:
    before = await _queue(client, admin)
    change, code, field = WRONG_WISHES[wrong]
    answer = await http.post("/api/wishes", json=_wish() | change, headers=_bearer(resident))
    problem = _is_problem(answer, wrong)
    assert (problem["status"], problem["code"]) == (422, code)
    assert field in [fault["field"] for fault in problem["errors"]]
    assert await _queue(client, admin) == before


async def test_a_key_for_another_body_is_refused(http: httpx.AsyncClient, resident: Session) -> None:
    headers = _bearer(resident) | {"Idempotency-Key": "the same"}
    first = await http.post("/api/wishes", json=_wish(), headers=headers)
    again = await http.post("/api/wishes", json=_wish(), headers=headers)
    other = await http.post("/api/wishes", json=_wish() | {"title": "另一个"}, headers=headers)
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.json()["id"] == again.json()["id"]
    assert _is_problem(other, "key")["code"] == "key_reused"


async def test_a_wrong_code_opens_no_session(http: httpx.AsyncClient, cast: Cast) -> None:
    challenge = (await http.post("/api/signin/codes", json={"phone": cast.resident_phone})).json()["challenge_id"]
    codes = [
        _is_problem(await _try_code(http, challenge, code), code)["code"]
        for code in ("000000", "000001", "000002", "000003", "000004", "000005")
    ]
    assert codes[:5] == ["code_wrong"] * 5, "one in 200 000 runs guesses it"
    assert codes[5] == "code_expired"


async def test_problems_speak_the_callers_language(http: httpx.AsyncClient) -> None:
    asked = {"phone": "12"}
    chinese = _is_problem(await http.post("/api/signin/codes", json=asked), "zh")
    english = (await http.post("/api/signin/codes", json=asked, headers={"Accept-Language": "en"})).json()
    assert _chinese(chinese["title"])
    assert not _chinese(english["title"] + english["errors"][0]["message"])


async def test_too_much_is_refused(http: httpx.AsyncClient, resident: Session) -> None:
    body = _wish() | {"detail": "长" * 2_000_000}
    answer = await http.post("/api/wishes", json=body, headers=_bearer(resident))
    assert _is_problem(answer, "too much")["status"] == 413


async def test_what_does_not_exist(http: httpx.AsyncClient) -> None:
    for path in ("/api/nothing", "/nothing", "/healthz2", "/metrics", "/readyz"):
        assert _is_problem(await http.get(path), path)["status"] == 404
    assert _is_problem(await http.delete("/api/board"), "board")["status"] == 405


PAGES = (
    "/",
    "/stats",
    "/signin",
    "/post",
    "/mine",
    "/desk",
    "/adopt",
    "/adopt/ours",
    "/adopt/verify",
    "/adopt/organisations",
    "/notify",
    "/notify/ops/messages",
    "/notify/preferences",
)


async def test_pages_bear_strange_queries(http: httpx.AsyncClient, admin: Session) -> None:
    names = ("q", "community", "category", "status", "cursor", "phone", "wish", "as", "next", "part", "past", "lang")
    for headers in ({"Accept": "text/html"}, {"Accept": "text/html", **_bearer(admin)}):
        for page in PAGES:
            for value in STRANGE_VALUES:
                answer = await http.get(page, params=dict.fromkeys(names, value), headers=headers)
                assert answer.status_code < 500, f"{page} {value[:20]!r}"


async def test_a_form_that_is_not_ours_does_nothing(http: httpx.AsyncClient, admin: Session) -> None:
    http.cookies.set("microwish_session", admin.token)
    for page in ("/post", "/signin/out", "/adopt/claim", "/adopt/register", f"/desk/{NOBODY}/review"):
        answer = await http.post(page, data={"csrf": "x" * 43}, headers={"Accept": "text/html"})
        assert answer.status_code == 403, page


async def test_sign_in_leads_nowhere_else(http: httpx.AsyncClient, admin: Session) -> None:
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:1"):
        answer = await http.get("/signin", params={"next": elsewhere}, headers=_bearer(admin))
        assert answer.status_code == 303, elsewhere
        assert answer.headers["location"].startswith("/"), elsewhere
        assert "elsewhere" not in answer.headers["location"], elsewhere


def _operations(description: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            query = tuple(one["name"] for one in operation.get("parameters", []) if one["in"] == "query")
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            fields = tuple(_resolved(body, description).get("properties", {})) if body else ()
            yield Operation(method.upper(), path, query, fields, body is not None)


def _resolved(schema: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:
    if reference := schema.get("$ref"):
        found: dict[str, Any] = description["components"]["schemas"][reference.rsplit("/", 1)[1]]
        return found
    return schema


def _is_problem(answer: httpx.Response, what: str) -> dict[str, Any]:
    """The answer is a whole problem+json that isn't the service's own fault."""
    assert 400 <= answer.status_code < 500, f"{what}: {answer.status_code} {answer.text[:500]}"
    assert answer.headers["content-type"] == "application/problem+json", what
    problem: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "code", "detail"} <= problem.keys(), what
    assert problem["status"] == answer.status_code, what
    assert problem["title"], what
    if answer.status_code == 422 and problem["code"] == "invalid":
        assert problem["errors"], what
        assert all(fault["field"] and fault["message"] for fault in problem["errors"]), what
    return problem


async def _begun(http: httpx.AsyncClient, path: str, session: Session, **query: str) -> httpx.Response:
    """The answer to a GET, whole unless it is a stream of events, which has no end."""
    async with http.stream("GET", path, params=query or None, headers=_bearer(session)) as answer:
        if answer.headers.get("content-type", "").split(";")[0] != "text/event-stream":
            await answer.aread()
        return answer


def _bearer(session: Session) -> dict[str, str]:
    return {"Authorization": f"Bearer {session.token}"}


def _chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def _wish() -> dict[str, Any]:
    return {
        "title": "客厅的灯不亮了",
        "detail": "够不着，想请师傅来看看。",
        "category": "repair",
        "community": "310117001001",
        "contact": {"name": "沈桂兰", "phone": "15012345678", "address": "望湖路 12 弄 3 号 502 室"},
    }


async def _queue(client: Client, admin: Session) -> list[str]:
    answer = await client.get("/api/review-queue", admin, limit="100")
    return [item["id"] for item in answer["items"]]


async def _try_code(http: httpx.AsyncClient, challenge: str, code: str) -> httpx.Response:
    return await http.post("/api/signin/sessions", json={"challenge_id": challenge, "code": code})
