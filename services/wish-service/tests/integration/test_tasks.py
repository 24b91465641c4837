"""Tasks of staff over HTTP: who is called, when it is done, and who sees which."""

import re
from datetime import datetime
from typing import Any

import pytest

from microwish.events import Topic
from microwish.events.adoption import AdoptionReleased
from microwish.ids import uuid7

from .task_kit import LANDLINE, an_elders, gone, of_task, task_about
from .timers.kit import ticking

pytestmark = pytest.mark.integration


async def test_who_has_a_landline_alone_is_called_by_staff_who_say_when_it_is_done(world: Any) -> None:
    staff, elsewhere = await world.staff(), await world.staff("310117005")
    wish_id = await an_elders(world, staff)
    task = await task_about(staff, wish_id, "WishPosted")
    assert (task["kind"], task["state"], task["community"]["code"]) == ("telephone", "open", "310117001001")
    assert task["wish"]["title"] == "想要一台能收戏曲的收音机"
    assert "57771234" not in str(task)
    opened = await world.feed.wait_for(Topic.WISH, of_task("StaffTaskOpened", task["id"]))
    assert (opened.version, opened.data["by"]) == (1, {"role": "system"})

    path = f"/api/tasks/{task['id']}"
    assert (await elsewhere.get("/api/tasks")).json()["items"] == []
    for act in ("contact", "done"):
        refused = await elsewhere.post(f"{path}/{act}")
        assert (refused.status_code, refused.json()["code"]) == (403, "other_community")
        assert (await (await world.person()).post(f"{path}/{act}")).status_code == 403
    shown = (await staff.post(f"{path}/contact")).json()
    assert (shown["phone"], shown["visitor"]) == ("02157771234", None)
    lines = (await staff.get(f"/api/wishes/{wish_id}/timeline")).json()["items"]
    assert lines[-1]["what"] == "ContactShown"

    body = {"note": "陈阿姨知道了"}
    done = await staff.post(f"{path}/done", body, **{"Idempotency-Key": "call-1"})
    assert (done.status_code, done.json()["state"], done.json()["note"]) == (200, "done", "陈阿姨知道了")
    again = await staff.post(f"{path}/done", body, **{"Idempotency-Key": "call-1"})
    assert again.json() == done.json()
    second = await staff.post(f"{path}/done")
    assert (second.status_code, second.json()["code"]) == (409, "task_done")
    assert (await staff.post(f"{path}/contact")).status_code == 409
    told = await world.feed.wait_for(Topic.WISH, of_task("StaffTaskDone", task["id"]))
    assert (told.version, told.data["by"]["role"]) == (2, "staff")
    assert "陈阿姨" not in str(told.data)
    assert world.seals.of_wish(wish_id, told.data["note"]) == "陈阿姨知道了"
    await gone(staff, task["id"])


async def test_a_call_about_a_claim_tells_the_door_code_and_goes_with_the_claim(world: Any) -> None:
    staff = await world.staff()
    wish_id = await an_elders(world, staff)
    adopted = world.adopted(wish_id)
    await world.tell(adopted)
    task = await task_about(staff, wish_id, "WishAdopted")
    assert task["wish"]["organisation"] == "晨光中学党总支"
    call = (await staff.post(f"/api/tasks/{task['id']}/contact")).json()
    assert call["visitor"] == {"handler": "李明", "office_phone": "02155550100", "door_code": "4827"}
    await world.tell(AdoptionReleased(**world.same(adopted)))
    await task_about(staff, wish_id, "AdoptionReleased")
    await gone(staff, task["id"])
    assert (await staff.post(f"/api/tasks/{task['id']}/done")).json()["code"] == "task_done"


async def test_the_end_of_a_wish_can_still_be_told(world: Any) -> None:
    staff = await world.staff()
    wish_id = await an_elders(world, staff)
    closed = await staff.post(f"/api/wishes/{wish_id}/closing", {"reason": "实在找不到"})
    assert closed.json()["status"] == "closed"
    refused = await staff.get(f"/api/wishes/{wish_id}/contact")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    task = await task_about(staff, wish_id, "WishClosed")
    assert (await staff.post(f"/api/tasks/{task['id']}/contact")).json()["name"] == "陈桂香"


async def test_staff_act_for_who_has_no_account(world: Any) -> None:
    staff, resident = await world.staff(), await world.person()
    wish_id = await world.submitted(staff, contact=LANDLINE, on_behalf=True)
    answer = await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "return", "reason": "请说说尺寸"})
    assert answer.status_code == 200
    revised = await staff.http.patch(f"/api/wishes/{wish_id}", json={"detail": "小一点的就好"})
    assert (revised.status_code, revised.json()["status"]) == (200, "submitted")
    await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "approve"})
    adopted = world.adopted(wish_id)
    await world.tell(adopted)
    await world.tell(world.reported(adopted))
    await world.state(staff, wish_id, "delivered")
    body = {"adoption_id": adopted.adoption_id, "reason": "电话里说没有人来过"}
    assert (await staff.post(f"/api/wishes/{wish_id}/dispute", body)).json()["status"] == "adopted"
    disputed = await world.feed.wait_for(
        Topic.WISH, lambda e: e.subject == wish_id and e.type == "microwish.DeliveryDisputed.v1"
    )
    assert disputed.data["by"]["role"] == "staff"

    own = await world.submitted(resident)  # whoever has an account revises it themselves
    assert (await staff.http.patch(f"/api/wishes/{own}", json={"detail": "别的"})).status_code == 403


async def test_the_list_is_paged_and_filtered_and_names_what_is_wrong(another_world: Any) -> None:
    async with another_world(consume=False) as world:
        staff = await world.staff()
        ids = [await an_elders(world, staff, title=f"想要第 {n} 盏台灯") for n in range(5)]
        elsewhere = {"community": "310117001002"}
        away = await an_elders(world, staff, **elsewhere)
        await world.service.timers.tick()

        seen: list[str] = []
        cursor = ""
        while True:
            given = {"limit": "2", **({"cursor": cursor} if cursor else {})}
            page = (await staff.get("/api/tasks", **given)).json()
            seen += [item["wish"]["id"] for item in page["items"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        assert seen == [*ids, away]
        there = (await staff.get("/api/tasks", **elsewhere)).json()["items"]
        assert [item["wish"]["id"] for item in there] == [away]
        assert len((await staff.get("/api/tasks", community="310117001")).json()["items"]) == 6
        assert (await staff.get("/api/tasks", kind="unclaimed")).json()["items"] == []
        for field, value in (("kind", "other"), ("community", "31x"), ("cursor", "?"), ("limit", "0")):
            refused = await staff.get("/api/tasks", **{field: value})
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
        assert (await (await world.person()).get("/api/tasks")).status_code == 403
        assert (await world.client().get("/api/tasks")).status_code == 401
        assert (await staff.post(f"/api/tasks/{uuid7()}/done")).status_code == 404


async def test_loading_the_past_gives_staff_nothing_to_do(world: Any) -> None:
    staff = await world.staff()
    admin = await world.person("13800000000")
    past = {"Microwish-As-Of": "2026-01-31T17:30:00Z", "Microwish-Recorder": admin.token}
    body = {
        "title": "想要一台收音机",
        "category": "goods",
        "community": "310117001001",
        "contact": LANDLINE,
        "on_behalf": True,
    }
    made = await staff.post("/api/wishes", body, **past)
    assert made.status_code == 201, made.text
    wish_id = made.json()["id"]
    assert (await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "approve"}, **past)).status_code == 200
    adopted = world.adopted(wish_id)
    await world.feed.publish(adopted, version=1, time=_at(past), recorded_at=_now(world))
    await world.state(staff, wish_id, "adopted")
    await world.service.timers.tick()
    kept = await world.service.parts.wishes.load(wish_id)
    assert kept.tasks == ()
    assert all(timer.at > _now(world) for timer in kept.timers)
    assert await world.service.mongo.db.tasks.count_documents({"wish_id": wish_id}) == 0


async def test_tasks_go_along_when_a_community_moves(another_world: Any) -> None:
    quick = {"community_moves_poll_seconds": 0.2, "timer_poll_seconds": 0.05}
    async with another_world(consume=False, **quick) as world, ticking(world.service):
        admin, staff = await world.person("13800000000"), await world.staff("310117001")
        elsewhere = await world.staff("310117005")
        wish_id = await an_elders(world, staff)
        task = await task_about(staff, wish_id, "WishPosted")
        moved = await admin.post("/api/communities/310117001001/move", {"to": "310117005009"})
        assert moved.status_code < 300, moved.text
        there = await task_about(elsewhere, wish_id, "WishPosted")
        assert (there["id"], there["community"]["code"]) == (task["id"], "310117005009")
        await gone(staff, task["id"])
        assert (await elsewhere.post(f"/api/tasks/{task['id']}/done")).status_code == 200


async def test_the_page_shows_whom_to_call_and_takes_done(world: Any) -> None:
    staff = await world.staff()
    wish_id = await an_elders(world, staff)
    task = await task_about(staff, wish_id, "WishPosted")
    client = world.client(Accept="text/html")
    client.cookies.set("microwish_session", staff.token)
    page = await client.get("/desk/tasks")
    assert page.status_code == 200
    assert "告诉本人：心愿已经发布" in page.text
    assert "57771234" not in page.text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf is not None
    form = {"csrf": csrf.group(1)}
    shown = await client.post(f"/desk/tasks/{task['id']}/contact", data=form)
    assert "02157771234" in shown.text
    for told in ("记下了", "这件事已经办了"):
        done = await client.post(f"/desk/tasks/{task['id']}/done", data={**form, "note": "知道了"})
        assert (done.status_code, done.headers["location"]) == (303, "/desk/tasks")
        assert told in (await client.get("/desk/tasks")).text
    assert (await client.get("/desk/tasks?kind=unclaimed")).status_code == 200
    assert (await world.client(Accept="text/html").get("/desk/tasks")).status_code == 303


def _now(world: Any) -> Any:
    return world.service.parts.clock()


def _at(past: dict[str, str]) -> datetime:
    return datetime.fromisoformat(past["Microwish-As-Of"])
