"""Communities and statistics."""

from datetime import UTC, datetime
from typing import Any

import pytest

from microwish.events import Topic
from microwish.events.adoption import AdoptionReleased, OrganisationKind
from microwish.ids import uuid7
from microwish.testing import eventually

pytestmark = pytest.mark.integration

STREET = "310117001"


async def test_the_tree_is_read_once_and_published(world: Any) -> None:
    answer = await world.client().get("/api/communities")
    names = {item["code"]: (item["name"], item["parent"]) for item in answer.json()["items"]}
    assert names["310117001001"] == ("龙潭社区", "310117001")
    assert names["310117"] == ("松江区", None)
    same = await world.client().get("/api/communities", headers={"If-None-Match": answer.headers["etag"]})
    assert same.status_code == 304
    saved = await world.feed.wait_for(Topic.WISH, lambda e: e.subject == "310117001001")
    assert (saved.version, saved.data["name"]) == (1, "龙潭社区居委会")
    tree = world.service.parts.communities
    assert await tree.save(tree.all(), when=_when(world)) == 0


async def test_figures_count_by_event_time_and_only_what_stands(world: Any, wish_body: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    admin = await world.person("13800000000")
    campaign = await _campaign(world, staff, "2026-01-30", "2026-02-28")
    figures_of = {"campaign": campaign}
    assert (await world.client().get("/api/stats", params=figures_of)).json()["totals"]["posted"] == 0
    past = {"Microwish-As-Of": "2026-01-31T17:30:00Z", "Microwish-Recorder": admin.token}
    ids = []
    for _ in range(3):
        made = await resident.post("/api/wishes", wish_body(campaign=campaign), **past)
        ids.append(made.json()["id"])
        path = f"/api/wishes/{ids[-1]}/review"
        assert (await staff.post(path, {"decision": "approve"}, **past)).status_code == 200
    party, unit = uuid7(), uuid7()
    at = datetime(2026, 2, 2, 17, 30, tzinfo=UTC)
    one = world.adopted(ids[0], organisation_id=party, claimed_at=at)
    two = world.adopted(ids[1], "和风中学", organisation_id=unit, kind=OrganisationKind.RESIDENT_UNIT, claimed_at=at)
    gone = world.adopted(ids[2], "走了的", claimed_at=at)
    for event in (one, two, gone, world.reported(one), AdoptionReleased(**world.same(gone))):
        await world.tell(event, time=at)
    await world.state(resident, ids[0], "delivered")
    late = {**past, "Microwish-As-Of": "2026-02-04T05:30:00Z"}
    body = {"adoption_id": one.adoption_id}
    assert (await resident.post(f"/api/wishes/{ids[0]}/confirmation", body, **late)).status_code == 200

    async def counted() -> dict[str, Any] | None:
        stats = (await world.client().get("/api/stats", params=figures_of)).json()
        totals = stats["totals"]
        assert (totals["posted"], totals["claimed"], totals["fulfilled"]) == (3, 2, 1), totals
        return stats

    stats = await eventually(counted, seconds=60)
    figures = {
        "posted": 3,
        "claimed": 2,
        "confirmed": 1,
        "fulfilled": 1,
        "organisations": {"party_organisation": 1, "resident_unit": 1},
        "median_days_to_claim": 2.0,
        "median_days_to_confirm": 1.5,
        "median_days_from_posted_to_confirm": 3.5,
    }
    assert stats["totals"] == figures
    assert stats["months"] == [{"month": "2026-02", **figures}]
    assert stats["areas"] == [{"code": "310117", "name": "松江区", **figures}]
    assert [(row["name"], row["posted"]) for row in stats["communities"]] == [("龙潭社区", 3)]
    lines = (await resident.get(f"/api/wishes/{ids[0]}/timeline")).json()["items"]
    assert lines[0]["at"] == "2026-01-31T17:30:00.000Z"
    assert lines[0]["recorded_at"] is not None
    assert lines[0]["recorded_by"] == admin.id


async def _campaign(world: Any, staff: Any, first: str, last: str) -> str:
    """One to have figures of its own in, known to everybody."""
    body = {"name": "单独统计", "colour": "red", "text": "只看这一次", "from": first, "to": last, "scope": STREET}
    answer = await staff.post("/api/campaigns", body)
    assert answer.status_code == 201, answer.text
    campaign_id = str(answer.json()["id"])

    async def known() -> bool:
        return (await world.client().get(f"/api/campaigns/{campaign_id}")).status_code == 200

    await eventually(known, seconds=60)
    return campaign_id


def _when(world: Any) -> Any:
    from microwish.when import When

    return When.now(world.service.parts.clock)


async def test_the_page_shows_months_as_bars_and_as_a_table(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    today = datetime.now(world.service.settings.zone).date()
    campaign = await _campaign(world, staff, today.isoformat(), today.isoformat())
    for category in ("goods", "medical"):
        await world.posted(resident, staff, category=category, campaign=campaign)
    asked = {"campaign": campaign}

    async def shown() -> str:
        page = await world.client(accept="text/html").get("/stats", params=asked)
        assert page.status_code == 200
        assert "<svg" in page.text
        assert "人数少" in page.text
        return str(page.text)

    page = await eventually(shown, seconds=60)
    assert page.count("<rect") == 3
    assert "<table" in page
    month = f"{today:%Y-%m}"
    staffs = {**asked, "community": STREET, "from": month, "to": month}
    exact = await staff.http.get("/stats", params=staffs, headers={"Accept": "text/html"})
    assert exact.status_code == 200
    assert "准确数字" in exact.text
    assert "人数少" not in exact.text
    anything = {"community": "x", "from": "y", "to": "z", "campaign": "none"}
    assert (await world.client(accept="text/html").get("/stats", params=anything)).status_code == 200
