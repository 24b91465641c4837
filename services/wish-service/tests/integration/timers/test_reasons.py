"""A timer stands for a reason: it goes with it, and comes with the next."""

from typing import Any

import pytest

from microwish.events.adoption import AdoptionLapsed

from .kit import DAY, Timed

pytestmark = pytest.mark.integration


async def test_a_timer_goes_with_its_reason_and_comes_with_the_next(timed: Timed) -> None:
    world, clock = timed.world, timed.clock
    wish_id = await timed.posted()
    clock.ahead += 6 * DAY
    adopted = world.adopted(wish_id)
    await timed.tell(adopted)
    clock.ahead += 2 * DAY
    await timed.tick()
    assert await timed.kinds(wish_id) == []  # claimed in time

    await timed.tell(AdoptionLapsed(**world.same(adopted)))
    clock.ahead += 7 * DAY
    await timed.tick()
    assert await timed.kinds(wish_id) == [("unclaimed", True)]
    again = world.adopted(wish_id)
    await timed.tell(again)
    await timed.tick()
    assert await timed.kinds(wish_id) == [("unclaimed", False)]  # closed by itself

    await timed.tell(world.reported(again))
    clock.ahead += 6 * DAY
    body = {"adoption_id": again.adoption_id, "reason": "还没有人来"}
    assert (await timed.resident.post(f"/api/wishes/{wish_id}/dispute", body)).status_code == 200
    clock.ahead += 9 * DAY
    await timed.tick()
    assert await timed.lines(wish_id, "ConfirmationReminderDue") == 0  # answered in time
    await timed.tell(world.reported(again))
    clock.ahead += 14 * DAY
    await timed.tick()
    assert await timed.kinds(wish_id) == [("unclaimed", False), ("unconfirmed", True)]
    answer = await timed.staff.post(
        f"/api/wishes/{wish_id}/confirmation", {"adoption_id": again.adoption_id, "note": "电话里说收到了"}
    )
    assert answer.json()["status"] == "fulfilled"
    await timed.tick()
    assert await timed.kinds(wish_id) == [("unclaimed", False), ("unconfirmed", False)]


async def test_a_promised_review_reminds_staff_and_then_the_street(timed: Timed) -> None:
    world, street = timed.world, timed.staff
    here = await world.staff("310117001001")
    seen, decided = await world.submitted(timed.resident), await world.submitted(timed.resident)
    assert (await here.post(f"/api/wishes/{decided}/review", {"decision": "approve"})).status_code == 200
    timed.clock.ahead += 6 * DAY  # two working days, whatever day it is
    await timed.tick()
    assert await timed.kinds(seen) == [("review_half_way", True), ("review_overdue", True)]

    async def kinds(someone: Any) -> dict[str, str]:
        items = (await someone.get("/api/tasks", limit="100")).json()["items"]
        return {item["kind"]: item["community"]["code"] for item in items if item["wish"]["id"] == seen}

    assert await kinds(here) == {"review_half_way": "310117001001"}
    assert await kinds(street) == {"review_half_way": "310117001001", "review_overdue": "310117001"}
    assert await timed.kinds(decided) == []
    answer = await here.post(f"/api/wishes/{seen}/review", {"decision": "return", "reason": "请说说尺寸"})
    assert answer.status_code == 200
    await timed.tick()
    assert await timed.kinds(seen) == [("review_half_way", False), ("review_overdue", False)]
