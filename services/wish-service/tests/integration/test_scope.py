"""Staff serve their own divisions alone: every route that names a wish, walked as staff of the neighbouring street."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from PIL import Image

from wish_service.web.routes import API, PAGES

pytestmark = pytest.mark.integration

PUBLIC_TO_READ = {
    ("GET", "/api/wishes/{wish_id}"),
    ("GET", "/api/wishes/{wish_id}/timeline"),
    ("GET", "/wishes/{wish_id}"),
}
"""What everybody may read of a wish on the wall; of any other they are told that there is none."""

OF_ANY_BODY: dict[str, Any] = {
    "decision": "approve",
    "reason": "邻街的",
    "adoption_id": "0197a0aa-0000-7000-8000-000000000000",
    "organisation_id": "0197a0aa-0000-7000-8000-000000000000",
    "note": "邻街的",
    "title": "邻街的",
    "category": "goods",
    "campaign_id": None,
}


def routes() -> Iterator[tuple[str, str]]:
    """(method, path) of every route, also of those that are not in the published document."""
    for router in [*API, *PAGES]:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            yield from ((method, route.path) for method in sorted(route.methods) if method not in {"HEAD", "OPTIONS"})


def of_a_wish() -> list[tuple[str, str]]:
    return [(method, path) for method, path in routes() if "{wish_id}" in path]


def filled(path: str, wish_id: str) -> str:
    return re.sub(r"\{[a-z_]+\}", "0197a0aa-0000-7000-8000-000000000000", path.replace("{wish_id}", wish_id))


def picture() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(kept, "PNG")
    return kept.getvalue()


async def asked(someone: Any, method: str, path: str, body: dict[str, Any]) -> Any:
    if method == "POST" and path.endswith("/photos"):
        return await someone.http.post(path, files={"photo": ("a.png", picture(), "image/png")})
    if path.startswith("/api/"):
        return await someone.http.request(method, path, json=body if method not in {"GET", "DELETE"} else None)
    form = {name: str(value) for name, value in body.items() if value is not None}
    return await someone.http.request(method, path, data=form if method != "GET" else None)


def test_there_are_routes_to_walk() -> None:
    walked = of_a_wish()
    assert len(walked) > 20
    assert ("POST", "/api/wishes/{wish_id}/review") in walked


async def a_wish(world: Any, status: str) -> tuple[str, str]:
    """A wish of the first street, and another of it that is on the wall."""
    resident, staff = await world.person(), await world.staff("310117001")
    other = await world.posted(resident, staff)
    if status == "submitted":
        return await world.submitted(resident), other
    wish_id = await world.posted(resident, staff)
    await world.on_wall(wish_id, "posted")
    return wish_id, other


@pytest.mark.parametrize("status", ["submitted", "posted"])
async def test_staff_of_the_neighbouring_street_are_strangers_to_a_wish(world: Any, status: str) -> None:
    neighbour = await world.staff("310117005")
    wish_id, other = await a_wish(world, status)
    wrong = []
    for method, path in of_a_wish():
        answer = await asked(neighbour, method, filled(path, wish_id), {**OF_ANY_BODY, "into": other})
        refused = answer.status_code in {403, 404}
        public = status == "posted" and (method, path) in PUBLIC_TO_READ and answer.status_code == 200
        if not refused and not public:
            wrong.append((method, path, answer.status_code, answer.text[:200]))
        if public:
            assert not any(secret in answer.text for secret in ("王**", "original", "resident_id")), path
    assert wrong == []
    seen = await world.service.parts.wishes.load(wish_id)
    assert (seen.status.value, seen.review_claim) == (status, None)
    assert not {"ContactShown", "WishMerged"} & {line.what for line in seen.timeline}


async def test_the_same_routes_know_staff_of_the_street_itself(world: Any) -> None:
    """The control: what the walk above calls refused is not what everybody gets."""
    own = await world.staff("310117001")
    wish_id, other = await a_wish(world, "submitted")
    walked = [("POST", "/review-claim"), ("GET", "/contact"), ("GET", ""), ("GET", "/timeline"), ("POST", "/review")]
    for method, path in walked:
        answer = await asked(own, method, f"/api/wishes/{wish_id}{path}", {**OF_ANY_BODY, "into": other})
        assert answer.status_code == 200, (path, answer.text)


async def test_no_list_of_the_desk_shows_a_wish_of_the_neighbouring_street(world: Any) -> None:
    neighbour = await world.staff("310117005")
    wish_id, _ = await a_wish(world, "submitted")
    walked = 0
    for method, path in routes():
        if method != "GET" or "{" in path or path.startswith(("/static", "/api/wishes/stream")):
            continue
        answer = await neighbour.http.get(path)
        assert wish_id not in answer.text, path
        walked += 1
    assert walked > 15
    taken = (await neighbour.post("/api/review-queue/next")).json()["item"]
    assert taken is None or taken["community"]["code"].startswith("310117005")
    batch = await neighbour.post("/api/review-queue/approvals", {"wish_ids": [wish_id]})
    assert [item["code"] for item in batch.json()["items"]] == ["other_community"]
