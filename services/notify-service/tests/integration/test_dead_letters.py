"""What a consumer could not process: kept with its cause, tried again or given up, and its successors go on."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from microwish.events import Category, Envelope, Topic, wish
from microwish.events.contact import ContactKind, ContactSaved
from microwish.identity.people import Role
from microwish.ids import uuid7
from microwish.messaging.dead_letters import Whence
from microwish.messaging.wire import encode
from microwish.testing.waiting import eventually

pytestmark = pytest.mark.integration
HTML = {"Accept": "text/html"}
PATH = "/api/messages/dead-letters"
GROUPS = ("notices", "parties")


async def buried(town: Any, story: Any) -> Mapping[str, str]:
    """A wish whose first event says nothing readable, so that all that follows it waits; the letters by group."""
    submitted = wish.WishSubmitted(**story.of_wish, category=Category.GOODS)
    broken = Envelope.of(submitted, id=uuid7(), version=1, time=town.clock())
    broken.data["category"] = "王小明 13912345678"  # type: ignore[index]
    await story.people()
    await town.feed.publish_again(Topic.WISH, broken)
    posted = {"place": {"code": story.community, "name": "龙潭社区"}, "category": Category.GOODS, "slots": 1}
    await town.say(wish.WishPosted(**story.of_wish, **posted, title="收音机", detail="声音要大"), version=2)

    async def waiting() -> Any:
        rows = await town.rows("dead_letters", subject=story.wish_id)
        parked = await town.rows("parked", subject=story.wish_id)
        return len(rows) == len(parked) == len(GROUPS) and rows

    rows = await eventually(waiting, seconds=30)
    return {row["group"].rpartition("notify-service.")[2].partition(".")[0]: row["_id"] for row in rows}


async def told(town: Any, story: Any) -> bool:
    return bool(await town.rows("fanouts", **{"event.subject": story.wish_id}))


class Mended:
    """What tells of events, in a release that can read what this one can't."""

    def __init__(self, service: Any) -> None:
        self._service, self._tell = service, service.tell

    async def __call__(self, event: Envelope) -> None:
        if event.version > 1:
            await self._tell(event)

    def __enter__(self) -> None:
        self._service.tell = self

    def __exit__(self, *_: object) -> None:
        self._service.tell = self._tell


async def test_a_dead_letter_says_why_and_goes_on_when_mended(town: Any, story_of: Any) -> None:
    story = story_of(town)
    letters = await buried(town, story)
    ops = town.token(uuid7(), Role.OPS)
    assert (await town.http.get(PATH, headers=town.token(uuid7(), Role.STAFF))).status_code == 403
    listed = (await town.http.get(PATH, params={"state": "waiting"}, headers=ops)).json()
    [letter] = [item for item in listed["items"] if item["id"] == letters["notices"]]
    assert letter["error"] == "ValidationError(category:enum)"
    assert (letter["event_type"], letter["version"]) == (wish.WishSubmitted.type_name(), 1)
    for private in ("王小明", story.resident, story.wish_id):
        assert private not in repr(listed)
    path = f"{PATH}/{letters['notices']}/replay"
    still = await town.http.post(path, headers=ops)
    assert (still.status_code, still.json()["code"]) == (409, "still_failing")
    assert not await told(town, story)
    with Mended(town.service):
        done = await town.http.post(path, headers=ops)
    assert (done.status_code, done.json()["state"]) == (202, "replayed")
    assert [entry["what"] for entry in done.json()["timeline"]] == ["failed_again", "replayed"]
    assert await told(town, story)
    assert len(await town.rows("parked", subject=story.wish_id)) == 1  # the view's own letter still waits
    again = await town.http.post(path, headers=ops)
    assert (again.status_code, again.json()["code"]) == (409, "letter_settled")


async def test_what_is_given_up_needs_a_reason_and_lets_the_rest_go_on(town: Any, story_of: Any) -> None:
    story = story_of(town)
    letters = await buried(town, story)
    ops = town.token(uuid7(), Role.OPS)
    unsaid = await town.http.post(f"{PATH}/{letters['parties']}/drop", json={"reason": " "}, headers=ops)
    assert (unsaid.status_code, unsaid.json()["errors"][0]["field"]) == (422, "reason")
    for letter in letters.values():
        done = await town.http.post(f"{PATH}/{letter}/drop", json={"reason": "重复的测试数据"}, headers=ops)
        assert (done.json()["state"], done.json()["reason"]) == ("dropped", "重复的测试数据")
    [kept] = await town.rows("dead_letters", _id=letters["parties"])
    assert "重复的测试数据" not in repr(kept)
    assert await town.rows("parked", subject=story.wish_id) == []
    assert await town.message(story.resident_phone, "wish_posted.v1")  # as if the first had never been
    assert [row["wish"]["version"] for row in await town.rows("parties", _id=story.wish_id)] in ([2], [])


async def test_the_page_replays_all_and_drops_none_without_a_reason(town: Any, story_of: Any) -> None:
    story = story_of(town)
    letters = await buried(town, story)
    cookie = town.token(uuid7(), Role.OPS)["Authorization"].split()[1]
    headers = {**HTML, "Cookie": f"microwish_session={cookie}"}
    shown = await town.http.get("/notify/ops/letters", headers=headers)
    assert "ValidationError(category:enum)" in shown.text
    assert story.resident not in shown.text
    csrf = re.search(r'name="csrf" value="([^"]+)"', shown.text)
    assert csrf
    headers["Cookie"] += f"; microwish_csrf={csrf[1]}"
    url = f"/notify/ops/letters/{letters['notices']}/drop"
    await town.http.post(url, data={"csrf": csrf[1], "reason": " "}, headers=headers)
    assert await town.rows("dead_letters", _id=letters["notices"], state="waiting")
    with Mended(town.service):
        done = await town.http.post("/notify/ops/letters/replay", data={"csrf": csrf[1]}, headers=headers)
    assert done.headers["location"] == "/notify/ops/letters"
    assert await town.rows("dead_letters", _id=letters["notices"], state="replayed")
    assert await town.rows("dead_letters", _id=letters["parties"], state="waiting")
    assert await told(town, story)


async def test_an_erased_contact_leaves_no_dead_letter(desk: Any, story_of: Any) -> None:
    story = story_of(desk)
    saved = ContactSaved(contact_id=story.resident, kind=ContactKind.PERSON, person_id=story.resident)
    letters = desk.service.backbone.dead_letters
    for number, event in enumerate((saved, wish.WishSubmitted(**story.of_wish, category=Category.GOODS))):
        envelope = Envelope.of(event, id=uuid7(), version=1, time=desk.clock())
        record = encode(envelope, key=envelope.subject)
        for _ in range(2):  # the same event again is the same letter
            await letters.keep(record, Whence("any", "topic", 0, number), ValueError(), now=desk.clock())
    assert [row["times"] for row in await desk.rows("dead_letters")] == [2, 2]
    await desk.service.forget(story.resident, 9)
    assert [row["subject"] for row in await desk.rows("dead_letters")] == [story.wish_id]
