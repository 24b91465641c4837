"""Recommending a wish to an organisation, and what the public sees of a wish's timeline."""

from typing import Any

import pytest

from microwish.events import Topic
from microwish.ids import uuid7
from microwish.testing import eventually
from wish_service.domain.states import Status
from wish_service.domain.wish import steps_from

pytestmark = pytest.mark.integration

ORGANISATION = "0198b1f0-7c3d-7e81-b4a5-1e2d3c4b5a04"


async def test_a_wish_is_recommended_once_to_each_organisation(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    wish_id = await world.submitted(resident)
    path = f"/api/wishes/{wish_id}/recommendation"
    early = await staff.post(path, {"organisation_id": ORGANISATION})
    assert (early.status_code, early.json()["wish_status"], early.json()["command"]) == (409, "submitted", "recommend")
    assert "推荐" in early.json()["detail"]
    assert early.json()["possible"] == sorted(steps_from(Status.SUBMITTED))  # the table says what can be done instead
    await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "approve"})
    for organisation in (ORGANISATION, ORGANISATION.upper(), uuid7()):
        assert (await staff.post(path, {"organisation_id": organisation})).status_code == 200
    assert (await (await world.staff("310117005")).post(path, {"organisation_id": uuid7()})).status_code == 403
    assert (await resident.post(path, {"organisation_id": uuid7()})).status_code == 403
    wrong = await staff.post(path, {"organisation_id": "和风中学"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "organisation_id")

    adopted = world.adopted(wish_id)
    await world.tell(adopted)
    await world.state(resident, wish_id, "adopted")
    assert (await staff.post(path, {"organisation_id": uuid7()})).status_code == 409
    wish = await world.service.parts.wishes.aggregates.load(wish_id)
    assert len(wish["recommended"]) == 2
    assert wish["streamversion"] == 4  # submitted, posted, recommended, recommended
    # Staff see to whom, by name where the organisation has held it; the public sees nothing of it.
    shown = (await staff.get(f"/api/wishes/{wish_id}")).json()["recommended"]
    assert shown == wish["recommended"]
    lines = (await staff.get(f"/api/wishes/{wish_id}/timeline")).json()["items"]
    assert [line["organisation_id"] for line in lines if line["what"] == "WishRecommended"] == shown
    told = world.feed.events(Topic.WISH, lambda e: e.subject == wish_id and "WishRecommended" in e.type)
    assert len(told) == len({event.data["organisation_id"] for event in told})


async def test_the_public_timeline_names_no_person_and_no_reason(world: Any) -> None:
    resident, staff = await world.person(), await world.staff(name="周敏")
    wish_id = await world.submitted(resident)
    await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "return", "reason": "请写清楚尺寸"})
    await resident.http.patch(f"/api/wishes/{wish_id}", json={"detail": "小一点的"})
    await staff.post(f"/api/wishes/{wish_id}/review", {"decision": "approve"})
    await staff.post(f"/api/wishes/{wish_id}/recommendation", {"organisation_id": ORGANISATION})
    await staff.get(f"/api/wishes/{wish_id}/contact")
    adopted = world.adopted(wish_id)
    await world.tell(adopted)
    await world.tell(world.reported(adopted, "放在门卫老张那里"))
    await world.state(resident, wish_id, "delivered")
    await resident.post(f"/api/wishes/{wish_id}/dispute", {"adoption_id": adopted.adoption_id, "reason": "没有人来过"})

    async def public() -> list[dict[str, Any]] | None:
        answer = await world.client().get(f"/api/wishes/{wish_id}/timeline")
        assert answer.status_code == 200
        items: list[dict[str, Any]] = answer.json()["items"]
        return items if items[-1]["what"] == "DeliveryDisputed" else None

    items = await eventually(public)
    assert [item["what"] for item in items] == ["WishPosted", "WishAdopted", "DeliveryReported", "DeliveryDisputed"]
    assert {name for item in items for name in item} == {"at", "what", "organisation"}
    for secret in ("尺寸", "老张", "没有人来过", "李明", "周敏", resident.id, staff.id, adopted.handler_id):
        assert secret not in str(items)

    for reader in (resident, staff):
        lines = (await reader.get(f"/api/wishes/{wish_id}/timeline")).json()["items"]
        assert [line["what"] for line in lines] == [
            "WishSubmitted",
            "WishReturned",
            "WishRevised",
            "WishPosted",
            "WishRecommended",
            "ContactShown",
            "WishAdopted",
            "DeliveryReported",
            "DeliveryDisputed",
        ]
        assert {line["why"] for line in lines} >= {"请写清楚尺寸", "放在门卫老张那里", "没有人来过"}
        assert all(line["role"] for line in lines)
