"""What people choose and switch off, by API, page and answer; and that nothing of it touches sign-in codes."""

import re
from datetime import timedelta
from typing import Any

import pytest

from microwish.events.notify import Channel
from microwish.identity.people import Role
from microwish.ids import uuid7
from notify_service.store.suppressions import Suppressions, by_holder
from notify_service.use_cases.send import Taken

pytestmark = pytest.mark.integration
HTML = {"Accept": "text/html"}
USUAL = {"channels": ["sms"]}


async def put(desk: Any, person: str, **body: Any) -> Any:
    return await desk.http.put("/api/preferences", json=body, headers=desk.token(person, Role.RESIDENT))


async def code_arrives(desk: Any, issue_code: Any, phone: str, code: str) -> bool:
    """Issue a sign-in code and hand it over, as its lane would."""
    envelope = await issue_code(desk, phone, code)
    [message] = await desk.rows("messages", template="signin_code.v1", event_time=envelope.time)
    ready = await desk.service.prepare.signin_code(message)
    await desk.service.send.deliver(Taken(message, ready.channel, ready.outgoing, message["out"]["deadline"]))
    return any(code in shown["text"] for shown in await desk.phone(phone))


async def test_a_kind_switched_off_is_not_sent_and_the_others_are(desk: Any, story_of: Any) -> None:
    story = story_of(desk)
    saved = await put(desk, story.resident, **USUAL, kinds={"wishes": [], "deliveries": ["wechat"]})
    assert saved.json()["kinds"] == {"wishes": [], "deliveries": ["wechat"]}
    await story.people()
    await story.posted()
    await story.adopted()
    await desk.work()
    assert await desk.phone(story.resident_phone) == []
    unwanted = await desk.rows("messages", recipient=story.resident)
    assert {(row["state"], row["cause"]) for row in unwanted} == {("suppressed", "preference")}
    assert [item["template"] for item in await desk.phone(story.handler_phone)] == ["wish_adopted_handler.v1"]


async def test_a_pause_ends_by_itself_and_never_holds_back_a_code(desk: Any, story_of: Any, issue_code: Any) -> None:
    story = story_of(desk)
    until = desk.clock() + timedelta(hours=2)
    saved = await put(desk, story.resident, **USUAL, muted=True, muted_until=until.isoformat())
    assert saved.json()["muted"] is True
    await story.people()
    await story.posted()
    await desk.work()
    assert await desk.phone(story.resident_phone) == []
    assert await code_arrives(desk, issue_code, story.resident_phone, "135790")
    desk.clock.ahead += timedelta(hours=3)
    later = await desk.http.get("/api/preferences", headers=desk.token(story.resident, Role.RESIDENT))
    assert (later.json()["muted"], later.json()["muted_until"]) == (False, None)


async def test_an_old_body_keeps_what_it_does_not_know(desk: Any) -> None:
    person = uuid7()
    await put(desk, person, **USUAL, kinds={"invitations": []}, muted=True, large_print=True)
    saved = (await put(desk, person, channels=["wechat", "sms"], digest="none", language="en")).json()
    assert (saved["kinds"], saved["muted"], saved["large_print"]) == ({"invitations": []}, True, True)
    assert (saved["channels"], saved["digest"], saved["language"]) == (["wechat", "sms"], "none", "en")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**USUAL, "kinds": {"gossip": ["sms"]}}, "kinds.gossip.[key]"),
        ({**USUAL, "kinds": {"wishes": ["pigeon"]}}, "kinds.wishes.0"),
        ({**USUAL, "muted": True, "muted_until": "2020-01-01T00:00:00Z"}, "muted_until"),
        ({**USUAL, "muted": True, "muted_until": "2030-01-01T00:00:00"}, "muted_until"),
        ({**USUAL, "muted": False, "muted_until": "2030-01-01T00:00:00Z"}, "muted_until"),
        ({**USUAL, "opted_out": ["sms"]}, "opted_out"),
        ({**USUAL, "volume": 11}, "volume"),
    ],
)
async def test_what_cannot_be_chosen_names_its_field_and_changes_nothing(desk: Any, body: Any, field: str) -> None:
    person = uuid7()
    answer = await put(desk, person, **body)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await desk.rows("preferences") == []


async def test_an_answered_no_stops_everything_but_codes(desk: Any, story_of: Any, issue_code: Any) -> None:
    story = story_of(desk)
    await story.people()
    at = desk.clock()
    assert not await desk.service.opt_out.by_reply(story.resident_phone, "谢谢", at)
    assert await desk.service.opt_out.by_reply(f"+86{story.resident_phone}", "ＴＤ", at)
    assert not await desk.service.opt_out.by_reply(story.resident_phone, "TD", at)  # the provider told us twice
    await story.posted()
    await desk.work()
    assert await desk.phone(story.resident_phone) == []
    [row] = await desk.rows("messages", recipient=story.resident)
    assert (row["state"], row["cause"]) == ("suppressed", "opted_out")
    assert await code_arrives(desk, issue_code, story.resident_phone, "246802")
    [kept] = await desk.rows("suppressions")
    assert [(entry["what"], entry["why"]) for entry in kept["timeline"]] == [("barred", "reply")]
    assert story.resident_phone not in repr(kept)


async def test_a_later_word_wins_whatever_comes_first(desk: Any, story_of: Any) -> None:
    story = story_of(desk)
    await story.people()
    said = desk.clock()
    await desk.service.opt_out.by_reply(story.resident_phone, "T", said)
    desk.clock.ahead += timedelta(minutes=5)
    again = await put(desk, story.resident, **USUAL, opted_out=[])
    assert again.json()["opted_out"] == []
    assert not await desk.service.opt_out.by_reply(story.resident_phone, "退订", said + timedelta(minutes=1))
    assert await desk.service.opt_out.stopped(story.resident) == frozenset()
    assert await desk.service.opt_out.by_reply(story.resident_phone, "退订", desk.clock() + timedelta(minutes=1))
    assert await desk.service.opt_out.stopped(story.resident) == {Channel.SMS}


async def test_channels_and_phones_are_barred_apart(desk: Any) -> None:
    suppressions: Suppressions = desk.service.store.suppressions
    now = desk.clock()
    assert not await suppressions.lift("index-a", Channel.SMS, why="page", when=now)  # nothing is barred
    assert await suppressions.add("index-a", Channel.WECHAT, why="provider", when=now)
    assert await suppressions.add("index-a", Channel.SMS, why="reply", when=now - timedelta(days=1))
    assert await suppressions.barred("index-a") == {Channel.SMS, Channel.WECHAT}
    assert await suppressions.barred("index-b") == frozenset()
    assert await suppressions.lift("index-a", Channel.SMS, why="page", when=now, by=by_holder("p"))
    assert await suppressions.barred("index-a") == {Channel.WECHAT}


async def test_who_is_forgotten_stays_unwritten_to_by_the_bare_index(desk: Any, story_of: Any) -> None:
    story = story_of(desk)
    await story.people()
    await put(desk, story.resident, **USUAL, opted_out=["sms"])
    await desk.service.forget(story.resident, 9)
    [row] = await desk.rows("suppressions")
    index = desk.settings.blind_index().of(story.resident_phone)
    assert (row["_id"], row["sms"]["barred"], set(row)) == (index, True, {"_id", "sms"})
    assert await desk.rows("preferences") == []


async def test_the_page_works_as_plain_forms_do(desk: Any, story_of: Any) -> None:
    story = story_of(desk)
    await story.people()
    url = "/notify/preferences"
    assert (await desk.http.get(url, headers=HTML)).headers["location"] == "/signin?next=%2Fnotify%2Fpreferences"
    desk.http.cookies.set("microwish_session", desk.token(story.resident, Role.RESIDENT)["Authorization"].split()[1])
    page = (await desk.http.get(url, headers=HTML)).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf
    form = {"usual": "both", "kind-wishes": "sms", "kind-invitations": "none", "pause": "week", "language": "en"}
    assert (await desk.http.post(url, data=form)).status_code == 403
    done = await desk.http.post(url, data={**form, "large_print": "yes", "csrf": csrf[1]})
    assert (done.status_code, done.headers["location"]) == (303, f"{url}?large=on")
    me = desk.token(story.resident, Role.RESIDENT)
    chosen = (await desk.http.get("/api/preferences", headers=me)).json()
    assert chosen["kinds"] == {"wishes": ["sms"], "invitations": []}
    assert (chosen["channels"], chosen["digest"], chosen["language"]) == (["wechat", "sms"], "none", "en")
    assert (chosen["muted"], chosen["large_print"]) == (True, True)
    kept = await desk.http.post(url, data={**form, "pause": "kept", "csrf": csrf[1]})
    assert kept.status_code == 303
    assert (await desk.http.get("/api/preferences", headers=me)).json()["muted_until"] == chosen["muted_until"]
    wrong = await desk.http.post(url, data={**form, "pause": "eternity", "csrf": csrf[1]}, headers=HTML)
    assert wrong.status_code == 422
    assert (await desk.http.post(f"{url}/sms", data={"sms": "stop", "csrf": csrf[1]})).status_code == 303
    assert "重新接收短信" in (await desk.http.get(url, headers=HTML)).text
    assert await desk.service.opt_out.stopped(story.resident) == {Channel.SMS}
