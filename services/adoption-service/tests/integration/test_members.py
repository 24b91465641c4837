"""Members of an organisation: added, invited, handed the manager's role, gone; what they handled goes on."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from adoption_service.use_cases.follow_invitations import FollowInvitations
from adoption_service.use_cases.invite_member import Invite, invite
from adoption_service.use_cases.replace_handlers import replace_handlers
from microwish.events import Actor, Role, Topic
from microwish.events.adoption import MemberRole
from microwish.events.contact import ContactKind
from microwish.ids import uuid7
from microwish.testing import eventually
from microwish.when import When

pytestmark = pytest.mark.integration


def own(organisation_id: str, path: str = "") -> str:
    return f"/api/organisations/{organisation_id}{path}"


async def signs_in(world: Any, phone: str, name: str = "陈洁", *, client: Any = None) -> Any:
    client = client or world.person()
    await world.contact(client.person_id, ContactKind.PERSON, name=name, phone=phone)
    return client


async def with_handler(world: Any, phone: str) -> tuple[Any, Any, str]:
    """A manager, a handler, and their organisation."""
    manager, organisation_id = await world.organisation()
    handler = await signs_in(world, phone)
    body = {"phone": phone, "role": "handler", "name": "陈小洁"}
    assert (await manager.post(own(organisation_id, "/members"), body)).status_code == 201
    return manager, handler, organisation_id


async def roles(client: Any, organisation_id: str) -> dict[str, str]:
    members = (await client.get(own(organisation_id))).json()["members"]
    return {one["person_id"]: one["role"] for one in members}


async def test_members(world) -> None:
    manager, handler, organisation_id = await with_handler(world, "13700000002")
    path = own(organisation_id, "/members")
    assert {one["name"] for one in (await manager.get(own(organisation_id))).json()["members"]} == {"李明", "陈小洁"}
    asked = {"phone": "13700000002", "role": "manager"}
    assert (await handler.post(path, asked)).json()["code"] == "not_manager"
    assert (await handler("DELETE", f"{path}/{manager.person_id}")).json()["code"] == "not_manager"
    assert (await manager("DELETE", f"{path}/{manager.person_id}")).json()["code"] == "last_manager"
    assert (await handler("DELETE", f"{path}/{handler.person_id}")).status_code == 204
    assert (await handler.get("/api/organisations?mine=true")).json()["items"] == []


async def test_who_was_invited_is_a_member_by_signing_in(world) -> None:
    manager, organisation_id = await world.organisation()
    path = own(organisation_id, "/members")
    body = {"phone": "13700000011", "role": "handler", "name": "周宁"}
    nameless = await manager.post(path, {"phone": "13700000011", "role": "handler"})
    assert (nameless.status_code, nameless.json()["errors"][0]["field"]) == (422, "name")
    landline = await manager.post(path, {**body, "phone": "021-55550101"})
    assert (landline.status_code, landline.json()["errors"][0]["field"]) == (422, "phone")
    made = await manager.post(path, body, Idempotency_Key="i1")
    again = await manager.post(path, body, Idempotency_Key="i1")
    assert (made.status_code, again.json()["invitations"]) == (201, made.json()["invitations"])
    [invitation] = made.json()["invitations"]
    assert (invitation["phone_masked"], invitation["role"]) == ("137****0011", "handler")
    assert "invitations" not in (await world.admin.get(own(organisation_id))).json()
    invited = await eventually(lambda: world.told("MemberInvited", organisation_id=organisation_id), seconds=60)
    assert [one["invitation_id"] for one in invited] == [invitation["id"]]
    contact = await world.feed.wait_for(Topic.CONTACT, lambda one: one.subject == invitation["id"], seconds=60)
    opened = world.settings.sealer().open(contact.data["phone"], about=f"contact:{invitation['id']}")
    assert opened == "13700000011"

    newcomer = await signs_in(world, "13700000011", "周小宁")
    assert await eventually(lambda: _role(newcomer, organisation_id), seconds=60) == "handler"
    assert {one["name"] for one in (await manager.get(own(organisation_id))).json()["members"]} == {"李明", "周宁"}
    assert (await manager.get(own(organisation_id))).json()["invitations"] == []
    await eventually(lambda: world.told("InvitationEnded", invitation_id=invitation["id"], end="joined"), seconds=60)
    joined = {"person_id": newcomer.person_id, "role": "handler"}
    await eventually(lambda: world.told("MemberChanged", **joined), seconds=60)
    await eventually(lambda: invitation["id"] in world.feed.tombstones, seconds=60)


async def _role(client: Any, organisation_id: str) -> str | None:
    role: str | None = (await client.get(own(organisation_id))).json().get("role")
    return role


async def test_an_invitation_that_crossed_the_sign_in_is_met_all_the_same(world) -> None:
    """The contact was there, but the inviting process had not seen it: nothing arrives any more, and they join."""
    manager, organisation_id = await world.organisation()
    person = await signs_in(world, "13700000021")
    await invited_unseen(world, organisation_id, manager, "13700000021")
    service = world.service
    replicas = [FollowInvitations(service.organisations, service.contacts, service.erasures) for _ in range(4)]
    await asyncio.gather(*(follow(when=When.now()) for follow in replicas))
    assert await _role(person, organisation_id) == "handler"
    await eventually(lambda: world.told("MemberChanged", person_id=person.person_id), seconds=60)
    assert len(world.told("InvitationEnded", organisation_id=organisation_id)) == 1
    assert len(world.told("MemberChanged", person_id=person.person_id)) == 1


async def invited_unseen(world: Any, organisation_id: str, manager: Any, phone: str) -> None:
    settings = world.settings
    asked = Invite(uuid7(), organisation_id, phone, MemberRole.HANDLER, "陈洁", timedelta(days=30))
    by = Actor(person_id=manager.person_id, role=Role.MEMBER)
    await invite(
        asked,
        by,
        world.service.organisations,
        settings.sealer(),
        settings.blind_index(),
        lambda _organisation, _invites: None,
        when=When.now(),
    )


async def test_a_phone_that_changed_hands_makes_nobody_else_a_member(world) -> None:
    manager, organisation_id = await world.organisation()
    before = await signs_in(world, "13700000031")
    await signs_in(world, "13700000032", client=before)
    await world_has_phone(world, before.person_id, "13700000032")
    body = {"phone": "13700000031", "role": "handler", "name": "周宁"}
    made = await manager.post(own(organisation_id, "/members"), body)
    assert len(made.json()["invitations"]) == 1
    after = await signs_in(world, "13700000031")
    assert await eventually(lambda: _role(after, organisation_id), seconds=60) == "handler"
    assert before.person_id not in await roles(manager, organisation_id)


async def world_has_phone(world: Any, person_id: str, phone: str) -> None:
    async def known() -> bool:
        found = await world.service.contacts.person_by_phone(phone)
        return found is not None and found[0] == person_id

    await eventually(known, seconds=60)


async def test_an_invitation_is_withdrawn_or_ends_by_itself(world) -> None:
    manager, organisation_id = await world.organisation()
    path = own(organisation_id, "/members")
    ids = []
    for phone in ("13700000041", "13700000042"):
        made = await manager.post(path, {"phone": phone, "role": "handler", "name": "周宁"})
        ids.append(made.json()["invitations"][-1]["id"])
    withdrawn, late = ids
    stranger = world.person()
    taken_back = own(organisation_id, f"/invitations/{withdrawn}")
    assert (await stranger("DELETE", taken_back)).status_code == 403
    assert (await manager("DELETE", taken_back)).status_code == 204
    assert (await manager("DELETE", taken_back)).status_code == 404
    service = world.service
    follow = FollowInvitations(service.organisations, service.contacts, service.erasures)
    now = When.now()
    then = now.recorded_at + timedelta(seconds=world.settings.invitation_seconds + 1)
    await follow(when=When(then, then))
    assert (await manager.get(own(organisation_id))).json()["invitations"] == []
    for invitation_id, end in ((withdrawn, "withdrawn"), (late, "expired")):
        told = await eventually(lambda one=invitation_id: world.told("InvitationEnded", invitation_id=one), seconds=60)
        assert [one["end"] for one in told] == [end]
    await eventually(lambda: {withdrawn, late} <= set(world.feed.tombstones), seconds=60)


async def test_only_organisations_that_staff_know_write_to_strangers(world) -> None:
    manager, organisation_id = await world.organisation(verified=False)
    body = {"phone": "13700000051", "role": "handler", "name": "周宁"}
    refused = await manager.post(own(organisation_id, "/members"), body)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_verified")
    known = await signs_in(world, "13700000051")
    assert (await manager.post(own(organisation_id, "/members"), body)).status_code == 201
    assert known.person_id in await roles(manager, organisation_id)


async def test_the_manager_s_role_is_handed_on(world) -> None:
    manager, handler, organisation_id = await with_handler(world, "13700000061")
    path = own(organisation_id, "/manager")
    for given, field in (
        ({"person_id": manager.person_id}, "person_id"),
        ({"person_id": "nobody"}, "person_id"),
        ({}, "body"),
        ({"phone": "13700000061"}, "body"),
    ):
        refused = await manager.post(path, given)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert (await handler.post(path, {"person_id": handler.person_id})).json()["code"] == "not_manager"
    done = await manager.post(path, {"person_id": handler.person_id})
    assert (done.status_code, done.json()["role"]) == (200, "handler")
    assert await roles(handler, organisation_id) == {handler.person_id: "manager", manager.person_id: "handler"}
    for person, role in ((handler, "manager"), (manager, "handler")):
        told = {"organisation_id": organisation_id, "person_id": person.person_id, "role": role}
        await eventually(lambda told=told: world.told("MemberChanged", **told), seconds=60)


async def test_staff_name_a_manager_where_none_can_be_reached(world) -> None:
    manager, organisation_id = await world.organisation()
    path = own(organisation_id, "/manager")
    body = {"phone": "13700000071", "name": "周宁", "reason": "负责人调走了，单位来函"}
    assert (await world.staff("310118").post(path, body)).status_code == 403
    assert (await manager.post(path, body)).status_code == 403
    named = await world.staff("310117").post(path, body)
    assert named.status_code == 200, named.text
    newcomer = await signs_in(world, "13700000071")
    assert await eventually(lambda: _role(newcomer, organisation_id), seconds=60) == "manager"
    lines = (await manager.get(own(organisation_id, "/timeline"))).json()["items"]
    said = next(one for one in lines if one.get("why"))
    assert (said["what"], said["by"], said["why"]) == ("MemberInvited", "staff", "负责人调走了，单位来函")


async def test_what_a_member_handled_goes_on_when_they_leave(world) -> None:
    manager, handler, organisation_id = await with_handler(world, "13700000081")
    wish_id = await world.wish()
    await world.contact(wish_id, ContactKind.WISH, name="王秀英", phone="13912345670", address="三弄 5 号")
    adoption_id = await world.adoption(handler, wish_id, organisation_id)
    assert (await manager.get(f"/api/adoptions/{adoption_id}/contact")).json()["code"] == "not_handler"
    left = own(organisation_id, f"/members/{handler.person_id}")
    assert (await handler("DELETE", left)).status_code == 204
    told = await eventually(lambda: world.told("HandlerNamed", adoption_id=adoption_id), seconds=60)
    assert [one["handler_id"] for one in told] == [manager.person_id]
    assert (await manager.get(f"/api/adoptions/{adoption_id}/contact")).json()["name"] == "王秀英"
    assert (await handler.get(f"/api/adoptions/{adoption_id}/contact")).status_code == 403


async def test_a_claim_that_had_passed_its_check_before_is_seen_to_as_well(world) -> None:
    """It is written after the member left; the mark of who left outlives it, and goes when none can come any more."""
    manager, handler, organisation_id = await with_handler(world, "13700000091")
    assert (await handler("DELETE", own(organisation_id, f"/members/{handler.person_id}"))).status_code == 204
    wish_id = await world.wish()
    adoption_id = await world.adoption(manager, wish_id, organisation_id)
    written = {"_id": wish_id, "adoptions.id": adoption_id}
    mine = {"$set": {"adoptions.$.handler_id": handler.person_id}, "$inc": {"revision": 1}}
    await world.service.claims.collection.update_one(written, mine)
    await eventually(lambda: world.told("HandlerNamed", adoption_id=adoption_id), seconds=60)
    document = await world.service.organisations.document(organisation_id)
    assert [one["person_id"] for one in document["departed"]] == [handler.person_id]
    then = When.now().recorded_at + timedelta(minutes=2)
    service, settings = world.service, world.settings
    at = When(then, then)
    kept = (service.organisations, service.claims, settings.sealer())
    await replace_handlers(*kept, door_code=lambda: "1111", when=at)
    assert (await service.organisations.document(organisation_id))["departed"] == []
