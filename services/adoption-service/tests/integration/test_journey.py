"""One wish through this service: posted, claimed, contact read, delivered, confirmed."""

import pytest

from microwish.events import Envelope, Topic
from microwish.events.contact import ContactKind
from microwish.events.wish import DeliveryConfirmed, WishFulfilled
from microwish.testing import eventually

pytestmark = pytest.mark.integration


async def test_a_wish_is_claimed_delivered_and_confirmed(world) -> None:
    wish_id = await world.wish()
    await world.contact(wish_id, ContactKind.WISH, name="王秀英", phone="13912345678", address="龙潭社区三弄 5 号")
    member, organisation_id = await world.organisation()

    def of_wish(one: Envelope, name: str) -> bool:
        return (one.type, one.subject) == (f"microwish.{name}.v1", wish_id)

    claimed = await world.claim(member, wish_id, organisation_id)
    assert claimed.status_code == 201
    adoption = claimed.json()
    assert adoption["state"] == "active"
    assert adoption["due_at"].endswith("Z")
    told = await world.feed.wait_for(Topic.ADOPTION, lambda one: of_wish(one, "WishAdopted"), seconds=60)
    assert told.version == 1
    sealer = world.settings.sealer()
    assert sealer.open(told.data["door_code"], about=f"wish:{wish_id}") == "4827"
    assert sealer.open(told.data["handler_name"], about=f"wish:{wish_id}") == "李明"
    assert sealer.open(told.data["office_phone"], about=f"wish:{wish_id}") == "02155550100"

    contact = await member.get(f"/api/adoptions/{adoption['id']}/contact")
    assert contact.json() == {
        "name": "王秀英",
        "phone": "13912345678",
        "address": "龙潭社区三弄 5 号",
        "door_code": "4827",
    }
    noted = await member.post(f"/api/adoptions/{adoption['id']}/progress", {"note": "周六上午送去"})
    assert [one["note"] for one in noted.json()["progress"]] == ["周六上午送去"]
    delivered = await member.post(f"/api/adoptions/{adoption['id']}/delivery", {"note": "已送到家"})
    assert delivered.json()["state"] == "delivered"
    await world.feed.wait_for(Topic.ADOPTION, lambda one: of_wish(one, "DeliveryReported"), seconds=60)

    await world.act(DeliveryConfirmed, wish_id, adoption_id=adoption["id"], organisation_id=organisation_id)
    await world.act(WishFulfilled, wish_id, adoption_ids=[adoption["id"]], slots=1)
    assert (await member.get(f"/api/adoptions/{adoption['id']}")).json()["state"] == "confirmed"

    async def off_the_board() -> bool:
        return wish_id not in {one["id"] for one in (await member.get("/api/board")).json()["items"]}

    await eventually(off_the_board)
