"""What stalls: active adoptions past half their term of which nothing was heard since, for staff of the place."""

from datetime import datetime, timedelta

import pytest

from adoption_service.views.stalled import past_half
from microwish.store.mongo import Document
from microwish.when import When

pytestmark = pytest.mark.integration
PLACE = "310117099001"
HOLDING = ("organisation", "partners")


async def earlier(world, wish_id: str, days: int) -> datetime:
    """Let the wish's only adoption have been claimed so many days ago; its half time."""
    (held,) = (await world.service.claims.aggregates.load(wish_id))["adoptions"]
    by = timedelta(days=days)
    shifted: Document = {f"adoptions.0.{name}": held[name] - by for name in ("term_from", "due_at", "half_at")}
    await world.service.claims.collection.update_one({"_id": wish_id}, {"$set": shifted})
    return held["half_at"] - by


async def test_what_stalls_is_shown_to_staff_of_the_place_page_by_page(world) -> None:
    member, organisation_id = await world.organisation("清河物业")
    wishes = [await world.wish(community=PLACE, title=f"心愿{day}") for day in range(4)]
    adoptions = [await world.adoption(member, one, organisation_id) for one in wishes]
    for wish_id, days in zip(wishes, (9, 12, 10, 3), strict=True):  # of 15: the last is not past half
        await earlier(world, wish_id, days)
    staff = world.staff("310117099")
    pages, cursor = [], ""
    while cursor is not None:
        answer = await staff.get(f"/api/adoptions/stalled?limit=2{cursor and f'&cursor={cursor}'}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
        pages.append([one["adoption_id"] for one in answer.json()["items"]])
        cursor = answer.json()["next_cursor"]
    assert pages == [[adoptions[1], adoptions[2]], [adoptions[0]]]
    first = (await staff.get(f"/api/adoptions/stalled?community={PLACE}")).json()["items"][0]
    assert (first["organisation"], first["title"], first["days_past"]) == ("清河物业", "心愿1", 4)
    assert (first["handler_name"], first["office_phone"]) == ("李明", "02155550100"), "whom to call first"
    assert (first["last_note_at"], first["handover"]) == (None, None)
    # A note from the first half does not count, one since then does.
    await member.post(f"/api/adoptions/{adoptions[1]}/progress", {"note": "已买好"})
    await member.post(f"/api/adoptions/{adoptions[2]}/progress", {"note": "已买好"})
    long_ago = When.now(world.service.timers._clock).at - timedelta(days=9)
    await world.service.claims.collection.update_one({"_id": wishes[2]}, {"$set": {"adoptions.0.notes.0.at": long_ago}})
    left = (await staff.get("/api/adoptions/stalled")).json()["items"]
    assert [one["adoption_id"] for one in left] == [adoptions[2], adoptions[0]]
    assert [one["last_note_at"] is None for one in left] == [False, True]
    await member.post(f"/api/adoptions/{adoptions[0]}/delivery", {})
    assert len((await staff.get("/api/adoptions/stalled")).json()["items"]) == 1


async def test_only_staff_and_only_of_their_places(world) -> None:
    assert (await world.person().get("/api/adoptions/stalled")).status_code == 403
    elsewhere = world.staff("310117098")
    assert (await elsewhere.get("/api/adoptions/stalled")).json()["items"] == []
    assert (await elsewhere.get(f"/api/adoptions/stalled?community={PLACE}")).json()["code"] == "forbidden"
    assert (await elsewhere.get("/api/adoptions/stalled?community=310117")).status_code == 200, "of it, their own"
    assert (await world.admin.get(f"/api/adoptions/stalled?community={PLACE}")).status_code == 200
    wrong = await world.admin.get("/api/adoptions/stalled?community=31x&cursor=nonsense")
    assert wrong.status_code == 422


async def test_the_list_and_the_questions_are_held_by_indexes(world) -> None:
    claims, now = world.service.claims.collection, When.now(world.service.timers._clock).at
    asked = {"$or": [{"adoptions.asked.id": "o"}, {"adoptions.handover.to.id": "o"}]}
    joined = {"$or": [{f"{where}.{role}.id": {"$in": ["o"]}} for where in ("adoptions", "ended") for role in HOLDING]}
    for query in (past_half(["310117"], now), past_half(None, now), asked, joined):
        plan = str((await claims.find(query).explain())["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in plan, plan
        assert "COLLSCAN" not in plan, plan
