"""`GET /api/stats`: what may be asked, by whom, and what is refused."""

from typing import Any

import pytest

pytestmark = pytest.mark.integration


async def test_the_answer_names_places_and_what_was_asked(world: Any) -> None:
    answer = await world.client().get(
        "/api/stats", params={"community": "310117001", "from": "2026-01", "to": "2026-02"}
    )
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["community"] == {"code": "310117001", "name": "岳阳街道"}
    assert (told["from"], told["to"], told["campaign"]) == ("2026-01", "2026-02", None)
    assert answer.headers["etag"]


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"community": "310117999"}, "community"),
        ({"community": "31"}, "community"),
        ({"from": "2026-13"}, "from"),
        ({"to": "jan"}, "to"),
        ({"from": "2026-03", "to": "2026-02"}, "to"),
        ({"campaign": "none-such"}, "campaign"),
    ],
)
async def test_what_cannot_be_asked_is_refused_by_field(world: Any, params: dict[str, str], field: str) -> None:
    for path in ("/api/stats", "/api/stats/exact"):
        asking = world.client() if path == "/api/stats" else (await _admin(world)).http
        answer = await asking.get(path, params=params)
        assert answer.status_code == 422, answer.text
        assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_staff_see_exact_figures_of_their_own_place_only(world: Any) -> None:
    staff = await world.staff("310117001")
    own = await staff.get("/api/stats/exact")
    assert own.json()["community"]["code"] == "310117001"
    assert "no-store" in own.headers["cache-control"]
    assert isinstance(own.json()["cells"], list)
    assert (await staff.get("/api/stats/exact", community="310117001002")).status_code == 200
    for elsewhere in ("310117005", "310117"):
        answer = await staff.get("/api/stats/exact", community=elsewhere)
        assert (answer.status_code, answer.json()["code"]) == (403, "other_community")
    both = await world.staff("310117001", "310117005")
    answer = await both.get("/api/stats/exact")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "community"
    resident = await world.person()
    assert (await resident.get("/api/stats/exact")).status_code == 403
    assert (await world.client().get("/api/stats/exact")).status_code == 401
    assert (await (await _admin(world)).get("/api/stats/exact")).json()["community"] is None


async def _admin(world: Any) -> Any:
    return await world.person("13800000000")
