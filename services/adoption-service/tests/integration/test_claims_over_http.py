"""Every answer of the claim, retries, limits, and who may do what with an adoption."""

import asyncio

import pytest

from microwish.events.contact import ContactKind
from microwish.events.wish import WishWithdrawn
from microwish.ids import uuid7
from microwish.testing import eventually

pytestmark = pytest.mark.integration


async def test_the_same_key_gives_the_same_adoption_and_another_key_says_which_is_held(world) -> None:
    wish_id = await world.wish(slots=2)
    member, organisation_id = await world.organisation()
    first = await world.claim(member, wish_id, organisation_id, Idempotency_Key="k1")
    again = await asyncio.gather(
        *(world.claim(member, wish_id, organisation_id, Idempotency_Key="k1") for _ in range(5))
    )
    assert [one.status_code for one in (first, *again)] == [201] * 6
    assert {one.json()["id"] for one in (first, *again)} == {first.json()["id"]}
    other = await world.claim(member, wish_id, organisation_id, Idempotency_Key="k2")
    assert (other.status_code, other.json()["code"]) == (409, "already_held")
    assert other.json()["adoption_id"] == first.json()["id"]
    elsewhere = await world.claim(member, await world.wish(), organisation_id, Idempotency_Key="k1")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "key_reused")


async def test_one_key_for_two_wishes_at_once_makes_one_adoption(world) -> None:
    wishes = [await world.wish(), await world.wish()]
    member, organisation_id = await world.organisation()
    answers = await asyncio.gather(
        *(world.claim(member, one, organisation_id, Idempotency_Key="both") for one in wishes)
    )
    assert sorted(one.status_code for one in answers) == [201, 422]


async def test_a_retry_after_the_end_finds_the_ended_adoption(world) -> None:
    wish_id = await world.wish()
    member, organisation_id = await world.organisation()
    made = (await world.claim(member, wish_id, organisation_id, Idempotency_Key="once")).json()
    await member.post(f"/api/adoptions/{made['id']}/release", {"reason": "人手不够"})

    async def in_history() -> bool:
        return await world.service.claims.ended.find_one({"_id": made["id"]}) is not None

    await eventually(in_history, seconds=60)
    again = await world.claim(member, wish_id, organisation_id, Idempotency_Key="once")
    assert (again.status_code, again.json()["id"], again.json()["state"]) == (201, made["id"], "released")
    assert (await world.claim(member, wish_id, organisation_id)).status_code == 201
    listed = (await member.get(f"/api/adoptions?organisation_id={organisation_id}")).json()["items"]
    assert sorted(one["state"] for one in listed) == ["active", "released"]


async def test_refusals_of_a_claim(world) -> None:
    member, organisation_id = await world.organisation()
    stranger = world.person()
    pending_member, pending = await world.organisation(verified=False)
    wish_id = await world.wish()
    assert (await world.claim(stranger, wish_id, organisation_id)).json()["code"] == "not_member"
    assert (await world.claim(member, wish_id, uuid7())).json()["code"] == "not_member"
    refused = await world.claim(pending_member, wish_id, pending)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_verified")
    unknown = uuid7()
    assert (await world.claim(member, unknown, organisation_id)).json()["code"] == "not_yet_claimable"
    assert await world.service.claims.find(unknown) is None, "nothing is created from a claim"
    await world.act(WishWithdrawn, wish_id)
    assert (await world.claim(member, wish_id, organisation_id)).json()["code"] == "closed"


async def test_too_many_adoptions_past_half_their_term(make_world) -> None:
    world = await make_world(lease_seconds=3600, overdue_claims_allowed=1)
    member, organisation_id = await world.organisation()
    for _ in range(2):
        await world.adoption(member, await world.wish(), organisation_id)
    await world.service.claims.collection.update_many(
        {},
        [
            {
                "$set": {
                    "adoptions": {
                        "$map": {
                            "input": "$adoptions",
                            "in": {"$mergeObjects": ["$$this", {"half_at": "$$this.claimed_at"}]},
                        }
                    }
                }
            }
        ],
    )
    answer = await world.claim(member, await world.wish(), organisation_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "limit_reached")


async def test_the_contact_is_for_the_named_handler_of_an_active_adoption(world) -> None:
    wish_id = await world.wish(slots=2)
    member, organisation_id = await world.organisation()
    handler = world.person()
    await world.contact(handler.person_id, ContactKind.PERSON, name="陈洁", phone="13811112222")
    added = await member.post(
        f"/api/organisations/{organisation_id}/members", {"phone": "138-1111-2222", "role": "handler"}
    )
    assert added.status_code == 201, added.text
    body = {"wish_id": wish_id, "organisation_id": organisation_id, "handler": handler.person_id}
    adoption = (await member.post("/api/adoptions", body)).json()
    path = f"/api/adoptions/{adoption['id']}/contact"
    assert adoption["handler_name"] == "陈洁"
    early = await handler.get(path)
    assert (early.status_code, early.json()["code"]) == (503, "contact_not_here")
    assert world.told("ContactRead", wish_id=wish_id) == []
    await world.contact(wish_id, ContactKind.WISH, name="王秀英", phone="13912345678", address="三弄 5 号")
    for who, code in [(member, "not_handler"), (world.person(), "not_member"), (world.staff(), "not_member")]:
        answer = await who.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, code)
        assert "13912345678" not in answer.text
    shown = await handler.get(path)
    assert shown.json()["phone"] == "13912345678"
    assert shown.headers["cache-control"] == "private, no-store"
    timeline = (await world.service.claims.aggregates.load(wish_id))["timeline"]
    assert timeline[-1]["what"] == "ContactRead", "durable before the answer"
    assert timeline[-1]["by"]["person_id"] == handler.person_id
    await handler.post(f"/api/adoptions/{adoption['id']}/delivery", {})
    ended = await handler.get(path)
    assert (ended.status_code, ended.json()["code"]) == (403, "contact_closed")
    await eventually(lambda: len(world.told("ContactRead", wish_id=wish_id)) == 1)


async def test_an_erased_contact_is_not_shown(world) -> None:
    wish_id = await world.wish()
    member, organisation_id = await world.organisation()
    adoption_id = await world.adoption(member, wish_id, organisation_id)
    await world.contact(wish_id, ContactKind.WISH, name="王秀英", phone="13912345679")
    await world.feed.erase_contact(wish_id, source="/microwish/wish-service/contact", version=9)
    await world.contact(wish_id, ContactKind.WISH, name="王秀英", phone="13912345679")  # older, and overtaken

    async def erased() -> bool:
        return bool((await world.service.contacts.of_wish(wish_id) or {}).get("erased"))

    await eventually(erased, seconds=60)
    answer = await member.get(f"/api/adoptions/{adoption_id}/contact")
    assert (answer.status_code, answer.json()["code"]) == (409, "contact_erased")


async def test_who_may_see_and_end_an_adoption(world) -> None:
    wish_id = await world.wish()
    member, organisation_id = await world.organisation()
    adoption_id = await world.adoption(member, wish_id, organisation_id)
    path = f"/api/adoptions/{adoption_id}"
    here, elsewhere = world.staff("310117001"), world.staff("310117005")
    assert [(await who.get(path)).status_code for who in (member, here, world.admin)] == [200, 200, 200]
    assert [(await who.get(path)).status_code for who in (world.person(), elsewhere)] == [403, 403]
    assert (await elsewhere.post(f"{path}/revocation", {"reason": "重复"})).status_code == 403
    assert (await member.post(f"{path}/revocation", {"reason": "重复"})).status_code == 403
    assert (await world.person().post(f"{path}/release", {"reason": "不办了"})).status_code == 403
    extended = await member.post(f"{path}/extension", {"reason": "等货"})
    assert extended.json()["extended"] is True
    assert (await member.post(f"{path}/extension", {"reason": "等货"})).json()["code"] == "already_extended"
    revoked = await here.post(f"{path}/revocation", {"reason": "重复"})
    assert (revoked.status_code, revoked.json()["state"]) == (200, "revoked")
    assert (await member.post(f"{path}/delivery", {})).json()["code"] == "not_active"


async def test_commands_are_idempotent_by_their_key(world) -> None:
    wish_id = await world.wish()
    member, organisation_id = await world.organisation()
    path = f"/api/adoptions/{await world.adoption(member, wish_id, organisation_id)}"
    for _ in range(3):
        noted = await member.post(f"{path}/progress", {"note": "已买好"}, Idempotency_Key="n1")
        assert noted.status_code == 200
    assert len(noted.json()["progress"]) == 1
    reused = await member.post(f"{path}/progress", {"note": "别的话"}, Idempotency_Key="n1")
    assert (reused.status_code, reused.json()["code"]) == (422, "key_reused")
    delivered = [(await member.post(f"{path}/delivery", {}, Idempotency_Key="d1")).status_code for _ in range(2)]
    assert delivered == [200, 200]


async def test_a_key_is_its_owner_s_own(world) -> None:
    """Two holders of one wish may both call their request `1`."""
    wish_id = await world.wish(slots=2)
    for _ in range(2):
        member, organisation_id = await world.organisation()
        adoption_id = await world.adoption(member, wish_id, organisation_id)
        answer = await member.post(f"/api/adoptions/{adoption_id}/delivery", {}, Idempotency_Key="1")
        assert (answer.status_code, answer.json()["state"]) == (200, "delivered")


async def test_the_past_is_recorded_with_its_date_while_timers_count_from_now(world) -> None:
    wish_id = await world.wish()
    manager = world.admin
    _, organisation_id = await world.organisation(manager=manager)
    body = {"wish_id": wish_id, "organisation_id": organisation_id}
    made = await manager.post("/api/adoptions", body, Microwish_As_Of="2026-03-01T09:00:00+08:00")
    assert made.status_code == 201, made.text
    assert made.json()["claimed_at"] == "2026-03-01T01:00:00Z"
    claims = await world.service.claims.find(wish_id)
    assert claims.adoptions[0].due_at - claims.adoptions[0].term_from == world.settings.lease.term
    line = (await world.service.claims.aggregates.load(wish_id))["timeline"][-1]
    assert line["recorded_by"] == manager.person_id
    assert line["recorded_at"] > line["at"]


BAD = [
    ("POST", "/api/adoptions", {}, 422, "wish_id"),
    ("POST", "/api/adoptions", {"wish_id": 1, "organisation_id": "x"}, 422, "wish_id"),
    ("GET", "/api/adoptions?cursor=nonsense", None, 422, "cursor"),
    ("GET", "/api/adoptions?limit=0", None, 422, "limit"),
    ("GET", "/api/adoptions?state=gone", None, 422, "state"),
    ("GET", "/api/adoptions/nothing", None, 404, None),
    ("GET", "/api/adoptions/nothing/contact", None, 404, None),
    ("POST", "/api/adoptions/nothing/delivery", {"note": "x" * 501}, 422, "note"),
    ("POST", "/api/adoptions/nothing/progress", {"note": " "}, 422, "note"),
    ("POST", "/api/adoptions/nothing/release", {}, 422, "reason"),
    ("POST", "/api/adoptions/nothing/extension", {}, 422, "reason"),
    ("POST", "/api/adoptions/nothing/revocation", {}, 422, "reason"),
    ("POST", "/api/adoptions/nothing/revocation", {"reason": "x"}, 404, None),
    ("POST", "/api/organisations", {"name": "x"}, 422, "kind"),
    ("POST", "/api/organisations/nothing/members", {"phone": "12", "role": "handler"}, 422, "phone"),
    ("POST", "/api/organisations/nothing/verification", {"decision": "maybe"}, 422, "decision"),
    ("PUT", "/api/organisations/nothing/following", {"communities": ["x"], "notify": "digest"}, 422, "communities.0"),
    (
        "PUT",
        "/api/organisations/nothing/following",
        {"communities": ["3１0117"], "notify": "none"},
        422,
        "communities.0",
    ),
    ("GET", "/api/board?community=3１0117", None, 422, "community"),
    ("DELETE", "/api/organisations/nothing/members/nobody", None, 404, None),
    ("GET", "/api/organisations/nothing", None, 404, None),
    ("GET", "/api/organisations?kind=club", None, 422, "kind"),
    ("GET", "/api/board?category=money", None, 422, "category"),
    ("GET", "/api/board?cursor=eyJ4IjoxfQ", None, 422, "cursor"),
    ("GET", "/api/board?cursor=WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzIzOjU5IiwgImEiXQ", None, 422, "cursor"),
    ("GET", "/api/adoptions?cursor=WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgIlx1ZDgwMCJd", None, 422, "cursor"),
    ("GET", "/api/organisations?cursor=WyJcdWQ4MDAiXQ", None, 422, "cursor"),
    ("GET", "/api/board?community=abc", None, 422, "community"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "field"), BAD)
async def test_bad_input_is_a_problem_that_names_the_field(world, method, path, body, status, field) -> None:
    answer = await world.admin(method, path, body, Accept_Language="en")
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert {"type", "title", "code"} <= problem.keys()
    if field:
        assert field in [error["field"] for error in problem["errors"]]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/adoptions"),
        ("GET", "/api/adoptions"),
        ("GET", "/api/adoptions/x/contact"),
        ("POST", "/api/organisations"),
        ("GET", "/api/organisations?mine=true"),
        ("POST", "/api/organisations/x/verification"),
    ],
)
async def test_signed_out_people_are_asked_to_sign_in(world, method, path) -> None:
    answer = await world.http.request(method, path, json={})
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


async def test_text_that_is_no_json_is_unreadable(world) -> None:
    headers = {"Authorization": f"Bearer {world.person().token}", "Content-Type": "application/json"}
    answer = await world.http.post("/api/adoptions", content=b"{", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable")
