"""The review desk: a wish is one person's for some minutes, what staff edit is kept, reasons, several at once."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from microwish.events import Topic
from microwish.ids import uuid7
from microwish.testing import eventually
from wish_service.domain.reasons import CATALOGUE
from wish_service.domain.states import Status
from wish_service.settings import WishSettings

pytestmark = pytest.mark.integration

APPROVE = {"decision": "approve"}
PLACE, PLACE_STREET = "310117005001", "310117005"


@pytest.fixture(scope="module")
async def desk(settings_for: Callable[..., WishSettings], world_of: Callable[..., Any]) -> AsyncIterator[Any]:
    """A service whose queue nobody else touches."""
    async with world_of(settings_for(uuid7()[-12:]), consume=False) as world:
        yield world


async def test_a_claim_keeps_others_from_deciding_until_it_is_given_back(world: Any) -> None:
    resident, mine, other = await world.person(), await world.staff(name="周敏"), await world.staff(name="老李")
    wish_id, second = await world.submitted(resident), await world.posted(resident, mine)
    path = f"/api/wishes/{wish_id}"
    claimed = await mine.post(f"{path}/review-claim")
    assert (claimed.status_code, claimed.json()["review"]["mine"]) == (200, True), claimed.text
    assert (await mine.post(f"{path}/review-claim")).status_code == 200
    queue = await world.queue(other)
    assert queue[wish_id]["review"] == {"name": "周敏", "until": queue[wish_id]["review"]["until"], "mine": False}
    attempts = [
        await other.post(f"{path}/review", APPROVE),
        await other.post(f"{path}/review", {"decision": "reject", "reason_code": "improper"}),
        await other.post(f"{path}/merge", {"into": second}),
        await other.post(f"{path}/review-claim"),
        await other.http.delete(f"{path}/review-claim"),
    ]
    assert {(one.status_code, one.json()["code"], one.json()["reviewer"]) for one in attempts} == {
        (409, "in_review", "周敏")
    }
    assert "周敏正在审核" in attempts[0].json()["detail"]
    assert "周敏" not in (await resident.get(path)).text
    assert (await mine.http.delete(f"{path}/review-claim")).status_code == 204
    assert (await mine.http.delete(f"{path}/review-claim")).status_code == 204
    assert (await other.post(f"{path}/review-claim")).status_code == 200
    assert (await other.post(f"{path}/review", APPROVE)).status_code == 200
    late = await mine.post(f"{path}/review-claim")
    assert (late.status_code, late.json()["code"]) == (409, "wrong_state")


async def test_a_claim_ends_by_itself(another_world: Any) -> None:
    async with another_world(consume=False, review_claim_seconds=1) as world:
        resident, mine, other = await world.person(), await world.staff(), await world.staff()
        wish_id = await world.submitted(resident)
        await mine.post(f"/api/wishes/{wish_id}/review-claim")

        async def decided() -> bool:
            answer = await other.post(f"/api/wishes/{wish_id}/review", APPROVE)
            assert answer.status_code == 200, answer.text
            return True

        await eventually(decided)


async def test_a_decision_lets_go_of_the_wish(world: Any) -> None:
    resident, mine, other = await world.person(), await world.staff(), await world.staff()
    wish_id = await world.submitted(resident)
    await mine.post(f"/api/wishes/{wish_id}/review-claim")
    returned = await mine.post(f"/api/wishes/{wish_id}/review", {"decision": "return", "reason": "多大？"})
    assert returned.status_code == 200
    await resident.http.patch(f"/api/wishes/{wish_id}", json={"detail": "巴掌大"})
    assert (await other.post(f"/api/wishes/{wish_id}/review", APPROVE)).status_code == 200


async def test_of_many_who_take_the_next_nobody_gets_the_same(desk: Any) -> None:
    resident = await desk.person()
    people = await asyncio.gather(*(desk.staff(PLACE_STREET) for _ in range(7)))
    ids = [await desk.submitted(resident, community=PLACE) for _ in range(5)]
    elsewhere = await desk.submitted(resident)
    answers = await asyncio.gather(*(one.post("/api/review-queue/next") for one in people))
    items = [answer.json()["item"] for answer in answers]
    got = Counter(item["id"] for item in items if item)
    assert got == Counter(ids)
    assert items.count(None) == 2
    assert elsewhere not in got
    # Whoever asks again gets what they have; what is given back is the next one's.
    first = next(person for person, item in zip(people, items, strict=True) if item and item["id"] == ids[0])
    empty = next(person for person, item in zip(people, items, strict=True) if item is None)
    assert (await first.post("/api/review-queue/next")).json()["item"]["id"] == ids[0]
    await first.http.delete(f"/api/wishes/{ids[0]}/review-claim")
    assert (await empty.post("/api/review-queue/next")).json()["item"]["id"] == ids[0]


async def test_negative_control_to_read_first_and_write_then_gives_the_same_to_several(desk: Any) -> None:
    resident = await desk.person()
    for _ in range(4):
        await desk.submitted(resident, community=PLACE)
    rows = desk.service.parts.wishes.aggregates.collection

    async def naive(person: str) -> str:
        free = {"status": Status.SUBMITTED.value, "review_claim": None}
        found = await rows.find_one(free, sort=[("review_from", 1), ("_id", 1)])
        await asyncio.sleep(0)
        await rows.update_one({"_id": found["_id"]}, {"$set": {"review_claim.by": person}})
        return str(found["_id"])

    await rows.update_many({}, {"$unset": {"review_claim": ""}})
    got = await asyncio.gather(*(naive(f"s{n}") for n in range(4)))
    assert max(Counter(got).values()) > 1


async def test_the_next_of_an_area_runs_on_an_index(world: Any) -> None:
    rows = world.service.parts.wishes.aggregates.collection
    for extra in ({"areas": {"$in": ["310117"]}}, {}, {"review_claim.by": "x"}):
        query = {"status": "submitted", **extra}
        plan = await rows.find(query).sort([("review_from", 1), ("_id", 1)]).explain()
        assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])


async def test_what_staff_edited_is_kept_and_shown_to_staff_and_resident_alone(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    wish_id = await world.submitted(resident, title="想要收音机", detail="独居，眼睛不好，想听越剧。")
    edited = {**APPROVE, "public_title": "想要收音机", "public_detail": "想听听越剧。"}
    shown = (await staff.post(f"/api/wishes/{wish_id}/review", edited)).json()
    pieces = shown["difference"]
    assert set(pieces) == {"detail"}
    assert {"fate": "removed", "text": "独居，眼睛不好，"} in pieces["detail"]
    assert shown["original"]["detail"] == "独居，眼睛不好，想听越剧。"
    for reader in (staff, resident):
        lines = (await reader.get(f"/api/wishes/{wish_id}/timeline")).json()["items"]
        [line] = [line for line in lines if line["what"] == "WishPosted"]
        assert line["difference"] == pieces
    public = await world.on_wall(wish_id, "posted")
    anyone = world.client()
    lines = (await anyone.get(f"/api/wishes/{wish_id}/timeline")).text
    assert "独居" not in f"{public}{lines}"
    kept = await world.service.parts.wishes.aggregates.load(wish_id)
    kept.pop("public_detail")
    assert "独居" not in str(kept)
    assert "眼睛不好" not in str([e.data for e in world.feed.events(Topic.WISH, lambda e: e.subject == wish_id)])
    same = await world.posted(resident, staff)
    assert (await staff.get(f"/api/wishes/{same}")).json()["difference"] is None


async def test_reasons_of_the_catalogue_reach_the_resident_in_words(world: Any) -> None:
    listed = (await world.client().get("/api/reasons")).json()["items"]
    assert {(one["decision"], one["code"]) for one in listed} == {
        (decision.value, reason.code) for decision, reasons in CATALOGUE.items() for reason in reasons
    }
    resident, staff = await world.person(), await world.staff()
    wish_id = await world.submitted(resident)
    path = f"/api/wishes/{wish_id}"
    for wrong, field in (
        ({"decision": "return"}, "reason"),
        ({"decision": "return", "reason_code": "money"}, "reason_code"),
        ({"decision": "return", "reason_code": "No"}, "reason_code"),
    ):
        refused = await staff.post(f"{path}/review", wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    body = {"decision": "return", "reason_code": "details_missing", "reason": "多大的？"}
    assert (await staff.post(f"{path}/review", body)).status_code == 200
    mine = (await resident.get(path)).json()
    assert mine["reason"] == "请说说具体要什么，比如尺寸、型号、数量。多大的？"
    assert mine["reason_code"] == "details_missing"
    told = await world.feed.wait_for(Topic.WISH, lambda e: e.type.endswith("WishReturned.v1") and e.subject == wish_id)
    assert world.seals.of_wish(wish_id, told.data["reason"]) == mine["reason"]
    for act, code in (("takedown", "privacy"), ("closing", "no_source")):
        posted = await world.posted(resident, staff)
        assert (await staff.post(f"/api/wishes/{posted}/{act}", {"reason_code": "x"})).status_code == 422
        done = (await staff.post(f"/api/wishes/{posted}/{act}", {"reason_code": code})).json()
        assert done["reason_code"] == code
        assert done["reason"]


async def test_what_was_revised_while_it_was_read_is_read_again_before_it_is_decided(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    read, listed = [await world.submitted(resident) for _ in range(2)]
    path = f"/api/wishes/{read}"
    seen = (await staff.get(path)).json()["version"]
    queue = {wish_id: item["version"] for wish_id, item in (await world.queue(staff)).items()}
    for wish_id in (read, listed):
        assert (
            await resident.http.patch(f"/api/wishes/{wish_id}", json={"detail": "独居，下午都在"})
        ).status_code == 200
    for decision in (APPROVE, {"decision": "return", "reason": "多大的？"}):
        late = await staff.post(f"{path}/review", {**decision, "version": seen})
        assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    batch = {"wish_ids": [listed], "versions": {listed: queue[listed]}}
    [item] = (await staff.post("/api/review-queue/approvals", batch)).json()["items"]
    assert (item["outcome"], item["code"]) == ("refused", "changed_meanwhile")
    for wish_id in (read, listed):
        assert (await resident.get(f"/api/wishes/{wish_id}")).json()["status"] == "submitted"
    now = {**APPROVE, "version": (await staff.get(path)).json()["version"]}
    assert (await staff.post(f"{path}/review", now)).status_code == 200
    for field, body in (("version", {**now, "version": 0}), ("version", {**now, "version": "x"})):
        refused = await staff.post(f"{path}/review", body)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    wrong = await staff.post("/api/review-queue/approvals", {"wish_ids": [listed], "versions": {listed: "x"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"].split(".")[0]) == (422, "versions")


async def test_several_are_approved_at_once_and_each_answers_for_itself(world: Any) -> None:
    resident, staff, other = await world.person(), await world.staff(), await world.staff()
    good = [await world.submitted(resident) for _ in range(3)]
    claimed, far = await world.submitted(resident), await world.submitted(resident, community=PLACE)
    posted = await world.posted(resident, staff)
    await other.post(f"/api/wishes/{claimed}/review-claim")
    body = {"wish_ids": [good[0], claimed, good[1], far, posted, "nobody-s", good[0], good[2]]}
    answer = await staff.post("/api/review-queue/approvals", body)
    assert answer.status_code == 200, answer.text
    told = {item["wish_id"]: (item["outcome"], item["code"]) for item in answer.json()["items"]}
    assert told == {
        **dict.fromkeys(good, ("approved", None)),
        claimed: ("refused", "in_review"),
        far: ("refused", "other_community"),
        posted: ("refused", "wrong_state"),
        "nobody-s": ("refused", "not_found"),
    }
    for wish_id in good:
        await world.on_wall(wish_id, "posted")
    for wrong in ({}, {"wish_ids": []}, {"wish_ids": ["x"] * 51}, {"wish_ids": [""]}, {"wish_ids": [1]}):
        assert (await staff.post("/api/review-queue/approvals", wrong)).status_code == 422
    assert (await resident.post("/api/review-queue/approvals", body)).status_code == 403


async def test_a_batch_sent_again_under_its_key_says_the_same(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    body = {"wish_ids": [await world.submitted(resident) for _ in range(2)]}
    key = {"Idempotency-Key": "batch-1"}
    first, again = [await staff.post("/api/review-queue/approvals", body, **key) for _ in range(2)]
    assert first.json() == again.json()
    assert {item["outcome"] for item in again.json()["items"]} == {"approved"}


async def test_two_who_approve_the_same_at_once_publish_it_once(world: Any) -> None:
    resident, one, two = await world.person(), await world.staff(), await world.staff()
    body = {"wish_ids": [await world.submitted(resident) for _ in range(4)]}
    answers = await asyncio.gather(*(who.post("/api/review-queue/approvals", body) for who in (one, two)))
    outcomes = [{i["wish_id"]: i["outcome"] for i in answer.json()["items"]} for answer in answers]
    for wish_id in body["wish_ids"]:
        assert sorted(told[wish_id] for told in outcomes) == ["approved", "refused"]
        lines = (await resident.get(f"/api/wishes/{wish_id}/timeline")).json()["items"]
        assert [line["what"] for line in lines].count("WishPosted") == 1


async def test_a_contact_stays_masked_until_it_is_asked_for_and_the_resident_sees_who_did(world: Any) -> None:
    resident, staff = await world.person(), await world.staff(name="周敏")
    wish_id = await world.submitted(resident)
    await staff.post(f"/api/wishes/{wish_id}/review-claim")
    seen = [
        (await staff.get(f"/api/wishes/{wish_id}")).text,
        json.dumps((await world.queue(staff))[wish_id], ensure_ascii=False),
        (await staff.post("/api/review-queue/next")).text,
        (await staff.get(f"/api/wishes/{wish_id}/timeline")).text,
    ]
    assert not any(text in page for page in seen for text in ("13912345678", "王秀英", "301 室"))
    assert (await resident.get(f"/api/wishes/{wish_id}/access-log")).json()["items"] == []
    assert (await staff.get(f"/api/wishes/{wish_id}/contact")).json()["phone"] == "13912345678"
    [line] = (await resident.get(f"/api/wishes/{wish_id}/access-log")).json()["items"]
    assert line["reader"] == {"role": "staff", "name": "周敏", "organisation": None}
