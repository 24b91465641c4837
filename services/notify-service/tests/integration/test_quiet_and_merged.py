"""Quiet hours, and news of one wish in one message: at wall-clock hours that the test sets, in Shanghai."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from microwish.events import Actor, Role, adoption, contact, wish
from microwish.ids import derived_id, uuid7
from microwish.store.mongo import Document
from notify_service.store.notices import Bundle, Notices
from notify_service.use_cases.merge_digests import MergeDigests

pytestmark = pytest.mark.integration
STAFF = Actor(person_id="s", role=Role.STAFF)
ZONE = ZoneInfo("Asia/Shanghai")


def to_hour(desk: Any, hour: int, minute: int = 0) -> None:
    """The next time that it is so late in Shanghai."""
    local = desk.clock().astimezone(ZONE)
    then = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    desk.clock.ahead += then + timedelta(days=then <= local) - local


async def lets_go(desk: Any) -> None:
    await desk.service.merge_digests()
    await desk.work()


async def shown(desk: Any, phone: str) -> list[str]:
    return [item["template"] for item in reversed(await desk.phone(phone))]


@pytest.fixture
def at(make_desk: Any) -> Callable[..., Any]:
    """A desk at this hour in Shanghai, with the hours of production."""

    async def make(hour: int, **own: Any) -> Any:
        desk = await make_desk(**{"quiet_hours": "21-8", "merge_seconds": 600, **own})
        to_hour(desk, hour)
        return desk

    return make


async def test_by_night_only_codes_leave_and_the_morning_is_one_message(
    at: Any, story_of: Any, issue_code: Any, fresh_phone: Any
) -> None:
    desk = await at(22, merge_seconds=0)
    one = story_of(desk)
    other = story_of(desk, resident=one.resident, resident_phone=one.resident_phone)
    await one.people()
    await one.posted()
    await other.posted(title="修一盏灯")
    await desk.work()
    await lets_go(desk)
    assert await shown(desk, one.resident_phone) == []
    phone = fresh_phone()
    await issue_code(desk, phone, "482713")
    [code] = await desk.rows("messages", lane="signin")
    assert code["state"] == "sending"  # taken by its lane at once
    to_hour(desk, 8)
    await lets_go(desk)
    assert await shown(desk, one.resident_phone) == ["morning_news.v1"]
    text = (await desk.phone(one.resident_phone))[0]["text"]
    assert "2 条" in text
    assert "已经挂上心愿墙" in text


async def test_what_says_who_comes_to_the_door_stays_a_message_of_its_own(at: Any, story_of: Any) -> None:
    desk = await at(23)
    story = story_of(desk)
    await story.people()
    await story.posted()
    await story.adopted()
    await desk.work()
    assert await shown(desk, story.resident_phone) == []
    to_hour(desk, 8)
    await lets_go(desk)
    # That it was posted is old news by now.
    assert await shown(desk, story.resident_phone) == ["wish_adopted.v1"]
    assert "4827" in (await desk.phone(story.resident_phone))[0]["text"]
    assert await shown(desk, story.handler_phone) == ["wish_adopted_handler.v1"]
    states = {(row["template"], row.get("cause")) for row in await desk.rows("notices", recipient=story.resident)}
    assert states == {("wish_posted.v1", "overtaken"), ("wish_adopted.v1", None)}


async def test_a_message_that_is_still_queued_when_quiet_begins_waits_too(at: Any, story_of: Any) -> None:
    desk = await at(20, merge_seconds=0)
    story = story_of(desk)
    await story.posted()
    await desk.work()  # its contact is not known yet
    to_hour(desk, 21, 30)
    await story.people()
    await desk.service.send((await desk.rows("messages"))[0]["_id"])
    assert await shown(desk, story.resident_phone) == []
    [message] = await desk.rows("messages", recipient=story.resident)
    assert message["state"] == "queued"
    to_hour(desk, 8, 1)
    await lets_go(desk)
    assert await shown(desk, story.resident_phone) == ["wish_posted.v1"]


async def happens_twice(desk: Any, story: Any) -> None:
    """A wish is posted, and two organisations say that they have delivered their part."""
    await story.posted()
    await desk.work()
    desk.clock.ahead += timedelta(minutes=6)
    for adoption_id in (story.adoption, uuid7()):
        of_adoption = {**story.of_adoption, "adoption_id": adoption_id}
        await desk.say(adoption.DeliveryReported(**of_adoption, delivered_at=desk.clock()))
    await desk.work()


async def test_news_of_a_wish_within_the_window_is_one_message(at: Any, story_of: Any) -> None:
    desk = await at(12)
    story = story_of(desk)
    await story.people()
    await happens_twice(desk, story)
    await lets_go(desk)
    assert await shown(desk, story.resident_phone) == []
    desk.clock.ahead += timedelta(minutes=5)
    await lets_go(desk)
    [message] = await desk.phone(story.resident_phone)
    assert (message["template"], message["wish_id"]) == ("wish_news.v1", story.wish_id)
    assert "2 条" in message["text"]  # that it was posted is overtaken by its delivery
    assert "收音机" in message["text"]
    await desk.say(wish.WishClosed(**story.of_wish, reason=desk.seal("x", f"wish:{story.wish_id}")))
    await desk.work()
    desk.clock.ahead += timedelta(minutes=11)
    await lets_go(desk)
    assert await shown(desk, story.resident_phone) == ["wish_news.v1", "wish_closed.v1"]  # a window of its own


async def test_other_wishes_other_people_and_what_cannot_wait_are_not_merged(at: Any, story_of: Any) -> None:
    desk = await at(12)
    one, other = story_of(desk), story_of(desk)
    await one.people()
    await other.people()
    await one.posted()
    await other.posted()
    await one.adopted()
    await desk.work()
    assert await shown(desk, one.resident_phone) == ["wish_adopted.v1"]  # at once
    assert await shown(desk, one.handler_phone) == []
    desk.clock.ahead += timedelta(minutes=11)
    await lets_go(desk)
    assert await shown(desk, one.resident_phone) == ["wish_adopted.v1"]
    assert await shown(desk, one.handler_phone) == ["wish_adopted_handler.v1"]
    assert await shown(desk, other.resident_phone) == ["wish_posted.v1"]


class ForgetfulNotices(Notices):
    """For the control: what is taken is not claimed."""

    async def take(self, bundle: Bundle, message_id: str, *, now: datetime) -> None:
        self.bundle = bundle

    async def taken_for(self, message_id: str) -> list[Document]:
        held = {"recipient": self.bundle.recipient, "wish_id": self.bundle.wish_id}
        return sorted([row async for row in self._rows.find(held)], key=lambda row: row["event"]["time"])


def replica(desk: Any, notices: Any, identify: Any) -> MergeDigests:
    service, store = desk.service, desk.service.store
    return MergeDigests(
        notices,
        store.messages,
        store.views.parties,
        store.preferences,
        service.assemble,
        lambda *_: None,
        desk.clock,
        service.timing,
        wait_seconds=60,
        identify=identify,
    )


async def test_replicas_and_a_crash_between_the_steps_make_one_message(at: Any, story_of: Any) -> None:
    desk = await at(12)
    story = story_of(desk)
    await story.people()
    await happens_twice(desk, story)
    desk.clock.ahead += timedelta(minutes=5)
    notices = desk.service.store.notices
    [bundle] = await notices.due(desk.clock(), limit=10)
    await notices.take(bundle, derived_id("together", bundle.first), now=desk.clock())  # and the process dies
    await asyncio.gather(*(replica(desk, notices, derived_id).merge(bundle, desk.clock()) for _ in range(3)))
    await asyncio.gather(desk.service.sweep(), desk.service.merge_digests())
    await desk.work()
    assert await shown(desk, story.resident_phone) == ["wish_news.v1"]
    assert {row["state"] for row in await desk.rows("notices", recipient=story.resident)} == {"told", "suppressed"}


async def test_without_claim_and_derived_id_it_would_be_told_twice(at: Any, story_of: Any) -> None:
    """The control to the test above."""
    desk = await at(12)
    story = story_of(desk)
    await story.people()
    await happens_twice(desk, story)
    desk.clock.ahead += timedelta(minutes=5)
    [bundle] = await desk.service.store.notices.due(desk.clock(), limit=10)
    careless = ForgetfulNotices(desk.service.mongo.db.get_collection("notices"))
    for _ in range(2):
        await replica(desk, careless, lambda *_: uuid7()).merge(bundle, desk.clock())
    await desk.work()
    assert await shown(desk, story.resident_phone) == ["wish_news.v1", "wish_news.v1"]


async def test_who_is_invited_by_phone_hears_it_in_the_morning_in_its_own_words(
    at: Any, story_of: Any, fresh_phone: Any
) -> None:
    desk = await at(2)
    invitation, phone = uuid7(), fresh_phone()
    story = story_of(desk)
    about = f"contact:{invitation}"
    await desk.say(
        contact.ContactSaved(
            contact_id=invitation, kind=contact.ContactKind.PERSON, phone=desk.seal(phone, about), phone_index="i"
        )
    )
    kind = adoption.OrganisationKind.RESIDENT_UNIT
    head = {"organisation_id": story.organisation, "by": STAFF}
    await desk.say(
        adoption.OrganisationRegistered(**head, name="邮政所", kind=kind, scope="310117", manager_id=uuid7())
    )
    role = adoption.MemberRole.HANDLER
    await desk.say(adoption.MemberInvited(**head, invitation_id=invitation, role=role))
    await desk.work()
    assert await shown(desk, phone) == []
    to_hour(desk, 8)
    await lets_go(desk)
    assert await shown(desk, phone) == ["member_invited.v1"]
