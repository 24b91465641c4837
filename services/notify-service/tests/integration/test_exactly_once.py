"""Each event to the right people, each once, whatever is repeated and in whatever order it comes (invariants 5, 6)."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from microwish.events import Actor, Category, Role, Topic, adoption, wish
from microwish.ids import uuid7
from microwish.testing.waiting import eventually

pytestmark = pytest.mark.integration
COMMUNITY = "310117001001"


async def counts(town: Any, *phones: str) -> Counter[tuple[str, str]]:
    return Counter([(phone, item["template"]) for phone in phones for item in await town.phone(phone)])


async def test_repeated_and_republished_events_tell_nobody_twice(town: Any, story_of: Any) -> None:
    story = story_of(town)
    await story.people()
    await story.posted()
    await story.adopted()
    await town.message(story.resident_phone, "wish_adopted.v1")
    await town.message(story.handler_phone, "wish_adopted_handler.v1")
    await town.say(wish.WishWithdrawn(**story.of_wish))
    cause = adoption.RevocationCause.WITHDRAWN
    await town.say(adoption.AdoptionRevoked(**story.of_adoption, cause=cause))
    phones = (story.resident_phone, story.handler_phone)
    await town.message(story.resident_phone, "wish_withdrawn.v1")
    await town.quiet()
    told = await counts(town, *phones)
    assert set(told.values()) == {1}
    assert {template for phone, template in told if phone == story.resident_phone} == {
        "wish_posted.v1",
        "wish_adopted.v1",
        "wish_withdrawn.v1",
    }
    of_handler = {template for phone, template in told if phone == story.handler_phone}
    assert "wish_adopted_handler.v1" in of_handler
    assert len(of_handler & {"wish_withdrawn_handler.v1", "adoption_revoked.v1"}) == 1
    await town.republish()
    await town.republish()
    await town.quiet()
    assert await counts(town, *phones) == told
    delivered = town.feed.events(Topic.NOTIFY, lambda event: event.data.get("wish_id") == story.wish_id)
    by_message = Counter((event.subject, event.type) for event in delivered)
    assert set(by_message.values()) == {1}


async def test_another_event_of_the_same_kind_is_other_news(town: Any, story_of: Any) -> None:
    """The control to the test above: it is the event's identity that counts, not what it says."""
    story = story_of(town)
    await story.people()
    await story.posted()
    for _ in range(2):
        await town.say(adoption.LeaseReminderDue(**story.of_adoption, due_at=town.clock()))
    await town.message(story.handler_phone, "lease_reminder.v1")
    await town.quiet()
    assert await counts(town, story.handler_phone) == {(story.handler_phone, "lease_reminder.v1"): 2}


async def test_any_order_of_contact_wish_and_claim_ends_the_same(town: Any, story_of: Any) -> None:
    """No sweep runs in this town: only the arrival itself can let go on what waited."""
    stories = [story_of(town) for _ in range(4)]
    await stories[0].adopted()
    await stories[0].posted()
    await stories[0].people()
    await stories[1].people()
    await stories[1].adopted()
    await stories[1].posted()
    await stories[2].posted()
    await stories[2].people()
    await stories[2].adopted()
    await stories[3].adopted()
    await stories[3].people()
    await stories[3].posted()
    for story in stories:
        for template in ("wish_posted.v1", "wish_adopted.v1"):
            await town.message(story.resident_phone, template)
        assert "收音机" in (await town.message(story.handler_phone, "wish_adopted_handler.v1"))["text"]
    await town.quiet()
    for story in stories:
        assert set((await counts(town, story.resident_phone, story.handler_phone)).values()) == {1}


async def test_organisations_and_their_people(town: Any, story_of: Any) -> None:
    story = story_of(town)
    manager, member = uuid7(), uuid7()
    manager_phone, member_phone = story.handler_phone, story.resident_phone
    by = Actor(person_id="staff", role=Role.STAFF)
    of_organisation = {"organisation_id": story.organisation, "by": by}
    await town.say(
        adoption.OrganisationRegistered(
            **of_organisation,
            name="松江邮政所",
            kind=adoption.OrganisationKind.RESIDENT_UNIT,
            scope="310117002",
            manager_id=manager,
        )
    )
    await town.say(adoption.OrganisationVerified(**of_organisation))
    role = adoption.MemberRole.HANDLER
    await town.say(adoption.MemberChanged(**of_organisation, person_id=member, role=role))
    await town.say(
        adoption.FollowingChanged(
            **of_organisation,
            communities=["310117002"],
            categories=[Category.GOODS],
            notify=adoption.FollowNotice.IMMEDIATELY,
        )
    )
    await town.knows_person(manager, manager_phone)
    await town.knows_person(member, member_phone)
    assert "松江邮政所" in (await town.message(manager_phone, "organisation_verified.v1"))["text"]
    assert "经办人" in (await town.message(member_phone, "member_joined.v1"))["text"]
    await town.message(manager_phone, "member_changed_manager.v1")
    organisations = town.service.store.views.organisations
    await eventually(lambda: organisations.followers("310117002001", "goods", after="", limit=5))
    other = story_of(town, community="310117002001")
    await other.posted(title="想要一副老花镜")
    assert "老花镜" in (await town.message(manager_phone, "wish_posted_follower.v1"))["text"]
    elsewhere = story_of(town, community="310117003001")
    await elsewhere.posted()
    await town.say(wish.WishRecommended(**elsewhere.of_wish, organisation_id=story.organisation))
    await town.message(manager_phone, "wish_recommended.v1")
    until = town.clock() + timedelta(hours=48)
    await town.say(
        adoption.SlotOffered(wish_id=elsewhere.wish_id, organisation_id=story.organisation, until=until, by=by)
    )
    await town.message(manager_phone, "slot_offered.v1")
    await town.quiet()
    assert len(await town.phone(manager_phone)) == 5
    assert len(await town.phone(member_phone)) == 1
