"""Bodies that can't be taken, at every route that takes one: told what is wrong, and nothing is stored.

Which routes there are is read from the app. What `tests-e2e/test_bad_input.py` sends isn't sent again here: this is
about size, encodings, shapes that break readers, not rules, one spoilt field in an otherwise good body, and time.
"""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from microwish.identity.guards import AS_OF_HEADER
from microwish.ids import uuid7
from wish_service.settings import WishSettings
from wish_service.web.tables import UPLOADS
from wish_service.web.uploads import PATHS as PHOTOS

from .bad_bodies import FORM, JSON, STRANGE_VALUES, Route, Sender, a_problem, changed, in_chunks, routes, spoilt
from .contract_kit import things_for

pytestmark = [pytest.mark.integration, pytest.mark.brokerless]

THINGS = "campaigns photo communities/import /tasks/"
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


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(settings_for: Callable[..., WishSettings], world_of: Callable[..., Any]) -> AsyncIterator[Any]:
    """A service of its own, where nobody else stores anything meanwhile."""
    async with world_of(settings_for("bad-bodies", similar_per_person_per_hour=10**6)) as world:
        yield world


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sender(place: Any, photo_samples: Any) -> Sender:
    resident, staff, admin = await place.person(), await place.staff(), await place.person("13800000000")
    known = await things_for(THINGS, place, resident, staff, photo_samples)
    return Sender(place, admin.http, resident, known)


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
            answer = await sender.send(route, content)
            if takes_files and route.is_page and answer.status_code == 422:
                assert answer.headers["content-type"].startswith("text/html"), "a page answers with the page"
                continue
            problem = a_problem(answer, route)
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
        for name in route.schema.get("properties", {}):
            answer = await sender.send(route, spoilt(route, sender.known, name, what))
            if answer.status_code >= 400:
                a_problem(answer, f"{route.method} {route.path} {name}")


@pytest.mark.parametrize("what", ["not a number", "too large for 64 bits", "a deep list"])
async def test_a_value_of_the_wrong_kind_is_named(sender: Sender, every: list[Route], what: str) -> None:
    before = await sender.stored()
    for route in every:
        for name in route.schema.get("properties", {}):
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
        problem = a_problem(await sender.send_good(route, **{AS_OF_HEADER: soon}), route)
        assert (problem["status"], problem["code"]) == (422, "invalid"), route
        assert AS_OF_HEADER in [fault["field"] for fault in problem["errors"]], route
    assert await sender.stored() == before


RULES: dict[str, tuple[str, dict[str, Any], str]] = {
    "a title too long": ("/api/wishes", {"title": "灯" * 61}, "title"),
    "a text too long": ("/api/wishes", {"detail": "灯" * 5000}, "detail"),
    "no such community": ("/api/wishes", {"community": "999999999999"}, "community"),
    "a code that is none": ("/api/wishes", {"community": "31011700100"}, "community"),
    "no such category": ("/api/wishes", {"category": "money"}, "category"),
    "a reason too long": ("/api/wishes/{wish_id}/withdrawal", {"reason": "久" * 5000}, "reason"),
    "no such reason": ("/api/wishes/{wish_id}/review", {"decision": "reject", "reason_code": "x"}, "reason_code"),
    "days in the wrong order": ("/api/campaigns", {"from": "2026-12-31", "to": "2026-01-01"}, "to"),
    "a day that is none": ("/api/campaigns", {"from": "2026-02-30"}, "from"),
    "staff of no place": ("/api/staff", {"communities": ["999999"]}, "communities"),
    "no sign-in code": ("/api/signin/sessions", {"challenge_id": uuid7(), "code": "12345a"}, "code"),
}


@pytest.mark.parametrize("what", RULES)
async def test_what_breaks_a_rule_is_named(sender: Sender, every: list[Route], what: str) -> None:
    path, change, field = RULES[what]
    route, before = next(one for one in every if (one.method, one.path) == ("POST", path)), await sender.stored()
    problem = a_problem(await sender.send(route, changed(route, sender.known, change)), what)
    assert (problem["status"], problem["code"]) == (422, "invalid"), problem
    assert [fault["field"].split(".")[0] for fault in problem["errors"]] == [field]
    assert await sender.stored() == before


async def test_a_photo_that_would_fill_the_memory_is_refused(
    sender: Sender, every: list[Route], photo_samples: Any
) -> None:
    bomb = (await sender.about_a_new_wish()).with_values(photo=photo_samples.bomb())
    before = await sender.stored()
    for route in every:
        if route.path == "/api/wishes/{wish_id}/photos":
            problem = a_problem(await bomb.send_good(route), route)
            assert (problem["status"], problem["errors"][0]["field"]) == (422, "photo")
    assert await sender.stored() == before


async def test_a_good_body_is_stored(sender: Sender, every: list[Route]) -> None:
    """The negative control: the bodies that are spoilt above are good, and what is stored shows."""
    before, taken = await sender.stored(), set()
    for route in every:
        about = await sender.about_a_new_wish() if "{wish_id}" in route.path else sender
        if (await about.send_good(route)).is_success:
            taken.add(route.path)
    every_kind = {"/api/wishes", "/api/campaigns", "/api/staff", "/api/wishes/import", "/api/communities/import"}
    about_wishes = {f"/api/wishes/{{wish_id}}/{what}" for what in ("review", "photos")}
    assert every_kind | about_wishes <= taken
    grown = {name for name, count in (await sender.stored()).items() if count != before[name]}
    assert {"wishes", "wishes told", "people told", "campaigns", "communities", "imports", "photos.files"} <= grown
