"""The desk of operations: finding messages, by phone only through its index, and sending several again."""

import re
from typing import Any

import pytest

from microwish.identity.people import Role
from microwish.ids import uuid7
from microwish.privacy.masking import mask_phone
from notify_service.domain.facts import short_number

pytestmark = pytest.mark.integration
HTML = {"Accept": "text/html"}
SEARCH = "/api/messages/search"
RESEND = "/api/messages/resend"


async def told_story(desk: Any, story_of: Any, **own: Any) -> Any:
    story = story_of(desk, **own)
    await story.people()
    await story.posted()
    await story.adopted()
    await desk.work()
    return story


async def fail(desk: Any, **query: Any) -> int:
    """Let these messages have failed for a reason that has been mended since."""
    rows = desk.service.mongo.db.get_collection("messages")
    change = {"$set": {"state": "failed", "cause": "isv.BUSINESS_LIMIT_CONTROL"}}
    return int((await rows.update_many(query, change)).modified_count)


async def test_messages_are_found_by_what_they_are(desk: Any, story_of: Any) -> None:
    story, other = await told_story(desk, story_of), await told_story(desk, story_of)
    ops = desk.token(uuid7(), Role.OPS)

    async def found(**query: str) -> int:
        answer = await desk.http.get("/api/messages", params=query, headers=ops)
        assert answer.status_code == 200, answer.text
        return len(answer.json()["items"])

    assert await found() == 6
    assert await found(wish_id=story.wish_id) == 3
    assert await found(wish_id=short_number(other.wish_id).lower()) == 3
    assert await found(person=other.handler) == 1
    assert await found(template="wish_posted.v1") == 2
    assert await found(provider="sandbox", wish_id=other.wish_id) == 3
    assert await found(provider="alibaba") == 0
    assert await found(state="delivered", cause="late") == 0
    pages, cursor = [], None
    while cursor is not None or not pages:
        body = {"provider": "sandbox", "limit": 4, "cursor": cursor}
        answer = (await desk.http.post(SEARCH, json=body, headers=ops)).json()
        pages.append([item["id"] for item in answer["items"]])
        cursor = answer["next_cursor"]
    assert [len(page) for page in pages] == [4, 2]
    assert len({found for page in pages for found in page}) == 6
    one = (await desk.http.get(f"/api/messages/{pages[0][0]}", headers=ops)).json()
    assert (one["id"], one["provider"], one["state"]) == (pages[0][0], "sandbox", "delivered")
    foreign = desk.token(uuid7(), Role.STAFF, communities=("310117002",))
    assert (await desk.http.get(f"/api/messages/{pages[0][0]}", headers=foreign)).status_code == 404


async def test_a_phone_is_looked_for_by_its_index_and_that_is_recorded(
    desk: Any, story_of: Any, issue_code: Any
) -> None:
    story = await told_story(desk, story_of)
    await issue_code(desk, story.resident_phone, "864209")
    operator = uuid7()
    ops = desk.token(operator, Role.OPS)
    answer = await desk.http.post(SEARCH, json={"phone": f"+86 {story.resident_phone}"}, headers=ops)
    assert {item["template"] for item in answer.json()["items"]} == {
        "wish_posted.v1",
        "wish_adopted.v1",
        "signin_code.v1",
    }
    index = desk.settings.blind_index().of(story.resident_phone)
    [search] = await desk.rows("searches")
    assert (search["phone_index"], search["by"]) == (index, {"person_id": operator, "role": "ops"})
    assert story.resident_phone not in repr([search, answer.text])
    staff = desk.token(uuid7(), Role.STAFF, communities=("310117001",))
    theirs = await desk.http.post(SEARCH, json={"phone": story.resident_phone}, headers=staff)
    assert {item["template"] for item in theirs.json()["items"]} == {"wish_posted.v1", "wish_adopted.v1"}
    assert len(await desk.rows("searches")) == 2
    wrong = await desk.http.post(SEARCH, json={"phone": "12"}, headers=ops)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "phone")
    await desk.service.forget(story.resident, 9)
    gone = await desk.http.post(SEARCH, json={"phone": story.resident_phone}, headers=ops)
    assert gone.json()["items"] == []


async def test_several_go_again_once_however_often_it_is_asked(desk: Any, story_of: Any) -> None:
    story = await told_story(desk, story_of)
    other = await told_story(desk, story_of)
    assert await fail(desk, wish_id=story.wish_id) == 3
    ops = desk.token(uuid7(), Role.OPS)
    filter_ = {"provider": "sandbox", "cause": "isv.BUSINESS_LIMIT_CONTROL"}
    counted = await desk.http.post(RESEND, json={"filter": filter_}, headers=ops)
    assert counted.json() == {"dry_run": True, "asked": 3, "resent": 0, "refused": {}}
    assert len(await desk.rows("messages", state="failed")) == 3
    real = {"filter": filter_, "dry_run": False}
    keyless = await desk.http.post(RESEND, json=real, headers=ops)
    assert (keyless.status_code, keyless.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    keyed = {**ops, "Idempotency-Key": "night-shift-1"}
    for _ in range(2):
        done = await desk.http.post(RESEND, json=real, headers=keyed)
        assert (done.status_code, done.json()["asked"], done.json()["resent"]) == (202, 3, 3)
    await desk.work()
    again = await desk.rows("messages", wish_id=story.wish_id)
    assert {(row["round"], row["state"]) for row in again} == {(2, "delivered")}
    assert {row["round"] for row in await desk.rows("messages", wish_id=other.wish_id)} == {1}
    assert sum(entry["what"] == "resend" for row in again for entry in row["timeline"]) == 3
    await fail(desk, wish_id=story.wish_id)  # the key asked for those of then, not for these
    assert (await desk.http.post(RESEND, json=real, headers=keyed)).json()["resent"] == 3
    assert len(await desk.rows("messages", state="failed")) == 3
    reused = await desk.http.post(RESEND, json={"ids": [again[0]["_id"]], "dry_run": False}, headers=keyed)
    assert (reused.status_code, reused.json()["code"]) == (422, "key_reused")


async def test_what_somebody_has_got_is_not_sent_again(desk: Any, story_of: Any, issue_code: Any) -> None:
    story = await told_story(desk, story_of)
    await issue_code(desk, story.resident_phone, "975310")
    await fail(desk, template="signin_code.v1")
    ids = [row["_id"] for row in await desk.rows("messages")]
    ops = {**desk.token(uuid7(), Role.OPS), "Idempotency-Key": "all-of-them"}
    done = await desk.http.post(RESEND, json={"ids": [*ids, "unheard-of"], "dry_run": False}, headers=ops)
    assert done.json() == {"dry_run": False, "asked": 0, "resent": 0, "refused": {}}
    assert {row["round"] for row in await desk.rows("messages")} == {1}
    staff = desk.token(uuid7(), Role.STAFF, communities=("310117002",))
    await fail(desk, wish_id=story.wish_id)
    assert (await desk.http.post(RESEND, json={"ids": ids}, headers=staff)).json()["asked"] == 0


async def test_a_resend_that_was_killed_goes_on_where_it_was(desk: Any, story_of: Any) -> None:
    story = await told_story(desk, story_of)
    await fail(desk, wish_id=story.wish_id)
    person, key = uuid7(), "cut-off"
    ops = {**desk.token(person, Role.OPS), "Idempotency-Key": key}
    body = {"filter": {"wish_id": story.wish_id}, "dry_run": False}
    assert (await desk.http.post(RESEND, json=body, headers=ops)).json()["resent"] == 3
    requests = desk.service.mongo.db.get_collection("resends")
    # As if it had died after the second, before that was written down; the third was never reached.
    [request] = await desk.rows("resends")
    second, third = (message for message, _ in request["messages"][1:])
    await requests.update_one({"_id": request["_id"]}, {"$unset": {f"outcomes.{second}": "", f"outcomes.{third}": ""}})
    rows = desk.service.mongo.db.get_collection("messages")
    await rows.update_one({"_id": third}, {"$set": {"state": "failed", "round": 1}})
    assert (await desk.http.post(RESEND, json=body, headers=ops)).json()["resent"] == 3
    assert {row["round"] for row in await desk.rows("messages", wish_id=story.wish_id)} == {2}


async def test_the_pages_lead_from_a_phone_to_a_message_and_send_it_again(desk: Any, story_of: Any) -> None:
    story = await told_story(desk, story_of)
    await fail(desk, wish_id=story.wish_id, template="wish_posted.v1")
    desk.http.cookies.set("microwish_session", desk.token(uuid7(), Role.OPS)["Authorization"].split()[1])
    page = (await desk.http.get("/notify/ops/messages", headers=HTML)).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf
    form = {"csrf": csrf[1]}
    wrong = await desk.http.post("/notify/ops/phone", data={**form, "phone": "12"}, headers=HTML)
    assert wrong.status_code == 422
    assert "11 位手机号" in wrong.text
    found = await desk.http.post("/notify/ops/phone", data={**form, "phone": story.resident_phone})
    url = found.headers["location"]
    assert story.resident_phone not in url
    listed = (await desk.http.get(url, headers=HTML)).text
    assert mask_phone(story.resident_phone) in listed
    assert story.resident_phone not in listed
    assert len(await desk.rows("searches")) == 1
    in_clear = await desk.http.get(f"/notify/ops/messages?phone_index={story.resident_phone}", headers=HTML)
    assert in_clear.status_code == 422
    assert len(await desk.rows("searches")) == 1
    [failed] = await desk.rows("messages", state="failed")
    one = (await desk.http.get(f"/notify/ops/messages/{failed['_id']}", headers=HTML)).text
    assert "不会再自己发了" in one
    assert "服务商收下" in one or "送到手机" in one
    many = await desk.http.post("/notify/ops/resend-many", data={**form, "state": "failed"}, headers=HTML)
    key = re.search(r'name="key" value="([^"]+)"', many.text)
    assert key
    assert "有 1 条没发成" in many.text
    done = await desk.http.post("/notify/ops/resend-many", data={**form, "state": "failed", "key": key[1]})
    assert done.headers["location"] == "/notify/ops/messages?state=failed"
    assert await desk.rows("messages", state="failed") == []
