"""The morning digest, and whom a new wish is told at once."""

from datetime import timedelta
from typing import Any

import pytest

from microwish.events import Actor, Category, Role, adoption, wish
from microwish.ids import uuid7

pytestmark = pytest.mark.integration
ADMIN = Actor(person_id="a", role=Role.ADMIN)


async def to_the_next_morning(desk: Any) -> None:
    desk.clock.ahead += desk.service.timing.morning_after(desk.clock()) - desk.clock() + timedelta(seconds=1)
    await desk.service.merge_digests()
    await desk.work()


async def staff_of(desk: Any, phone: str, *communities: str) -> str:
    person = uuid7()
    await desk.knows_person(person, phone)
    await desk.say(wish.StaffAssigned(person_id=person, communities=list(communities), by=ADMIN))
    return person


async def organisation_of(desk: Any, manager: str, notify: adoption.FollowNotice) -> str:
    organisation = uuid7()
    head = {"organisation_id": organisation, "by": ADMIN}
    kind = adoption.OrganisationKind.RESIDENT_UNIT
    await desk.say(
        adoption.OrganisationRegistered(**head, name="邮政所", kind=kind, scope="310117", manager_id=manager)
    )
    await desk.say(adoption.OrganisationVerified(**head))
    categories = [Category.GOODS]
    await desk.say(adoption.FollowingChanged(**head, communities=["310117001"], categories=categories, notify=notify))
    await desk.work()
    return organisation


async def test_a_morning_s_news_is_one_message_per_person(desk: Any, story_of: Any, fresh_phone: Any) -> None:
    phone, other_phone = fresh_phone(), fresh_phone()
    both = await staff_of(desk, phone, "310117001")
    await staff_of(desk, other_phone, "310117002")
    await organisation_of(desk, both, adoption.FollowNotice.DIGEST)
    stories = [story_of(desk) for _ in range(3)]
    for story in stories:
        await story.people()
        await story.posted(title="一台收音机")
    await stories[0].adopted()
    await desk.work()
    assert [item["template"] for item in await desk.phone(phone)] == ["organisation_verified.v1"]
    await to_the_next_morning(desk)
    [digest] = [item for item in await desk.phone(phone) if item["template"].startswith("digest")]
    assert digest["template"] == "digest_both.v1"
    assert "3 个待审" in digest["text"]
    assert "认领 1 个" in digest["text"]
    assert "新发布 3 个" in digest["text"]
    assert await desk.phone(other_phone) == []
    await to_the_next_morning(desk)
    assert len(await desk.phone(phone)) == 2


async def test_a_digest_that_a_crash_left_half_made_is_completed_by_the_sweep(
    desk: Any, story_of: Any, fresh_phone: Any
) -> None:
    phone = fresh_phone()
    person = await staff_of(desk, phone, "310117001")
    await story_of(desk).posted()
    await desk.work()
    desk.clock.ahead = timedelta(days=1)
    notices = desk.service.store.notices
    [bundle] = await notices.due(desk.clock(), limit=10)
    assert bundle.recipient == person
    await notices.take(bundle, "the-message", now=desk.clock())  # and the process dies
    await desk.service.sweep()
    await desk.work()
    assert [item["template"] for item in await desk.phone(phone)] == ["digest_staff.v1"]


async def test_who_wants_no_digest_gets_none(desk: Any, story_of: Any, fresh_phone: Any) -> None:
    phone = fresh_phone()
    person = await staff_of(desk, phone, "310117001")
    body = {"channels": ["sms"], "digest": "none"}
    saved = await desk.http.put("/api/preferences", json=body, headers=desk.token(person, Role.STAFF))
    assert saved.status_code == 200
    await story_of(desk).posted()
    await desk.work()
    await to_the_next_morning(desk)
    assert await desk.phone(phone) == []
    assert [row["cause"] for row in await desk.rows("notices", recipient=person)] == ["preference"]


async def test_followers_are_told_at_once_in_the_morning_or_not_at_all(
    desk: Any, story_of: Any, fresh_phone: Any
) -> None:
    phones = {notify: fresh_phone() for notify in adoption.FollowNotice}
    for notify, phone in phones.items():
        manager = uuid7()
        await desk.knows_person(manager, phone)
        await organisation_of(desk, manager, notify)
    await story_of(desk).posted()
    await story_of(desk, community="310117009001").posted()
    await desk.work()

    async def told(notify: adoption.FollowNotice) -> list[str]:
        templates = [item["template"] for item in await desk.phone(phones[notify])]
        return [template for template in templates if template != "organisation_verified.v1"]

    assert await told(adoption.FollowNotice.IMMEDIATELY) == ["wish_posted_follower.v1"]
    assert await told(adoption.FollowNotice.DIGEST) == []
    await to_the_next_morning(desk)
    assert await told(adoption.FollowNotice.DIGEST) == ["digest_organisation.v1"]
    assert await told(adoption.FollowNotice.NONE) == []
