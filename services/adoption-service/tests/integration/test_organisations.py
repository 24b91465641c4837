"""Registering, verifying, following, lists. Members: `test_members.py`; changes: `test_organisation_changes.py`."""

import asyncio

import pytest

from microwish.events import Topic
from microwish.testing import eventually

pytestmark = pytest.mark.integration


def registration(world, **changes) -> dict[str, object]:
    contact = {"name": "李明", "phone": "021-5555 0100"}
    return {"name": "和风邮政所", "kind": "resident_unit", "uscc": world.uscc(), "contact": contact, **changes}


async def test_who_registers_is_the_manager_and_the_organisation_follows_its_scope(world) -> None:
    person = world.person()
    made = await person.post("/api/organisations", registration(world))
    assert made.status_code == 201
    shown = made.json()
    assert (shown["state"], shown["scope"], shown["role"]) == ("pending", "310117", "manager")
    assert shown["following"] == {"communities": ["310117"], "categories": [], "notify": "digest"}
    assert shown["contact"] == {"name": "李*", "phone": "*********00"}

    def told() -> list[str] | None:
        events = world.feed.events(Topic.ADOPTION, lambda one: one.subject == shown["id"])
        return [one.type for one in events] if len(events) == 3 else None

    kinds = ("OrganisationRegistered", "MemberChanged", "FollowingChanged")
    assert await eventually(told, seconds=60) == [f"microwish.{kind}.v1" for kind in kinds]
    contact = await world.feed.wait_for(Topic.CONTACT, lambda one: one.subject == shown["id"], seconds=60)
    assert "02155550100" not in str(contact.data)
    assert world.settings.sealer().open(contact.data["phone"], about=f"contact:{shown['id']}") == "02155550100"


async def test_a_credit_code_or_branch_is_registered_once(world) -> None:
    body = registration(world)
    answers = await asyncio.gather(*(world.person().post("/api/organisations", body) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
    assert {one.json()["code"] for one in answers if one.status_code == 409} == {"already_registered"}
    branch = registration(world, uscc=None, branch_id="ZB-310117-01", scope="310117001", kind="party_organisation")
    first, second = [await world.person().post("/api/organisations", branch) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 409)


async def test_a_retried_registration_is_the_same(world) -> None:
    person, body = world.person(), registration(world)
    one, two = [await person.post("/api/organisations", body, Idempotency_Key="r1") for _ in range(2)]
    assert (one.status_code, two.status_code, one.json()["id"]) == (201, 201, two.json()["id"])
    other = await person.post("/api/organisations", registration(world), Idempotency_Key="r1")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_a_code_of_a_province_gives_a_two_digit_scope(world) -> None:
    made = await world.person().post("/api/organisations", registration(world, uscc=world.uscc("310000")))
    assert (made.status_code, made.json()["scope"]) == (201, "31")


async def test_staff_of_the_place_verify(world) -> None:
    person = world.person()
    made = (await person.post("/api/organisations", registration(world, scope="310117001"))).json()
    path = f"/api/organisations/{made['id']}/verification"
    assert (await person.post(path, {"decision": "approve"})).status_code == 403
    assert (await world.staff("310117005").post(path, {"decision": "approve"})).status_code == 403
    assert (await world.staff("310117001002").post(path, {"decision": "approve"})).status_code == 403
    staff = world.staff("310117001")
    assert (await staff.post(path, {"decision": "refuse"})).json()["errors"][0]["field"] == "reason"
    assert (await staff.post(path, {"decision": "suspend"})).json()["code"] == "wrong_state"
    assert (await staff.post(path, {"decision": "approve"})).json()["state"] == "verified"
    await eventually(lambda: world.told("OrganisationVerified", organisation_id=made["id"]), seconds=60)


async def test_following(world) -> None:
    manager, organisation_id = await world.organisation()
    path = f"/api/organisations/{organisation_id}/following"
    wanted = {"communities": ["310117001", "310117005"], "categories": ["repair"], "notify": "immediately"}
    assert (await manager("PUT", path, wanted)).json() == wanted
    assert (await manager.get(path)).json() == wanted
    assert (await world.person().get(path)).status_code == 403
    told = await eventually(
        lambda: world.told("FollowingChanged", organisation_id=organisation_id, notify="immediately")
    )
    assert told[0]["communities"] == wanted["communities"]


async def test_the_public_list_has_names_only_and_pages_on(world) -> None:
    made = {(await world.organisation(verified=False))[1] for _ in range(3)}
    seen, cursor = set(), ""
    while cursor is not None:
        answer = await world.http.get(f"/api/organisations?state=pending&limit=2{cursor and '&cursor=' + cursor}")
        assert answer.status_code == 200
        for one in answer.json()["items"]:
            assert {name for name, value in one.items() if value is not None} == {"id", "name", "kind", "state"}
            seen.add(one["id"])
        cursor = answer.json()["next_cursor"]
    assert made <= seen
    public = await world.http.get(f"/api/organisations/{made.pop()}")
    assert set(public.json()) == {"id", "name", "kind", "state"}


async def test_the_board_shows_what_is_free(world) -> None:
    wish_id = await world.wish(slots=2, title="修一修旧风扇")
    member, organisation_id = await world.organisation("晨光中学党总支")
    await world.adoption(member, wish_id, organisation_id)

    async def shown() -> dict[str, object] | None:
        items = (await world.http.get("/api/board?community=310117001&category=goods&q=旧风扇")).json()["items"]
        return next((one for one in items if one["held"] == 1), None)

    wish = await eventually(shown, seconds=60)
    assert (wish["id"], wish["free"], wish["slots"]) == (wish_id, 1, 2)
    [holder] = wish["holders"]
    assert holder.pop("due_at")
    who = {"organisation_id": organisation_id, "name": "晨光中学党总支", "kind": "party_organisation"}
    assert holder == {**who, "partners": []}
    assert (await world.http.get("/api/board?community=310120")).json()["items"] == []
    assert (await world.http.get("/api/board?q=.*旧")).json()["items"] == []


async def test_a_name_holds_nothing_that_cannot_be_seen(world) -> None:
    _, organisation_id = await world.organisation("\u202e清河\x00物业\n")
    assert (await world.http.get(f"/api/organisations/{organisation_id}")).json()["name"] == "清河 物业"
    nameless = {
        "name": "\x00",
        "kind": "company",
        "uscc": world.uscc(),
        "contact": {"name": "李明", "phone": "13900001111"},
    }
    answer = await world.person().post("/api/organisations", nameless)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")
