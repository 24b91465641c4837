"""What is known of an organisation changes: contact at once, name and area when staff agree; limits; the timeline."""

from datetime import timedelta
from typing import Any

import pytest

from microwish.events import Topic
from microwish.testing import eventually
from microwish.when import system_clock

pytestmark = pytest.mark.integration


def own(organisation_id: str, path: str = "") -> str:
    return f"/api/organisations/{organisation_id}{path}"


async def whats(client: Any, organisation_id: str) -> list[str]:
    return [one["what"] for one in (await client.get(own(organisation_id, "/timeline"))).json()["items"]]


async def test_another_name_waits_for_staff_and_the_organisation_goes_on_claiming(world) -> None:
    manager, organisation_id = await world.organisation()
    asked = await manager("PATCH", own(organisation_id), {"name": "和风邮政", "scope": "310117005"})
    change = asked.json()["change"]
    assert (change["name"], change["scope"], asked.json()["name"]) == ("和风邮政", "310117005", "和风邮政所党支部")
    assert (await world.claim(manager, await world.wish(), organisation_id)).status_code == 201
    path = own(organisation_id, "/verification")
    agree = {"decision": "approve", "change_id": change["id"]}
    assert (await world.staff("310117001").post(path, agree)).status_code == 403
    same = await manager("PATCH", own(organisation_id), {"name": "和风邮政", "scope": "310117005"})
    assert same.json()["change"] == change
    newer = (await manager("PATCH", own(organisation_id), {"name": "和风邮政局"})).json()["change"]
    late = await world.staff("310117").post(path, agree)
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    done = await world.staff("310117").post(path, {**agree, "change_id": newer["id"]})
    assert (done.json()["name"], done.json()["state"], "change" in done.json()) == ("和风邮政局", "verified", False)
    told = await eventually(lambda: world.told("OrganisationChanged", organisation_id=organisation_id), seconds=60)
    assert [(one["name"], one["scope"]) for one in told] == [("和风邮政局", "310117005")]


async def test_a_refused_change_says_why_and_changes_nothing(world) -> None:
    manager, organisation_id = await world.organisation()
    change = (await manager("PATCH", own(organisation_id), {"name": "总部"})).json()["change"]
    refusal = {"decision": "refuse", "reason": "执照上不是这个名称", "change_id": change["id"]}
    refused = await world.admin.post(own(organisation_id, "/verification"), refusal)
    assert (refused.status_code, refused.json()["state"]) == (200, "verified")
    shown = (await manager.get(own(organisation_id))).json()
    assert (shown["name"], shown["change_refused"]) == ("和风邮政所党支部", "执照上不是这个名称")
    assert (await whats(manager, organisation_id))[-2:] == ["ChangeProposed", "ChangeRefused"]
    assert "change" in (await manager("PATCH", own(organisation_id), {"scope": "310117009"})).json()
    withdrawn = await manager("PATCH", own(organisation_id), {"scope": "310117"})
    assert "change" not in withdrawn.json()
    assert (await whats(manager, organisation_id))[-2:] == ["ChangeProposed", "ChangeWithdrawn"]
    assert not world.told("OrganisationChanged", organisation_id=organisation_id)


async def test_what_nobody_has_checked_changes_at_once_and_a_refused_one_waits_again(world) -> None:
    manager, organisation_id = await world.organisation(verified=False)
    refusal = {"decision": "refuse", "reason": "名称不全"}
    await world.admin.post(own(organisation_id, "/verification"), refusal)
    changed = (await manager("PATCH", own(organisation_id), {"name": "和风邮政所第一党支部"})).json()
    assert (changed["name"], changed["state"]) == ("和风邮政所第一党支部", "pending")
    wrong = await manager("PATCH", own(organisation_id), {"contact": {"name": "李明", "phone": "12"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "contact.phone")
    assert (await world.person()("PATCH", own(organisation_id), {"name": "x"})).json()["code"] == "not_member"


async def test_a_new_contact_holds_at_once_for_those_who_claim(world) -> None:
    manager, organisation_id = await world.organisation()
    contact = {"contact": {"name": "周宁", "phone": "021-55550199"}}
    changed = await manager("PATCH", own(organisation_id), contact)
    assert changed.json()["contact"] == {"name": "周*", "phone": "*********99"}
    sealer, about = world.settings.sealer(), f"contact:{organisation_id}"

    def newest() -> str | None:
        said = world.feed.events(Topic.CONTACT, lambda one: one.subject == organisation_id)
        return sealer.open(said[-1].data["phone"], about=about) if len(said) == 2 else None

    assert await eventually(newest, seconds=60) == "02155550199"
    wish_id = await world.wish()
    await world.adoption(manager, wish_id, organisation_id)
    told = await eventually(lambda: world.told("WishAdopted", wish_id=wish_id), seconds=60)
    assert sealer.open(told[0]["office_phone"], about=f"wish:{wish_id}") == "02155550199"


async def test_staff_lift_the_limit(world) -> None:
    manager, organisation_id = await world.organisation()
    path, staff = own(organisation_id, "/limit"), world.staff("310117")
    month = (system_clock() + timedelta(days=30)).isoformat()
    body = {"allowed": 0, "until": month, "reason": "先把手上的办好"}
    assert (await manager.post(path, body)).status_code == 403
    assert (await world.staff("310118").post(path, body)).status_code == 403
    for given, field in (
        ({**body, "allowed": 1001}, "allowed"),
        ({**body, "until": system_clock().isoformat()}, "until"),
        ({**body, "until": (system_clock() + timedelta(days=400)).isoformat()}, "until"),
    ):
        wrong = await staff.post(path, given)
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, field)
    assert (await staff.post(path, body)).json()["limit"]["allowed"] == 0

    first = await world.wish()
    await world.adoption(manager, first, organisation_id)
    past = {"$set": {"adoptions.0.half_at": system_clock() - timedelta(hours=1)}, "$inc": {"revision": 1}}
    await world.service.claims.collection.update_one({"_id": first}, past)
    second = await world.wish()
    assert (await world.claim(manager, second, organisation_id)).json()["code"] == "limit_reached"
    assert (await staff.post(path, {**body, "allowed": 3, "reason": "节前任务多"})).status_code == 200
    assert (await world.claim(manager, second, organisation_id)).status_code == 201
    told = await eventually(lambda: world.told("LimitLifted", organisation_id=organisation_id, allowed=3), seconds=60)
    assert world.settings.sealer().open(told[0]["reason"], about=f"organisation:{organisation_id}") == "节前任务多"


async def test_the_timeline_is_for_members_and_staff_and_names_no_ids(world) -> None:
    manager, organisation_id = await world.organisation()
    await world.admin.post(own(organisation_id, "/verification"), {"decision": "suspend", "reason": "投诉未处理"})
    assert (await world.person().get(own(organisation_id, "/timeline"))).status_code == 403
    assert (await world.http.get(own(organisation_id, "/timeline"))).status_code == 401
    answer = await manager.get(own(organisation_id, "/timeline"))
    assert manager.person_id not in answer.text
    last = answer.json()["items"][-1]
    assert (last["what"], last["by"], last["why"]) == ("OrganisationSuspended", "admin", "投诉未处理")
    assert (await world.staff("310117").get(own(organisation_id, "/timeline"))).json() == answer.json()


async def test_the_list_is_searched_by_name(world) -> None:
    await world.organisation("梧桐里志愿队")
    found = (await world.http.get("/api/organisations?q=梧桐里 志愿")).json()["items"]
    assert [one["name"] for one in found] == ["梧桐里志愿队"]
    assert (await world.http.get("/api/organisations?without_manager=true")).status_code == 401
    assert (await world.person().get("/api/organisations?without_manager=true")).status_code == 403
