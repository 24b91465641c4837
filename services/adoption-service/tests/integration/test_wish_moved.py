"""The board, its filters and the staff who may act follow a wish whose community moved."""

import pytest

from microwish.events import Actor, Community, Role
from microwish.events.wish import WishMoved

pytestmark = pytest.mark.integration
NEW, NEW_STREET = "310117005009", "310117005"


async def test_a_held_wish_is_the_new_street_s(world) -> None:
    wish_id = await world.wish(slots=2)
    member, organisation_id = await world.organisation()
    adoption_id = await world.adoption(member, wish_id, organisation_id)
    before = await world.service.claims.find(wish_id)
    old_staff, new_staff = world.staff(before.community[:9]), world.staff(NEW_STREET)
    path = f"/api/adoptions/{adoption_id}"
    assert (await old_staff.get(path)).status_code == 200

    place = Community(code=NEW, name="龙潭社区")
    admin = Actor(person_id="admin-1", role=Role.ADMIN)
    await world.act(WishMoved, wish_id, community=NEW, place=place, moved_from=before.community, by=admin)

    row = await world.service.board.find(wish_id)
    assert (row["community"], row["status"]) == ({"code": NEW, "name": "龙潭社区"}, "claimable")
    listed = (await new_staff.get(f"/api/board?community={NEW_STREET}")).json()["items"]
    assert wish_id in {item["id"] for item in listed}
    elsewhere = (await new_staff.get(f"/api/board?community={before.community}")).json()["items"]
    assert wish_id not in {item["id"] for item in elsewhere}
    assert (await old_staff.get(path)).status_code in {403, 404}
    refused = await old_staff.post(f"{path}/revocation", {"reason": "重复"})
    assert refused.status_code == 403
    assert (await new_staff.post(f"{path}/revocation", {"reason": "重复"})).status_code == 200
    assert (await member.get(path)).json()["state"] == "revoked"
