"""Groups of staff hear what concerns their division, each once, by its robot alone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from providers.server import DROP_AFTER, Fault, HttpServer, serving
from providers.wecom import KEY, Wecom

from microwish.events import Actor, Role, wish
from microwish.ids import uuid7

pytestmark = pytest.mark.integration
STREET, ELSEWHERE = "group:310117", "group:44"


@pytest.fixture
async def robot() -> AsyncIterator[tuple[Wecom, HttpServer]]:
    played = Wecom()
    async with serving(played) as server:
        yield played, server


@pytest.fixture
async def shop(make_desk: Any, robot: tuple[Wecom, HttpServer]) -> Any:
    """A service with a robot in the groups of two divisions."""
    return await make_desk(wecom_url=robot[1].url, wecom_robots={"310117": KEY, "44": KEY})


def said(robot: tuple[Wecom, HttpServer]) -> list[str]:
    return [one.values for [one] in robot[0].accepted.values()]


async def disputed(shop: Any, story_of: Any) -> Any:
    story = story_of(shop)
    await story.people()
    await story.posted(title="一台收音机")
    await story.adopted()
    reason = shop.seal("还没有收到", f"wish:{story.wish_id}")
    claim = {"adoption_id": story.adoption, "organisation_id": story.organisation}
    envelope = await shop.say(wish.DeliveryDisputed(**story.of_wish, **claim, reason=reason))
    await shop.work()
    return envelope


async def test_a_group_is_told_once_and_staff_besides(
    shop: Any, robot: tuple[Wecom, HttpServer], story_of: Any, fresh_phone: Any
) -> None:
    phone, person = fresh_phone(), uuid7()
    await shop.knows_person(person, phone)
    admin = Actor(person_id="a", role=Role.ADMIN)
    await shop.say(wish.StaffAssigned(person_id=person, communities=["310117001"], by=admin))
    envelope = await disputed(shop, story_of)
    [text] = said(robot)
    assert "一台收音机" in text
    [message] = await shop.rows("messages", recipient=STREET)
    assert (message["state"], message["out"]["provider"], message["person_id"]) == ("sent", "wecom", None)
    assert await shop.rows("messages", recipient=ELSEWHERE) == []
    assert "delivery_disputed_staff.v1" in [item["template"] for item in await shop.phone(phone)]
    await shop.hear(envelope)
    await shop.work()
    assert said(robot) == [text]


async def test_a_group_gets_its_digest_in_the_morning(
    shop: Any, robot: tuple[Wecom, HttpServer], story_of: Any
) -> None:
    for _ in range(2):
        await story_of(shop).posted()
    await shop.work()
    assert said(robot) == []
    shop.clock.ahead += shop.service.timing.morning_after(shop.clock()) - shop.clock() + timedelta(seconds=1)
    await shop.service.merge_digests()
    await shop.work()
    [text] = said(robot)
    assert "社区晨报" in text


async def test_a_robot_that_was_taken_out_of_its_group_alarms_nobody_by_telephone(
    shop: Any, robot: tuple[Wecom, HttpServer], story_of: Any
) -> None:
    robot[0].next(Fault(code="93000"))
    await disputed(shop, story_of)
    [message] = await shop.rows("messages", recipient=STREET)
    assert message["state"] == "failed"
    assert await shop.rows("call_tasks", recipient=STREET) == []
    assert said(robot) == []


async def test_what_nobody_knows_of_a_robot_is_not_said_again(
    shop: Any, robot: tuple[Wecom, HttpServer], story_of: Any
) -> None:
    robot[0].next(DROP_AFTER)
    await disputed(shop, story_of)
    shop.clock.ahead += timedelta(minutes=10)
    await shop.service.reconcile()
    await shop.work()
    [message] = await shop.rows("messages", recipient=STREET)
    assert message["state"] == "unknown"
    assert len(said(robot)) == 1
