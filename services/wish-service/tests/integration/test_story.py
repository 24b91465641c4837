"""The story as this service sees it: sign in, post, review, claimed, delivered, confirmed, fulfilled."""

from typing import Any

import pytest

from microwish.events import Topic
from microwish.testing import eventually

pytestmark = pytest.mark.integration


async def test_a_wish_goes_all_the_way_and_its_events_come_in_order_with_versions(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    wish_id = await world.posted(resident, staff)
    adopted = world.adopted(wish_id)
    await world.tell(adopted)
    held = await world.state(resident, wish_id, "adopted")
    assert (
        held["adoptions"][0] | {"handler": "李明", "office_phone": "02155550100", "door_code": "4827"}
        == (held["adoptions"][0])
    )
    await world.tell(world.reported(adopted))
    await world.state(resident, wish_id, "delivered")

    answer = await resident.post(
        f"/api/wishes/{wish_id}/confirmation", {"adoption_id": adopted.adoption_id, "thanks": "谢谢师傅"}
    )
    assert answer.status_code == 200
    assert answer.json()["status"] == "fulfilled"

    await world.feed.wait_for(Topic.WISH, lambda e: e.subject == wish_id and e.type == "microwish.WishFulfilled.v1")
    told = world.feed.events(Topic.WISH, lambda e: e.subject == wish_id)
    assert [(e.version, e.type.split(".")[1]) for e in told] == [
        (1, "WishSubmitted"),
        (2, "WishPosted"),
        (3, "DeliveryConfirmed"),
        (4, "WishFulfilled"),
    ]
    assert "title" not in told[0].data
    assert told[1].data["title"] == "想要一台能收戏曲的收音机"
    assert told[3].data["adoption_ids"] == [adopted.adoption_id]
    assert world.seals.of_wish(wish_id, told[2].data["thanks"]) == "谢谢师傅"
    shown = await world.on_wall(wish_id, "fulfilled")
    assert shown["holders"] == [
        {
            "organisation_id": adopted.organisation_id,
            "name": "晨光中学党总支",
            "kind": "party_organisation",
            "partners": [],
        }
    ]


async def test_the_contact_is_published_sealed_at_approval_and_not_before(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    wish_id = await world.submitted(resident)
    await world.feed.wait_for(Topic.WISH, lambda e: e.subject == wish_id)
    assert not world.feed.events(Topic.CONTACT, lambda e: e.subject == wish_id)
    await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "approve"})
    saved = await world.feed.wait_for(Topic.CONTACT, lambda e: e.subject == wish_id)
    assert saved.data["kind"] == "wish"
    assert saved.data["person_id"] == resident.id
    assert "13912345678" not in str(saved.data)

    moved = {"contact": {"name": "王秀英", "phone": "13912345678", "address": "龙潭社区八弄 1 号"}}
    answer = await resident.http.patch(f"/api/wishes/{wish_id}", json=moved)
    assert answer.status_code == 200, answer.text

    newer = await world.feed.wait_for(Topic.CONTACT, lambda e: e.subject == wish_id and e.version > saved.version)
    assert newer.data["address"] != saved.data["address"]


async def test_a_dispute_sends_the_organisation_back_to_work(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    wish_id = await world.posted(resident, staff)
    adopted = world.adopted(wish_id)
    await world.tell(adopted)
    await world.tell(world.reported(adopted))
    await world.state(resident, wish_id, "delivered")
    body = {"adoption_id": adopted.adoption_id, "reason": "还没有人来"}
    answer = await resident.post(f"/api/wishes/{wish_id}/dispute", body)
    assert answer.json()["status"] == "adopted"
    await world.on_wall(wish_id, "adopted")
    await world.tell(world.reported(adopted, "再次送达"))
    await world.state(resident, wish_id, "delivered")
    await world.on_wall(wish_id, "delivered")


async def test_staff_confirm_on_the_residents_behalf_with_a_note(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    wish_id = await world.posted(resident, staff)
    adopted = world.adopted(wish_id)
    await world.tell(adopted)
    await world.tell(world.reported(adopted))
    await world.state(staff, wish_id, "delivered")
    path, body = f"/api/wishes/{wish_id}/confirmation", {"adoption_id": adopted.adoption_id}
    without_note = await staff.post(path, body)
    assert (without_note.status_code, without_note.json()["errors"][0]["field"]) == (422, "note")
    with_note = await staff.post(path, {**body, "note": "电话核实，老人说收到了"})
    assert with_note.json()["status"] == "fulfilled"
    confirmed = await world.feed.wait_for(
        Topic.WISH, lambda e: e.subject == wish_id and e.type == "microwish.DeliveryConfirmed.v1"
    )
    assert confirmed.data["by"]["role"] == "staff"
    assert "note" in confirmed.data


async def test_a_wish_with_three_slots_is_posted_until_all_are_taken(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    wish_id = await world.posted(resident, staff, slots=3)
    adoptions = [world.adopted(wish_id, f"第{n}党支部") for n in range(3)]
    await world.tell(adoptions[0])
    await world.tell(adoptions[1])
    half = await eventually(lambda: _held(world, resident, wish_id, 2))
    assert half["status"] == "posted"
    await world.tell(adoptions[2])
    await world.state(resident, wish_id, "adopted")
    await world.tell(world.reported(adoptions[0]))
    await eventually(lambda: _held(world, resident, wish_id, 3))

    async def first_is_delivered() -> bool:
        wish = (await resident.get(f"/api/wishes/{wish_id}")).json()
        return wish["adoptions"][0]["state"] == "delivered"

    await eventually(first_is_delivered)
    body = {"adoption_id": adoptions[0].adoption_id}
    assert (await resident.post(f"/api/wishes/{wish_id}/confirmation", body)).json()["status"] == "adopted"
    enough = await resident.post(f"/api/wishes/{wish_id}/closing")
    assert enough.json()["status"] == "fulfilled"


async def _held(world: Any, someone: Any, wish_id: str, held: int) -> dict[str, Any]:
    wish = (await someone.get(f"/api/wishes/{wish_id}")).json()
    assert wish["held"] == held, wish
    return dict(wish)
