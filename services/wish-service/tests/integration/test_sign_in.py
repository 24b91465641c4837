"""Sign-in: the code travels sealed through Kafka alone, bears few tries, and is limited per phone and address."""

import asyncio
from typing import Any

import pytest

from microwish.events import Topic

pytestmark = pytest.mark.integration


async def test_the_code_reaches_the_phone_sealed_and_is_kept_nowhere(world: Any) -> None:
    client, phone = world.client(), world.phone()
    asked = await client.post("/api/signin/codes", json={"phone": f"+86 {phone}"})
    assert asked.status_code == 202
    challenge_id = asked.json()["challenge_id"]
    assert asked.json()["expires_in"] == 300
    code = await world.code(challenge_id)
    assert len(code) == 6
    issued = await world.feed.wait_for(Topic.SIGNIN, lambda e: e.subject == challenge_id)
    kept = await world.service.parts.challenges.aggregates.find(challenge_id)
    for place in (str(issued.data), str(kept), asked.text):
        assert code not in place.replace(challenge_id, "")
        assert phone not in place
    opened = await client.post("/api/signin/sessions", json={"challenge_id": challenge_id, "code": code})
    assert opened.status_code == 201
    assert opened.json()["person"]["roles"] == ["resident"]
    assert opened.json()["person"]["phone_masked"] == f"{phone[:3]}****{phone[-4:]}"
    cookie = opened.headers["set-cookie"]
    assert cookie.startswith("microwish_session=")
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    again = await client.post("/api/signin/sessions", json={"challenge_id": challenge_id, "code": code})
    assert (again.status_code, again.json()["code"]) == (422, "code_expired")


async def test_five_wrong_tries_spend_a_code(world: Any) -> None:
    client = world.client()
    challenge_id = (await client.post("/api/signin/codes", json={"phone": world.phone()})).json()["challenge_id"]
    code = await world.code(challenge_id)
    wrong = "000000" if code != "000000" else "111111"
    tried = [
        await client.post("/api/signin/sessions", json={"challenge_id": challenge_id, "code": wrong}) for _ in range(5)
    ]
    assert [(one.json()["code"], one.json()["tries_left"]) for one in tried] == [
        ("code_wrong", left) for left in (4, 3, 2, 1, 0)
    ]
    late = await client.post("/api/signin/sessions", json={"challenge_id": challenge_id, "code": code})
    assert (late.status_code, late.json()["code"]) == (422, "code_expired")


async def test_first_sign_ins_at_once_make_one_person(world: Any) -> None:
    phone = world.phone()
    people = world.service.parts.people
    when = await _now(world)
    found = await asyncio.gather(*(people.with_phone(phone, when=when) for _ in range(8)))
    assert len({person.id for person in found}) == 1
    saved = await world.feed.wait_for(Topic.CONTACT, lambda e: e.subject == found[0].id)
    assert saved.data["kind"] == "person"
    assert saved.data["phone_index"] == world.seals.index(phone)
    assert phone not in str(saved.data)


async def test_limits_are_counted_per_phone_and_per_address(another_world: Any) -> None:
    async with another_world(signin_per_phone_per_hour=2, signin_per_address_per_hour=4) as world:
        client = world.client()

        async def ask(phone: str, address: str) -> int:
            headers = {"X-Forwarded-For": address}
            answer = await client.post("/api/signin/codes", json={"phone": phone}, headers=headers)
            if answer.status_code == 429:
                assert 0 < int(answer.headers["Retry-After"]) <= 3600
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.json()["code"] == "too_many_codes"
            return int(answer.status_code)

        assert [await ask("13700000001", f"10.0.0.{n}") for n in range(3)] == [202, 202, 429]
        statuses = [await ask(f"1370000001{n}", "10.1.1.1") for n in range(5)]
        assert statuses == [202, 202, 202, 202, 429]


async def test_a_forwarded_address_is_believed_only_from_a_trusted_proxy(another_world: Any) -> None:
    async with another_world(signin_per_address_per_hour=1, trusted_proxies="192.0.2.1/32") as world:
        client = world.client()
        statuses = []
        for n in range(2):
            headers = {"X-Forwarded-For": f"10.0.0.{n}"}
            answer = await client.post("/api/signin/codes", json={"phone": world.phone()}, headers=headers)
            statuses.append(answer.status_code)
        assert statuses == [202, 429]


async def test_admins_are_named_by_setting_and_staff_by_admins(world: Any) -> None:
    admin = await world.person("13800000000")
    me = (await admin.get("/api/me")).json()
    assert me["roles"] == ["admin", "ops", "resident", "staff"]
    phone = world.phone()
    body = {"phone": phone, "communities": ["310117001"], "name": "周敏"}
    assigned = await admin.post("/api/staff", body)
    assert assigned.status_code == 201
    told = await world.feed.wait_for(Topic.WISH, lambda e: e.subject == assigned.json()["id"])
    assert (told.type, told.data["communities"]) == ("microwish.StaffAssigned.v1", ["310117001"])
    staff = await world.person(phone)
    me = (await staff.get("/api/me")).json()
    assert (me["roles"], me["communities"]) == (["resident", "staff"], ["310117001"])
    listed = (await admin.get("/api/staff")).json()["items"]
    assert {"周敏"} == {one["name"] for one in listed if one["id"] == staff.id}
    assert (await staff.post("/api/staff", body)).status_code == 403
    unknown = await admin.post("/api/staff", {**body, "communities": ["999999"]})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "communities")


async def test_the_public_keys_are_published_and_a_session_can_be_closed(world: Any) -> None:
    client = world.client()
    keys = (await client.get("/.well-known/jwks.json")).json()["keys"]
    assert keys
    assert all("d" not in key for key in keys)
    someone = await world.person()
    left = await someone.http.delete("/api/signin/sessions")
    assert left.status_code == 204
    assert 'microwish_session=""' in left.headers["set-cookie"]
    assert (await client.get("/api/me")).status_code == 401


async def _now(world: Any) -> Any:
    from microwish.when import When

    return When.now(world.service.parts.clock)
