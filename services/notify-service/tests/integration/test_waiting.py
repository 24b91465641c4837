"""What is not known yet is waited for; what never comes ends in words; what is too late is not told."""

from datetime import timedelta
from typing import Any

import pytest

from microwish.events import Actor, Role, adoption, wish
from microwish.ids import uuid7

pytestmark = pytest.mark.integration
STAFF = Actor(person_id="s", role=Role.STAFF)
ADOPTED = adoption.WishAdopted.type_name()


async def test_a_message_waits_for_its_contact_and_leaves_when_it_comes(desk: Any, story_of: Any) -> None:
    story = story_of(desk)
    await story.posted()
    await desk.work()
    [message] = await desk.rows("messages")
    assert (message["state"], message["waits_for"]) == ("awaiting", [f"contact:{story.resident}"])
    assert await desk.phone(story.resident_phone) == []
    await story.people()
    await desk.work()
    assert [item["template"] for item in await desk.phone(story.resident_phone)] == ["wish_posted.v1"]


async def test_a_message_waits_for_the_public_title(desk: Any, story_of: Any) -> None:
    story = story_of(desk)
    await story.people()
    due_at = desk.clock()
    await desk.say(adoption.LeaseReminderDue(**story.of_adoption, due_at=due_at))
    await desk.work()
    [message] = await desk.rows("messages")
    assert (message["state"], message["waits_for"]) == ("awaiting", [f"wish:{story.wish_id}"])
    await story.posted()
    await desk.work()
    assert "收音机" in (await desk.phone(story.handler_phone))[0]["text"]


@pytest.mark.parametrize("withdrawn_first", [True, False])
async def test_a_claim_that_crossed_a_withdrawal_never_has_the_last_word(
    desk: Any, story_of: Any, withdrawn_first: bool
) -> None:
    story = story_of(desk)
    await story.people()
    await story.posted()
    withdrawn = wish.WishWithdrawn(**story.of_wish)
    if withdrawn_first:
        await desk.say(withdrawn)
    await story.adopted()
    if not withdrawn_first:
        await desk.say(withdrawn)
    await desk.say(adoption.AdoptionRevoked(**story.of_adoption, cause=adoption.RevocationCause.WITHDRAWN))
    await desk.work()
    of_resident = {item["template"] for item in await desk.phone(story.resident_phone)}
    of_handler = [item["template"] for item in await desk.phone(story.handler_phone)]
    assert of_resident == {"wish_posted.v1", "wish_withdrawn.v1"}
    assert of_handler == ["wish_withdrawn_handler.v1"]
    dropped = {(row["state"], row["cause"]) for row in await desk.rows("messages", event_type=ADOPTED)}
    assert dropped == {("suppressed", "overtaken")}


async def test_an_audience_that_is_not_known_yet_is_waited_for(desk: Any, story_of: Any, fresh_phone: Any) -> None:
    story = story_of(desk)
    manager, phone = uuid7(), fresh_phone()
    await desk.knows_person(manager, phone)
    await story.posted()
    await desk.say(wish.WishRecommended(**story.of_wish, organisation_id=story.organisation))
    await desk.work()
    assert [row["waits_for"] for row in await desk.rows("fanouts", state="awaiting")] == [
        [f"organisation:{story.organisation}"]
    ]
    member = adoption.MemberChanged(
        organisation_id=story.organisation, by=STAFF, person_id=manager, role=adoption.MemberRole.MANAGER
    )
    await desk.say(member)
    for row in await desk.rows("fanouts", state="awaiting"):
        await desk.service.fan_out(row["_id"])
    await desk.work()
    assert "wish_recommended.v1" in {item["template"] for item in await desk.phone(phone)}


async def test_no_contact_within_a_day_is_a_failure_that_is_shown(desk: Any, story_of: Any) -> None:
    story = story_of(desk)
    await story.posted()
    await desk.say(adoption.DeliveryReported(**story.of_adoption, delivered_at=desk.clock()))
    await desk.say(adoption.SlotOffered(wish_id=uuid7(), organisation_id="o", until=desk.clock(), by=STAFF))
    await desk.work()
    desk.clock.ahead = timedelta(hours=23)
    await desk.service.sweep_waiting()
    assert {row["state"] for row in await desk.rows("messages")} == {"awaiting"}
    desk.clock.ahead = timedelta(hours=25)
    await desk.service.sweep_waiting()
    found = {(row["template"], row["state"], row["cause"]) for row in await desk.rows("messages")}
    assert found == {("wish_posted.v1", "failed", "no_contact"), ("delivery_reported.v1", "failed", "no_contact")}
    failed = [entry for row in await desk.rows("messages") for entry in row["outbox"]]
    assert {(entry["type"], entry["data"]["cause"]) for entry in failed} == {
        ("microwish.MessageFailed.v1", "no_contact")
    }
    assert [row["cause"] for row in await desk.rows("fanouts", state="failed")] == ["no_audience"]


async def test_a_contact_that_a_crash_kept_quiet_is_found_by_the_sweep(desk: Any, story_of: Any) -> None:
    story = story_of(desk)
    await story.posted()
    await desk.work()
    about = f"contact:{story.resident}"
    phone = desk.seal(story.resident_phone, about)
    await desk.service.store.contacts.view.newest(story.resident, "contact", 1, {"phone": phone})  # and no release
    await desk.service.sweep_waiting()
    await desk.work()
    assert len(await desk.phone(story.resident_phone)) == 1


async def test_somebody_without_a_mobile_becomes_a_call_for_staff_at_once(desk: Any, story_of: Any) -> None:
    story = story_of(desk, resident_phone="02155550101")
    await story.people()
    await story.posted()
    await desk.work()
    [message] = await desk.rows("messages")
    assert (message["state"], message["cause"]) == ("failed", "telephone")
    [call] = await desk.rows("call_tasks")
    assert (call["wish_id"], call["community"]) == (story.wish_id, story.community)


async def test_events_of_the_past_are_recorded_not_told(desk: Any, story_of: Any) -> None:
    story = story_of(desk)
    await story.people()
    past = desk.clock() - timedelta(days=40)
    await story.posted(time=past)
    await story.adopted(time=past)
    await desk.work()
    assert {(row["state"], row["cause"]) for row in await desk.rows("fanouts")} == {("suppressed", "late")}
    assert await desk.rows("messages") == []
    await desk.say(adoption.DeliveryReported(**story.of_adoption, delivered_at=desk.clock()))
    await desk.work()
    assert [item["template"] for item in await desk.phone(story.resident_phone)] == ["delivery_reported.v1"]


async def test_a_message_that_lay_too_long_is_suppressed(desk: Any, story_of: Any) -> None:
    story = story_of(desk)
    await story.people()
    await story.posted()
    for row in await desk.rows("fanouts", state="open"):
        await desk.service.fan_out(row["_id"])
    desk.clock.ahead = timedelta(hours=25)
    await desk.work()
    [message] = await desk.rows("messages")
    assert (message["state"], message["cause"]) == ("suppressed", "late")


async def test_a_forgotten_member_of_staff_serves_nobody(desk: Any) -> None:
    staff = desk.service.store.views.staff
    by = Actor(person_id="admin", role=Role.ADMIN)
    await desk.say(wish.StaffAssigned(person_id="leaver", communities=["310117001"], by=by))
    assert await staff.serving("310117001001", after="", limit=10) == ["leaver"]
    await desk.say(wish.PersonErased(person_id="leaver", contact_ids=["leaver"]))
    assert await staff.serving("310117001001", after="", limit=10) == []


async def test_what_a_forgotten_person_left_goes_away(desk: Any, story_of: Any) -> None:
    story = story_of(desk)
    await story.people()
    await story.posted()
    await desk.work()
    await desk.say(adoption.DeliveryReported(**story.of_adoption, delivered_at=desk.clock()))
    for row in await desk.rows("fanouts", state="open"):
        await desk.service.fan_out(row["_id"])
    await desk.service.forget(story.resident, 9)
    await desk.service.forget(story.resident, 9)
    await desk.work()
    assert await desk.phone(story.resident_phone) == []
    states = {row["template"]: (row["state"], row.get("cause")) for row in await desk.rows("messages")}
    assert states["delivery_reported.v1"] == ("suppressed", "erased")
    kept = repr(await desk.rows("notices", recipient=story.resident)) + repr(await desk.rows("contacts.g1"))
    assert "收音机" not in kept
    about = f"contact:{story.resident}"
    sealed = desk.seal(story.resident_phone, about)
    assert await desk.service.store.contacts.view.newest(story.resident, "contact", 8, {"phone": sealed}) == "old"
