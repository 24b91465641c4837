"""The whole story from notify-service's side: events in, messages on phones."""

import re
from typing import Any

import pytest

from microwish.events import Topic, adoption, wish
from microwish.testing.waiting import eventually

pytestmark = pytest.mark.integration


async def test_a_sign_in_code_is_on_the_phone_at_once(town: Any, issue_code: Any, fresh_phone: Any) -> None:
    first, phone = fresh_phone(), fresh_phone()
    await issue_code(town, first, "000001")
    await town.message(first, "signin_code.v1")  # the consumers are there now
    await issue_code(town, phone, "482713")
    shown = await town.message(phone, "signin_code.v1")

    assert re.findall(r"\b\d{6}\b", shown["text"]) == ["482713"]
    assert shown["channel"] == "sms"
    assert shown["to"] == phone
    assert shown["event_type"] == "microwish.SignInCodeIssued.v1"
    messages = [row async for row in town.service.store.messages.rows.find({})]
    assert "482713" not in repr(messages)
    await eventually(
        lambda: town.feed.events(Topic.NOTIFY, lambda event: event.type == "microwish.MessageDelivered.v1")
    )


async def test_everybody_is_told_along_the_way(town: Any, story_of: Any) -> None:
    story = story_of(town)
    await story.people()
    await story.posted()
    assert "收音机" in (await town.message(story.resident_phone, "wish_posted.v1"))["text"]
    await story.adopted()
    told = (await town.message(story.resident_phone, "wish_adopted.v1"))["text"]
    for part in (
        "和风邮政所党支部",
        "李明",
        "4827",
        "02155550100",
        "12 月 24 日",
        "不收任何费用",
        "不问银行卡和验证码",
    ):
        assert part in told
    promised = (await town.message(story.handler_phone, "wish_adopted_handler.v1"))["text"]
    assert "12 月 24 日" in promised
    assert "/adopt" in promised
    assert "4827" not in promised
    await town.say(adoption.DeliveryReported(**story.of_adoption, delivered_at=town.clock()))
    assert "收到了，谢谢" in (await town.message(story.resident_phone, "delivery_reported.v1"))["text"]
    await town.say(wish.WishFulfilled(**story.of_wish, adoption_ids=[story.adoption], slots=1))
    assert "圆梦" in (await town.message(story.resident_phone, "wish_fulfilled.v1"))["text"]
    assert "谢谢您" in (await town.message(story.handler_phone, "wish_fulfilled_handler.v1"))["text"]
    await town.quiet()
    assert len(await town.phone(story.resident_phone)) == 4
    assert len(await town.phone(story.handler_phone)) == 2
