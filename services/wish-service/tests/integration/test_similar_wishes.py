"""Similar wishes: who is shown which, found by an index, and merged from the desk."""

from typing import Any

import pytest

from microwish.ids import uuid7
from microwish.testing import eventually
from wish_service.domain.similarity import grams_to_find
from wish_service.views.alike import INDEX, candidates_pipeline

pytestmark = pytest.mark.integration

HERE, OTHER = "310117001001", "310117001002"


def asking(thing: str, **changes: Any) -> dict[str, Any]:
    return {"title": f"想要一台{thing}", "detail": "", "category": "goods", "community": HERE, **changes}


async def similar(someone: Any, body: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await someone.post("/api/wishes/similar", body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["next_cursor"] is None
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def a_thing() -> str:
    """Something that no other test of the shared world wishes for."""
    digits = uuid7()[-12:]
    return "".join(chr(0x4E00 + int(digits[at : at + 4], 16) % 20_000) for at in (0, 4, 8))


async def found(someone: Any, body: dict[str, Any], wish_id: str) -> dict[str, Any]:
    async def look() -> dict[str, Any]:
        items = {item["id"]: item for item in await similar(someone, body)}
        assert wish_id in items, items
        return items[wish_id]

    return await eventually(look, seconds=60)


async def test_residents_see_public_words_and_their_own_waiting_ones_alone(world: Any) -> None:
    resident, another, staff = await world.person(), await world.person(), await world.staff()
    thing = a_thing()
    waiting = await world.submitted(resident, title=f"盼望有台{thing}", detail="我的原话")
    body = asking(thing)
    assert [item["own"] for item in await similar(resident, body)] == [True]
    assert await similar(another, body) == []
    assert [item["published"] for item in await similar(staff, body)] == [False]
    review = {"decision": "approve", "public_title": f"一台{thing}", "public_detail": "公开的话"}
    assert (await staff.post(f"/api/wishes/{waiting}/review", review)).status_code == 200
    item = await found(another, body, waiting)
    assert (item["title"], item["detail"], item["status"]) == (f"一台{thing}", "公开的话", "posted")
    assert item["published"]
    assert not item["own"]
    assert 0.7 < item["score"] <= 1
    assert await similar(another, asking(thing, community=OTHER)) == []
    assert await similar(another, asking(a_thing())) == []
    assert await similar(another, {**body, "wish_id": waiting}) == []


async def test_what_has_ended_is_no_longer_shown(world: Any) -> None:
    resident, another, staff = await world.person(), await world.person(), await world.staff()
    thing = a_thing()
    wish_id = await world.posted(resident, staff, title=f"想要{thing}", detail="")
    await found(another, asking(thing), wish_id)
    assert (await staff.post(f"/api/wishes/{wish_id}/closing", {"reason": "买不到"})).status_code == 200

    async def gone() -> bool:
        assert await similar(another, asking(thing)) == []
        return True

    async def left_the_index() -> bool:
        row = await world.service.views.alike.rows.find_one({"_id": wish_id})
        assert row is not None
        assert "grams" not in row["wish"]
        return True

    assert await eventually(gone, seconds=60)
    assert await eventually(left_the_index, seconds=60)


async def test_staff_are_shown_what_may_be_the_same_and_merge_it(world: Any) -> None:
    resident, another, staff = await world.person(), await world.person(), await world.staff()
    elsewhere = await world.staff("310117005")
    thing = a_thing()
    first = await world.posted(resident, staff, title=f"想要{thing}", detail="")
    second = await world.submitted(another, title=f"希望有一台{thing}", detail="")
    third = await world.submitted(another, title=f"缺一台{thing}", detail="")

    async def look() -> dict[str, dict[str, Any]]:
        items = (await staff.get(f"/api/wishes/{second}/similar")).json()["items"]
        assert {item["id"] for item in items} == {first, third}
        return {item["id"]: item for item in items}

    items = await eventually(look, seconds=60)
    assert (items[first]["published"], items[third]["published"]) == (True, False)
    assert (await another.get(f"/api/wishes/{second}/similar")).status_code == 403
    assert (await elsewhere.get(f"/api/wishes/{second}/similar")).json()["code"] == "other_community"
    browser = world.client(Accept="text/html")
    browser.cookies.set("microwish_session", staff.token)
    desk = await browser.get(f"/desk?wish={second}")
    assert "像是同一件事的心愿" in desk.text
    assert f'name="into" value="{first}"' in desk.text
    assert f'name="into" value="{third}"' not in desk.text
    csrf = browser.cookies["microwish_csrf"]
    merged = await browser.post(f"/desk/{second}/merge", data={"csrf": csrf, "into": first})
    assert (merged.status_code, merged.headers["location"]) == (303, "/desk")
    assert (await another.get(f"/api/wishes/{second}")).json()["merged_into"] == first


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "字" * 61}, "title"),
        ({"detail": "字" * 601}, "detail"),
        ({"category": "x"}, "category"),
        ({"community": "310117"}, "community"),
        ({"community": "999999999999"}, "community"),
    ],
)
async def test_bad_questions_name_the_field(world: Any, change: dict[str, Any], field: str) -> None:
    resident = await world.person()
    answer = await resident.post("/api/wishes/similar", {**asking("收音机"), **change})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert field in {error["field"] for error in answer.json()["errors"]}
    assert (await world.client().post("/api/wishes/similar", json=asking("收音机"))).status_code == 401


async def test_questions_are_limited_per_person(another_world: Any) -> None:
    async with another_world(consume=False, similar_per_person_per_hour=2) as world:
        resident, another = await world.person(), await world.person()
        for _ in range(2):
            await similar(resident, asking("收音机"))
        answer = await resident.post("/api/wishes/similar", asking("收音机"))
        assert (answer.status_code, answer.json()["code"]) == (429, "asked_too_often")
        assert int(answer.headers["retry-after"]) > 0
        assert await similar(another, asking("收音机")) == []


async def test_candidates_come_from_the_index_and_other_communities_are_not_looked_at(world: Any) -> None:
    place, far = "310117009001", "310117009002"
    rows = [
        {"_id": uuid7(), "wish": {"version": 1, "place": where, "grams": grams_to_find(f"想要一台收音机{number}")}}
        for number in range(40)
        for where in (place, *[far] * 9)
    ]
    await world.service.views.alike.rows.insert_many(rows)
    pipeline = candidates_pipeline(place, grams_to_find("半导体一台"), 10)
    told = await world.service.mongo.db.command(
        "explain",
        {"aggregate": world.service.views.alike.rows.name, "pipeline": pipeline, "cursor": {}},
        verbosity="executionStats",
    )
    text = str(told)
    assert f"'indexName': '{INDEX}'" in text
    assert "COLLSCAN" not in text
    assert _documents(told) == [40]


def _documents(told: Any) -> list[int]:
    """How many documents the winning plans looked at."""
    if isinstance(told, list):
        return [number for one in told for number in _documents(one)]
    if not isinstance(told, dict):
        return []
    if "totalDocsExamined" in told:
        return [told["totalDocsExamined"]]
    return [number for one in told.values() for number in _documents(one)]
