"""The HTTP side: shapes, access rules, problems, pages."""

import re
from typing import Any

import pytest

from microwish.events.notify import Channel
from microwish.identity.people import Role
from microwish.ids import uuid7
from notify_service.use_cases.send import Taken

pytestmark = pytest.mark.integration
HTML = {"Accept": "text/html"}


async def told_story(desk: Any, story_of: Any, **own: Any) -> Any:
    story = story_of(desk, **own)
    await story.people()
    await story.posted()
    await desk.work()  # one after the other, so that the phone has them in this order, to the millisecond
    await story.adopted()
    await desk.work()
    return story


async def test_the_sandbox_answers_in_the_designed_shape_newest_first(desk: Any, story_of: Any) -> None:
    story = await told_story(desk, story_of)
    answer = await desk.http.get("/api/sandbox/messages", params={"phone": f"+86 {story.resident_phone}", "limit": 1})
    page = answer.json()
    [item] = page["items"]
    assert set(item) == {"id", "channel", "to", "text", "template", "event_type", "wish_id", "sent_at"}
    assert (item["channel"], item["to"], item["wish_id"]) == ("sms", story.resident_phone, story.wish_id)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", item["sent_at"])
    following = await desk.http.get(
        "/api/sandbox/messages", params={"phone": story.resident_phone, "cursor": page["next_cursor"]}
    )
    assert following.json()["next_cursor"] is None
    assert {item["template"], *(one["template"] for one in following.json()["items"])} == {
        "wish_posted.v1",
        "wish_adopted.v1",
    }


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("phone=12", "phone"),
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("cursor=%21", "cursor"),
        ("cursor=WzEsICJcdWQ4MDAiXQ", "cursor"),
    ],
)
async def test_bad_queries_say_which_field(desk: Any, query: str, field: str) -> None:
    answer = await desk.http.get(f"/api/sandbox/messages?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_without_the_sandbox_there_is_no_sandbox(make_desk: Any) -> None:
    desk = await make_desk(sandbox=False, adapters=dict.fromkeys(Channel, object()))
    answer = await desk.http.get("/api/sandbox/messages")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await desk.http.get("/notify")).headers["location"] == "/notify/ops"


async def test_messages_are_for_staff_of_the_community_and_operations(desk: Any, story_of: Any) -> None:
    story = await told_story(desk, story_of)
    path = "/api/messages"
    assert (await desk.http.get(path)).status_code == 401
    assert (await desk.http.get(path, headers=desk.token(uuid7(), Role.RESIDENT))).status_code == 403

    async def seen(*roles: Role, communities: tuple[str, ...] = (), **query: str) -> list[dict[str, Any]]:
        headers = desk.token(uuid7(), *roles, communities=communities)
        answer = await desk.http.get(path, params=query, headers=headers)
        assert answer.status_code == 200
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    assert len(await seen(Role.OPS)) == 3
    assert len(await seen(Role.STAFF, communities=("310117001",))) == 3
    assert await seen(Role.STAFF, communities=("310117002",)) == []
    assert await seen(Role.STAFF) == []
    assert await seen(Role.OPS, wish_id="other") == []
    assert await seen(Role.OPS, state="failed") == []
    shown = await seen(Role.OPS, wish_id=story.wish_id, state="delivered")
    assert {item["to"] for item in shown} == {
        f"{phone[:3]}****{phone[-4:]}" for phone in (story.resident_phone, story.handler_phone)
    }
    assert story.resident_phone not in repr(shown)
    assert "4827" not in repr(shown)
    foreign = desk.token(uuid7(), Role.STAFF, communities=("310117002",))
    refused = await desk.http.post(f"{path}/{shown[0]['id']}/resend", headers=foreign)
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


async def test_nothing_personal_rests_in_clear(desk: Any, story_of: Any, issue_code: Any) -> None:
    story = await told_story(desk, story_of)
    await issue_code(desk, story.resident_phone, "987654")
    for name in await desk.service.mongo.db.list_collection_names():
        rest = repr(await desk.rows(name))
        for private in (story.resident_phone, story.handler_phone, "李明", "4827", "987654", "02155550100"):
            assert private not in rest, name


async def test_preferences_choose_the_channel(desk: Any, story_of: Any) -> None:
    story = story_of(desk)
    headers = desk.token(story.resident, Role.RESIDENT)
    usual = await desk.http.get("/api/preferences", headers=headers)
    assert usual.json() == {
        "channels": ["sms"],
        "digest": "morning",
        "language": "zh",
        "kinds": {},
        "muted": False,
        "muted_until": None,
        "large_print": False,
        "opted_out": [],
    }
    assert (await desk.http.get("/api/preferences")).status_code == 401
    bad = await desk.http.put("/api/preferences", json={"channels": ["pigeon"]}, headers=headers)
    assert bad.status_code == 422
    assert bad.json()["errors"][0]["field"] == "channels.0"
    empty = await desk.http.put("/api/preferences", json={"channels": []}, headers=headers)
    assert empty.status_code == 422
    saved = await desk.http.put("/api/preferences", json={"channels": ["wechat", "sms"]}, headers=headers)
    assert saved.json()["channels"] == ["wechat", "sms"]
    await story.people()
    await story.posted()
    await desk.work()
    [item] = await desk.phone(story.resident_phone)
    assert item["channel"] == "wechat"
    assert item["text"].splitlines()[:2] == ["您的心愿上墙了", "心愿：想要一台能收戏曲的收音机"]


async def test_the_phone_shows_bubbles_and_a_code_to_copy(desk: Any, story_of: Any, issue_code: Any) -> None:
    story = await told_story(desk, story_of)
    await issue_code(desk, story.resident_phone, "482713")
    [message] = await desk.rows("messages", template="signin_code.v1")
    ready = await desk.service.prepare.signin_code(message)
    taken = Taken(message, ready.channel, ready.outgoing, message["out"]["deadline"])  # as the lane gets it
    await desk.service.send.deliver(taken)
    page = (await desk.http.get("/notify", params={"phone": story.resident_phone}, headers=HTML)).text
    assert page.index("挂上心愿墙") < page.index("上门核验码") < page.index('data-code="482713"')
    assert 'href="/mine"' in page
    assert 'href="/signin"' in page
    part = (await desk.http.get("/notify", params={"phone": story.resident_phone, "part": "messages"})).text
    assert "<html" not in part
    assert "482713" in part
    wrong = (await desk.http.get("/notify", params={"phone": "12"}, headers=HTML)).text
    assert "11 位手机号" in wrong
    chooser = (await desk.http.get("/notify", headers=HTML)).text
    assert story.resident_phone in chooser


async def test_wechat_is_switched_on_by_the_holder_of_the_phone_alone(desk: Any, story_of: Any) -> None:
    story = await told_story(desk, story_of)
    url = f"/notify?phone={story.resident_phone}"
    assert "/notify/wechat" not in (await desk.http.get(url, headers=HTML)).text
    stranger = desk.token(uuid7(), Role.RESIDENT)["Authorization"].split()[1]
    desk.http.cookies.set("microwish_session", stranger)
    assert "/notify/wechat" not in (await desk.http.get(url, headers=HTML)).text
    desk.http.cookies.set("microwish_session", desk.token(story.resident, Role.RESIDENT)["Authorization"].split()[1])
    page = (await desk.http.get(url, headers=HTML)).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf
    form = {"phone": story.resident_phone, "wechat": "on"}
    assert (await desk.http.post("/notify/wechat", data=form)).status_code == 403
    done = await desk.http.post("/notify/wechat", data={**form, "csrf": csrf[1]})
    assert (done.status_code, done.headers["location"]) == (303, url)
    me = desk.token(story.resident, Role.RESIDENT)
    assert (await desk.http.get("/api/preferences", headers=me)).json()["channels"] == ["wechat", "sms"]


async def test_the_desk_is_for_those_who_work_here(desk: Any, story_of: Any) -> None:
    await told_story(desk, story_of, resident_phone="02155550101")
    out = await desk.http.get("/notify/ops", headers=HTML)
    assert (out.status_code, out.headers["location"]) == (303, "/signin?next=%2Fnotify%2Fops")
    resident = await desk.http.get("/notify/ops", headers={**HTML, **desk.token(uuid7(), Role.RESIDENT)})
    assert resident.status_code == 403
    page = (await desk.http.get("/notify/ops", headers={**HTML, **desk.token(uuid7(), Role.OPS)})).text
    assert "改为电话告知" in page
    assert "有人认领了您的心愿" in page
    assert "02155550101" not in page


async def test_health_says_what_is_there(desk: Any) -> None:
    assert (await desk.http.get("/healthz")).json() == {"status": "ok"}
    ready = await desk.http.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["checks"]["mongo"] == "ok"
