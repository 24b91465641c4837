"""What tests of bad bodies need: every route that changes something, good bodies for it, and what is stored."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
from fastapi.routing import iter_route_contexts

from microwish.identity.guards import commanded_at
from microwish.ids import uuid7
from microwish.web.openapi import dependencies
from wish_service.stores import OUTBOXES
from wish_service.web.routes import API, PAGES

from .contract_kit import DROP, Known

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
FILES = "multipart/form-data"
WRITING = ("PATCH", "POST", "PUT")
TRUTH = (*OUTBOXES, "imports", "exports", "community_imports", "photos.files")
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
    """A route that changes something. dated: its command may be dated; takes: the kind of its body, if it has one."""

    method: str
    path: str
    is_page: bool
    dated: bool
    takes: str | None
    schema: dict[str, Any]

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
                schema = _resolved(body.get(JSON, {}).get("schema", {}), document)
                yield Route(method, str(context.path), operation is None, dated, takes, schema)


def _resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    return found


@dataclass
class Sender:
    """Sends anything anywhere, as an admin, who may do most."""

    place: Any
    http: httpx.AsyncClient
    resident: Any
    known: Known

    async def about_a_new_wish(self) -> "Sender":
        """The same about a wish that nothing has happened to."""
        ids = {**self.known.ids, "wish_id": [await self.place.submitted(self.resident)]}
        return replace(self, known=replace(self.known, ids=ids))

    def with_values(self, **values: Any) -> "Sender":
        """The same with other values in good bodies."""
        return replace(self, known=replace(self.known, values={**self.known.values, **values}))

    async def send(self, route: Route, content: Any, kind: str = JSON, **headers: str) -> httpx.Response:
        told = {"Content-Type": kind, **headers}
        return await self.http.request(route.method, route.at(self.known), content=content, headers=told)

    async def send_good(self, route: Route, **headers: str) -> httpx.Response:
        """What the route takes, as far as its schema and the things that exist say."""
        content, kind = good(route, self.known)
        return await self.send(route, content, kind, **headers)

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


def good(route: Route, known: Known) -> tuple[bytes, str]:
    """A body that the route takes, and its kind."""
    if route.takes == JSON:
        return json.dumps(_good(route, known)).encode(), JSON
    if route.takes == FILES:
        name = "photo" if "photos" in route.path else "file"
        form = httpx.Request("POST", "http://wish.test", files={name: (name, known.values[name])})
        return form.read(), form.headers["content-type"]
    if route.takes == "text/csv":
        return (known.text or "").encode(), route.takes
    return b"", route.takes or JSON


def spoilt(route: Route, known: Known, name: str, what: str) -> bytes:
    """The good body with one value replaced by one that JSON can say and nobody means."""
    mark = uuid7()
    return changed(route, known, {name: mark}).replace(f'"{mark}"'.encode(), STRANGE_VALUES[what])


def changed(route: Route, known: Known, change: dict[str, Any]) -> bytes:
    """The good body with some values replaced."""
    return json.dumps({**_good(route, known), **change}).encode()


def _good(route: Route, known: Known) -> dict[str, Any]:
    body: dict[str, Any] = {"contact": {name: known.values[name] for name in ("name", "phone", "address")}}
    body |= {"decision": "approve", "category": "goods", "colour": "red", "slots": 1, "code": "123456"}
    body |= {name: value for name, value in known.values.items() if value is not DROP}
    return {name: body[name] for name in route.schema.get("properties", {}) if name in body}


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
