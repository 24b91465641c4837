"""Bodies that can't be taken, at every route that takes one: told what is wrong, and nothing is stored.

Which routes there are is read from the app. What `tests-e2e/test_bad_input.py` sends isn't sent again here: this is
about size, encodings, shapes that break readers, not rules, one spoilt field in an otherwise good body, and time.
"""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi.routing import iter_route_contexts

from microwish.identity.guards import AS_OF_HEADER, commanded_at
from microwish.ids import uuid7
from microwish.web.openapi import dependencies
from wish_service.settings import WishSettings
from wish_service.web.routes import API, PAGES
from wish_service.web.tables import UPLOADS
from wish_service.web.uploads import PATHS as PHOTOS
from wish_service.wiring import AGGREGATES

from .contract_kit import DROP, Known, things_for

pytestmark = pytest.mark.integration

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
WRITING = ("PATCH", "POST", "PUT")
TRUTH = (*AGGREGATES, "imports", "exports", "community_imports", "photos.files")
TEN_MEGABYTES = b'{"title": "' + "长".encode() * 3_500_000 + b'"}'
DEEP = b'{"a":' * 100_000
UNREADABLE = {
    "bytes that are not UTF-8": b'{"title": "\xff\xfe\xc3"}',
    "Chinese in GB18030": '{"title": "想要一台收音机"}'.encode("gb18030"),
    "half a character": '{"title": "灯"}'.encode()[:-4] + b'"}',
    "text": "想要一台收音机".encode(),
    "a form": b"title=%E7%81%AF&category=goods",
    "XML": b"<wish/>",
    "two values": b"{} {}",
    "nesting without end": DEEP,
    "nesting that ends": DEEP + b"1" + b"}" * 100_000,
    "lists without end": b"[" * 300_000,
    "a number longer than Python reads": b'{"slots": ' + b"9" * 5000 + b"}",
}
NO_OBJECT = {
    "a list": b"[]",
    "a list of objects": b'[{"title": "x"}]',
    "a text": b'"title"',
    "a number": b"1",
    "null": b"null",
    "true": b"true",
    "not a number": b"NaN",
    "minus infinity": b"-Infinity",
}
STRANGE_VALUES = {
    "not a number": b"NaN",
    "infinity": b"Infinity",
    "too large for a float": b"1e999",
    "too large for 64 bits": b"9" * 400,
    "just too large for 64 bits": b"9223372036854775808",
    "half a character": rb'"\ud800"',
    "halves in the wrong order": rb'"\udc00\ud800"',
    "a NUL": rb'"\u0000"',
    "a NUL inside": rb'"a\u0000b"',
    "a field's reference": b'"$title"',
    "an operator": b'{"$ne": null}',
    "a deep list": b"[" * 900 + b"]" * 900,
}


@dataclass(frozen=True)
class Route:
    """A route that changes something."""

    method: str
    path: str
    dated: bool
    takes: str | None
    schema: dict[str, Any] | None

    def at(self, known: Known) -> str:
        """Its address, with things that exist where it names some."""
        names = re.findall(r"{(\w+)}", self.path)
        return self.path.format(**{name: known.ids.get(name, [uuid7()])[0] for name in names})


def routes(app: Any) -> Iterator[Route]:
    document = app.openapi()
    for router in (*API, *PAGES):
        for context in iter_route_contexts(router.routes):
            for method in sorted(set(context.methods or ()) & set(WRITING)):
                dated = commanded_at in dependencies(context.dependant)
                operation = document["paths"].get(context.path, {}).get(method.lower())
                body = (operation or {}).get("requestBody", {}).get("content", {})
                takes = next(iter(body), None) if operation else FORM
                schema = body.get(JSON, {}).get("schema")
                yield Route(method, str(context.path), dated, takes, _resolved(schema, document) if schema else None)


def _resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    return found


@dataclass
class Sender:
    """Sends anything anywhere, as an admin, who may do most."""

    place: Any
    http: httpx.AsyncClient
    known: Known

    async def send(self, route: Route, content: Any, kind: str = JSON, **headers: str) -> httpx.Response:
        told = {"Content-Type": kind, **headers}
        return await self.http.request(route.method, route.at(self.known), content=content, headers=told)

    async def stored(self) -> dict[str, Any]:
        """How much there is of everything that is truth, how often it was written, and how many events tell of it.

        Views, journal and outboxes follow from that, a moment later.
        """
        db = self.place.service.mongo.db
        counted: dict[str, Any] = {}
        for name in TRUTH:
            rows = await db.get_collection(name).find({}, {"revision": 1, "streamversion": 1}).to_list(None)
            counted[name] = len(rows)
            counted[f"{name} written"] = sum(row.get("revision", 0) for row in rows)
            counted[f"{name} told"] = sum(row.get("streamversion", 0) for row in rows)
        return counted


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(settings_for: Callable[..., WishSettings], world_of: Callable[..., Any]) -> AsyncIterator[Any]:
    """A service of its own, where nobody else stores anything meanwhile."""
    async with world_of(settings_for("bad-bodies", similar_per_person_per_hour=10**6)) as world:
        yield world


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sender(place: Any, photo_samples: Any) -> Sender:
    resident, staff, admin = await place.person(), await place.staff(), await place.person("13800000000")
    known = await things_for("campaigns photo communities", place, resident, staff, photo_samples)
    return Sender(place, admin.http, known)


@pytest.fixture
def every(place: Any) -> list[Route]:
    found = list(routes(place.service.app))
    assert len(found) > 40
    return found


async def test_ten_megabytes_are_too_much_for_every_route(sender: Sender, every: list[Route]) -> None:
    before = await sender.stored()
    for route in every:
        takes_files = PHOTOS.fullmatch(route.at(sender.known)) or UPLOADS.fullmatch(route.path)
        # Nobody reads the chunks of a body that no route wants.
        for content in (TEN_MEGABYTES, *([in_chunks(TEN_MEGABYTES)] if route.takes == JSON else [])):
            problem = a_problem(await sender.send(route, content), route)
            assert problem["status"] in ({413, 400, 422} if takes_files else {413}), f"{route} {problem}"
            if problem["status"] == 413:
                assert problem["code"] == "too_large"
                assert "KB" in problem["detail"]
    assert await sender.stored() == before


@pytest.mark.parametrize("what", UNREADABLE)
async def test_what_cannot_be_read_is_said_to_be_so(sender: Sender, every: list[Route], what: str) -> None:
    before = await sender.stored()
    for route in every:
        for headers in ({}, {"Idempotency-Key": uuid7()}):
            if route.takes == JSON:
                problem = a_problem(await sender.send(route, UNREADABLE[what], **headers), route)
                assert (problem["status"], problem["code"]) == (400, "unreadable"), route
    assert await sender.stored() == before


@pytest.mark.parametrize("what", NO_OBJECT)
async def test_what_is_no_object_is_said_to_be_so(sender: Sender, every: list[Route], what: str) -> None:
    before = await sender.stored()
    for route in every:
        if route.takes == JSON:
            problem = a_problem(await sender.send(route, NO_OBJECT[what]), route)
            assert (problem["status"], problem["code"]) == (422, "invalid"), route
            assert [fault["field"] for fault in problem["errors"]] == ["body"], route
    assert await sender.stored() == before


@pytest.mark.parametrize("what", STRANGE_VALUES)
async def test_one_strange_value_in_a_good_body_breaks_nothing(sender: Sender, every: list[Route], what: str) -> None:
    for route in every:
        for name in (route.schema or {}).get("properties", {}):
            answer = await sender.send(route, spoilt(route, sender.known, name, what))
            if answer.status_code >= 400:
                a_problem(answer, f"{route.method} {route.path} {name}")


@pytest.mark.parametrize("what", ["not a number", "too large for 64 bits", "a deep list"])
async def test_a_value_of_the_wrong_kind_is_named(sender: Sender, every: list[Route], what: str) -> None:
    before = await sender.stored()
    for route in every:
        for name in (route.schema or {}).get("properties", {}):
            problem = a_problem(await sender.send(route, spoilt(route, sender.known, name, what)), f"{route} {name}")
            assert (problem["status"], problem["code"]) == (422, "invalid"), f"{route} {name}"
            assert name in {fault["field"].split(".")[0] for fault in problem["errors"]}, f"{route} {name}"
    assert await sender.stored() == before


async def test_a_route_without_a_body_bears_one(sender: Sender, every: list[Route]) -> None:
    for route in every:
        if route.takes is None:
            for what, content in (UNREADABLE | NO_OBJECT).items():
                answer = await sender.send(route, content, **{"Idempotency-Key": uuid7()})
                assert answer.status_code < 500, f"{route} {what}"


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x", "multipart/form-data", "text/plain", "x/y"])
async def test_a_form_that_cannot_be_read_breaks_nothing(sender: Sender, every: list[Route], kind: str) -> None:
    broken = {
        "not UTF-8": b"title=%FF%FE%C3&name=%C0%80",
        "a NUL": b"title=%00&name=a%00b&wish_id=%00",
        "many fields": b"&".join(b"f%d=1" % number for number in range(3000)),
        "a part without an end": b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nabc',
        "a part without a name": b"--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--\r\n",
        "a file where a text belongs": (
            b'--x\r\nContent-Disposition: form-data; name="title"; filename="a"\r\n\r\n\xff\r\n--x--\r\n'
        ),
    }
    for route in every:
        if route.takes not in {None, JSON}:
            for what, content in broken.items():
                answer = await sender.send(route, content, kind)
                assert answer.status_code < 500, f"{route} {what} {answer.text}"


async def test_a_form_that_is_not_utf_8_is_said_to_be_so(sender: Sender, every: list[Route]) -> None:
    before, refused = await sender.stored(), 0
    for route in every:
        if route.takes == FORM:
            answer = await sender.send(route, b"title=%FF%FE%C3&note=%C0%80", FORM)
            if answer.status_code == 400:
                assert a_problem(answer, route)["code"] == "unreadable"
                refused += 1
    assert refused >= 10
    changed = {name for name, count in (await sender.stored()).items() if count != before[name]}
    assert changed <= {"wishes written", "wishes told"}, "forms without texts act: claim a review, say yes"


async def test_nothing_happens_in_the_future(sender: Sender, every: list[Route]) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    before, dated = await sender.stored(), [route for route in every if route.dated]
    assert len(dated) > 20
    for route in dated:
        kind = route.takes or JSON
        answer = await sender.send(route, good(route, sender.known), kind, **{AS_OF_HEADER: soon})
        problem = a_problem(answer, route)
        assert (problem["status"], problem["code"]) == (422, "invalid"), route
        assert AS_OF_HEADER in [fault["field"] for fault in problem["errors"]], route
    assert await sender.stored() == before


async def test_a_good_body_is_stored(sender: Sender, every: list[Route]) -> None:
    """The negative control: the bodies that are spoilt above are good, and what is stored shows."""
    before = await sender.stored()
    taken = [route.path for route in every if (await sender.send(route, good(route, sender.known))).is_success]
    assert {"/api/wishes", "/api/wishes/{wish_id}/review", "/api/campaigns", "/api/staff"} <= set(taken)
    assert await sender.stored() != before


def good(route: Route, known: Known) -> bytes:
    """A body that the route takes, as far as its schema and the things that exist say."""
    return json.dumps(_good(route, known)).encode() if route.takes == JSON else b""


def spoilt(route: Route, known: Known, name: str, what: str) -> bytes:
    """The good body with one value replaced."""
    mark = uuid7()
    body = json.dumps({**_good(route, known), name: mark}).encode()
    return body.replace(f'"{mark}"'.encode(), STRANGE_VALUES[what])


def _good(route: Route, known: Known) -> dict[str, Any]:
    body: dict[str, Any] = {"contact": {name: known.values[name] for name in ("name", "phone", "address")}}
    body |= {"decision": "approve", "category": "goods", "colour": "red", "slots": 1, "code": "123456"}
    body |= {name: value for name, value in known.values.items() if value is not DROP}
    return {name: body[name] for name in (route.schema or {}).get("properties", {}) if name in body}


def a_problem(answer: httpx.Response, what: object) -> dict[str, Any]:
    """The answer is a whole problem that isn't the service's own fault."""
    assert 400 <= answer.status_code < 500, f"{what}: {answer.status_code} {answer.text[:300]}"
    assert answer.headers["content-type"] == "application/problem+json", what
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code, what
    assert problem["title"], what
    return problem


async def in_chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 64_000):
        yield content[start : start + 64_000]
