"""The wall's API: who may do what, what bad input gets, caching, paging, retries."""

from typing import Any

import pytest

from microwish.events import Topic
from microwish.testing import eventually

pytestmark = pytest.mark.integration

NOBODY = "0197a0aa-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"title": ""}, "title", "invalid"),
        ({"title": "字" * 61}, "title", "invalid"),
        ({"title": None}, "title", "invalid"),
        ({"category": "money"}, "category", "invalid"),
        ({"community": "310117"}, "community", "invalid"),
        ({"community": "310117999999"}, "community", "invalid"),
        ({"slots": 0}, "slots", "invalid"),
        ({"slots": 201}, "slots", "invalid"),
        ({"slots": "many"}, "slots", "invalid"),
        ({"estimated_value_fen": 50_001}, "estimated_value_fen", "invalid"),
        ({"contact": {"name": "王", "phone": "12", "address": "三弄"}}, "contact.phone", "invalid"),
        ({"contact": {"phone": "13912345678", "address": "三弄"}}, "contact.name", "invalid"),
        ({"detail": "请打 13912345678"}, "detail", "invalid"),
        ({"detail": "想借点钱"}, "detail", "money_refused"),
        ({"consents": {"publishing": False, "sensitive": True}}, "consents.publishing", "invalid"),
        ({"beneficiary": {"relation": "孙女", "under_14": True}}, "consents.guardian", "invalid"),
    ],
)
async def test_bad_wishes_are_refused_field_by_field(
    world: Any, wish_body: Any, change: dict[str, Any], field: str, code: str
) -> None:
    resident = await world.person()
    answer = await resident.post("/api/wishes", wish_body(**change))
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert field in {error["field"] for error in answer.json()["errors"]}
    assert all(error["message"] for error in answer.json()["errors"])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/signin/codes", {"phone": "1"}),
        ("/api/signin/sessions", {"challenge_id": NOBODY, "code": "12a456"}),
        ("/api/wishes/{id}/review", {"decision": "perhaps"}),
        ("/api/wishes/{id}/review", {"decision": "reject"}),
        ("/api/wishes/{id}/withdrawal", {"reason": "字" * 301}),
        ("/api/wishes/{id}/confirmation", {}),
        ("/api/wishes/{id}/dispute", {"adoption_id": NOBODY}),
        ("/api/wishes/{id}/takedown", {"reason": " "}),
        ("/api/wishes/{id}/merge", {}),
        ("/api/wishes/{id}/closing", {"reason": 5}),
        ("/api/staff", {"phone": "139", "communities": ["x"]}),
        ("/api/staff", {"phone": "021-55550100", "communities": []}),
        ("/api/signin/codes", {"phone": "021-55550100"}),
    ],
)
async def test_every_command_answers_bad_input_with_a_problem(world: Any, path: str, body: dict[str, Any]) -> None:
    resident, admin = await world.person(), await world.person("13800000000")
    wish_id = await world.submitted(resident)
    answer = await admin.post(path.format(id=wish_id), body)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]
    unreadable = await admin.http.post(
        path.format(id=wish_id), content=b"{", headers={"content-type": "application/json"}
    )
    assert (unreadable.status_code, unreadable.json()["code"]) == (400, "unreadable")
    english = await admin.http.post(path.format(id=wish_id), json=body, headers={"Accept-Language": "en"})
    assert english.json()["title"].isascii()
    assert (await resident.get(f"/api/wishes/{wish_id}")).json()["status"] == "submitted"


@pytest.mark.parametrize(
    "query",
    [
        "cursor=%21%21",
        "cursor=W10",
        "cursor=WyI5OTk5LTEyLTMxVDIzOjU5OjU5LTIzOjU5IiwgIngiXQ",
        "cursor=WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgIlx1ZDgwMCJd",  # an id that is half of a character
        "q=%00",
        "limit=0",
        "limit=101",
        "status=x",
        "category=x",
        "community=1",
        "community=３１０１１７",
    ],
)
async def test_bad_queries_are_refused(world: Any, query: str) -> None:
    answer = await world.client().get(f"/api/wishes?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_who_may_not(world: Any) -> None:
    resident, stranger = await world.person(), await world.person()
    staff, elsewhere = await world.staff("310117001"), await world.staff("310117005")
    wish_id = await world.submitted(resident)
    anyone = world.client()
    assert (await anyone.post(f"/api/wishes/{wish_id}/withdrawal", json={})).status_code == 401
    assert (await anyone.get(f"/api/wishes/{wish_id}")).status_code == 404
    assert (await stranger.get(f"/api/wishes/{wish_id}")).status_code == 404
    assert (await stranger.post(f"/api/wishes/{wish_id}/withdrawal")).status_code == 404
    assert (await stranger.get("/api/review-queue")).status_code == 403
    approval = {"decision": "approve"}
    refused = await elsewhere.post(f"/api/wishes/{wish_id}/review", approval)
    assert (refused.status_code, refused.json()["code"]) == (403, "other_community")
    assert (await elsewhere.get(f"/api/wishes/{wish_id}/contact")).status_code == 403
    assert (await resident.post(f"/api/wishes/{wish_id}/review", approval)).status_code == 403
    assert wish_id not in await world.queue(elsewhere)
    assert (await world.queue(staff))[wish_id]["overdue"] is False
    assert (await staff.post(f"/api/wishes/{wish_id}/review", approval)).status_code == 200
    await world.on_wall(wish_id, "posted")
    assert (await stranger.post(f"/api/wishes/{wish_id}/withdrawal")).status_code == 403
    public = (await stranger.get(f"/api/wishes/{wish_id}")).json()
    assert "adoptions" not in public
    assert resident.id not in str(public)
    lines = (await anyone.get(f"/api/wishes/{wish_id}/timeline")).json()["items"]
    assert [set(line) for line in lines] == [{"at", "what", "organisation"}]


async def test_on_behalf_belongs_to_the_mobile_and_a_landline_to_nobody(world: Any, wish_body: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    refused = await resident.post("/api/wishes", wish_body(on_behalf=True))
    assert (refused.status_code, refused.json()["code"]) == (403, "staff_only")
    far = await staff.post("/api/wishes", wish_body(on_behalf=True, community="310117005001"))
    assert (far.status_code, far.json()["code"]) == (403, "other_community")
    elder = {"name": "陈阿婆", "phone": world.phone(), "address": "龙潭社区二弄"}
    posted = await staff.post("/api/wishes", wish_body(on_behalf={"note": "上门登记"}, contact=elder))
    assert posted.status_code == 201
    told = await world.feed.wait_for(Topic.WISH, lambda e: e.subject == posted.json()["id"])
    assert told.data["on_behalf"] is True
    owner = await world.person(elder["phone"])
    assert told.data["resident_id"] == owner.id
    assert (await owner.get(f"/api/wishes/{posted.json()['id']}")).json()["on_behalf"] is True
    landline = {**elder, "phone": "021-57812345"}
    nobody = await staff.post("/api/wishes", wish_body(on_behalf=True, contact=landline))
    told = await world.feed.wait_for(Topic.WISH, lambda e: e.subject == nobody.json()["id"])
    assert "resident_id" not in told.data


async def test_a_retry_meets_what_the_first_try_made(world: Any, wish_body: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    key = {"Idempotency-Key": "post-1"}
    first = await resident.post("/api/wishes", wish_body(), **key)
    again = await resident.post("/api/wishes", wish_body(), **key)
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    other = await resident.post("/api/wishes", wish_body(title="别的"), **key)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    path = f"/api/wishes/{first.json()['id']}/review"
    for _ in range(2):
        approved = await staff.post(path, {"decision": "approve"}, **{"Idempotency-Key": "review-1"})
        assert approved.status_code == 200
    late = await staff.post(path, {"decision": "approve"})
    assert (late.status_code, late.json()["code"], late.json()["wish_status"]) == (409, "wrong_state", "posted")
    assert "待认领" in late.json()["detail"]


async def test_the_wall_pages_by_keyset_filters_and_answers_304(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    place = "310117001002"
    ids = [
        await world.posted(resident, staff, community=place, title=f"第{n}个(愿)", category="study") for n in range(5)
    ]
    for wish_id in ids:
        await world.on_wall(wish_id, "posted")
    anyone = world.client()
    seen, cursor = [], ""
    while cursor is not None:
        suffix = f"&cursor={cursor}" if cursor else ""
        page = (await anyone.get(f"/api/wishes?community={place}&category=study&limit=2{suffix}")).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ids[::-1]
    found = await anyone.get("/api/wishes", params={"q": "第3个(愿)", "community": "310117001", "status": "posted"})
    assert [item["id"] for item in found.json()["items"]] == [ids[3]]
    etag = found.headers["etag"]
    same = await anyone.get(str(found.request.url), headers={"If-None-Match": etag})
    assert (same.status_code, same.content) == (304, b"")
    assert (await resident.post(f"/api/wishes/{ids[3]}/withdrawal")).json()["status"] == "withdrawn"

    async def gone() -> bool:
        answer = await anyone.get(str(found.request.url), headers={"If-None-Match": etag})
        return answer.status_code == 200 and answer.json()["items"] == []

    await eventually(gone)
    assert (await anyone.get(f"/api/wishes/{ids[3]}")).status_code == 404


async def test_a_returned_wish_is_revised_and_one_can_be_merged_closed_or_taken_down(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    wish_id = await world.submitted(resident)
    reason = {"decision": "return", "reason": "请说说尺寸"}
    await staff.post(f"/api/wishes/{wish_id}/review", reason)
    mine = (await resident.get(f"/api/wishes/{wish_id}")).json()
    assert (mine["status"], mine["reason"]) == ("returned", "请说说尺寸")
    revised = await resident.http.patch(f"/api/wishes/{wish_id}", json={"detail": "巴掌大小"})
    assert revised.json()["status"] == "submitted"
    approved = {"decision": "approve", "public_title": "一台小收音机", "public_detail": "听戏用"}
    shown = (await staff.post(f"/api/wishes/{wish_id}/review", approved)).json()
    assert (shown["title"], shown["original"]["detail"]) == ("一台小收音机", "巴掌大小")
    phone_in_public = {**approved, "public_detail": "电话 13912345678"}
    second = await world.submitted(resident)
    refused = await staff.post(f"/api/wishes/{second}/review", phone_in_public)
    assert refused.json()["errors"][0]["field"] == "public_detail"
    merged = await staff.post(f"/api/wishes/{second}/merge", {"into": wish_id})
    assert (merged.json()["status"], merged.json()["merged_into"]) == ("merged", wish_id)
    itself = await staff.post(f"/api/wishes/{wish_id}/merge", {"into": wish_id})
    assert (itself.status_code, itself.json()["code"]) == (409, "cannot_merge")
    no_reason = await staff.post(f"/api/wishes/{wish_id}/closing")
    assert no_reason.json()["errors"][0]["field"] == "reason"
    closed = await staff.post(f"/api/wishes/{wish_id}/closing", {"reason": "没有货源"})
    assert closed.json()["status"] == "closed"
    third = await world.posted(resident, staff)
    down = await staff.post(f"/api/wishes/{third}/takedown", {"reason": "内容有误"})
    assert down.json()["status"] == "taken_down"


async def test_what_must_not_be_public_goes_at_once_and_its_delivery_stands(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    wish_id = await world.posted(resident, staff)
    adopted = world.adopted(wish_id)
    await world.tell(adopted)
    await world.tell(world.reported(adopted))
    await world.state(resident, wish_id, "delivered")
    await world.on_wall(wish_id, "delivered")
    down = await staff.post(f"/api/wishes/{wish_id}/takedown", {"reason": "标题里有名字"})
    assert (down.status_code, down.json()["status"]) == (200, "taken_down")

    async def off_the_wall() -> bool:
        return (await world.client().get(f"/api/wishes/{wish_id}")).status_code == 404

    await eventually(off_the_wall)
    answer = await resident.post(f"/api/wishes/{wish_id}/confirmation", {"adoption_id": adopted.adoption_id})
    assert (answer.status_code, answer.json()["status"]) == (200, "taken_down")
    assert answer.json()["adoptions"][0]["state"] == "confirmed"


async def test_a_delivered_wish_refuses_to_end_in_any_other_way(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    wish_id, other = await world.posted(resident, staff), await world.posted(resident, staff)
    adopted = world.adopted(wish_id)
    early = await resident.post(f"/api/wishes/{wish_id}/confirmation", {"adoption_id": adopted.adoption_id})
    assert (early.status_code, early.json()["code"]) == (404, "adoption_not_found")
    await world.tell(adopted)
    await world.state(resident, wish_id, "adopted")
    early = await resident.post(f"/api/wishes/{wish_id}/confirmation", {"adoption_id": adopted.adoption_id})
    assert (early.status_code, early.json()["code"]) == (409, "not_delivered")
    await world.tell(world.reported(adopted))
    await world.state(resident, wish_id, "delivered")
    reason = {"reason": "不要了"}
    attempts = [
        await resident.post(f"/api/wishes/{wish_id}/withdrawal", reason),
        await staff.post(f"/api/wishes/{wish_id}/closing", reason),
        await staff.post(f"/api/wishes/{wish_id}/merge", {"into": other}),
    ]
    assert {(one.status_code, one.json()["code"]) for one in attempts} == {(409, "wrong_state")}
    body = {"adoption_id": adopted.adoption_id}
    assert (await resident.post(f"/api/wishes/{wish_id}/confirmation", body)).status_code == 200
    twice = await resident.post(f"/api/wishes/{wish_id}/confirmation", body)
    assert (twice.status_code, twice.json()["code"]) == (409, "already_confirmed")
