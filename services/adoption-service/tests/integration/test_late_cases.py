"""Acts that cross, each with its one outcome (design, section 3), and what time does."""

import asyncio

import pytest

from microwish.events import Topic
from microwish.events.wish import DeliveryConfirmed, DeliveryDisputed, WishRevised, WishWithdrawn
from microwish.testing import eventually

pytestmark = pytest.mark.integration
SEALED = "v1.k1.AAAA"


async def state_of(member, adoption_id: str) -> str:
    return (await member.get(f"/api/adoptions/{adoption_id}")).json()["state"]


async def test_a_claim_of_a_wish_withdrawn_a_moment_ago_is_revoked(world) -> None:
    wish_id = await world.wish()
    member, organisation_id = await world.organisation()
    adoption_id = await world.adoption(member, wish_id, organisation_id)
    await world.act(WishWithdrawn, wish_id)
    assert await state_of(member, adoption_id) == "revoked"
    revoked = await eventually(lambda: world.told("AdoptionRevoked", wish_id=wish_id))
    assert revoked[0]["cause"] == "withdrawn"
    assert (await member.get(f"/api/adoptions/{adoption_id}")).json()["cause"] == "withdrawn"


async def test_a_delivery_that_raced_a_withdrawal_stands_and_is_flagged(world) -> None:
    wish_id = await world.wish()
    member, organisation_id = await world.organisation()
    adoption_id = await world.adoption(member, wish_id, organisation_id)
    await member.post(f"/api/adoptions/{adoption_id}/delivery", {})
    await world.act(WishWithdrawn, wish_id)
    shown = (await member.get(f"/api/adoptions/{adoption_id}")).json()
    assert (shown["state"], shown["needs_attention"]) == ("delivered", True)
    flagged = await eventually(lambda: world.told("AdoptionFlagged", wish_id=wish_id))
    assert flagged[0]["flag"] == "delivered_after_end"


async def test_a_dispute_makes_it_active_again(world) -> None:
    wish_id = await world.wish()
    member, organisation_id = await world.organisation()
    adoption_id = await world.adoption(member, wish_id, organisation_id)
    await member.post(f"/api/adoptions/{adoption_id}/delivery", {})
    await world.act(DeliveryDisputed, wish_id, adoption_id=adoption_id, organisation_id=organisation_id, reason=SEALED)
    assert await state_of(member, adoption_id) == "active"


async def test_a_confirmation_of_an_adoption_that_ended_flags_and_changes_nothing(world) -> None:
    wish_id = await world.wish()
    member, organisation_id = await world.organisation()
    adoption_id = await world.adoption(member, wish_id, organisation_id)
    await member.post(f"/api/adoptions/{adoption_id}/release", {"reason": "人手不够"})
    await world.act(DeliveryConfirmed, wish_id, adoption_id=adoption_id, organisation_id=organisation_id)
    assert await state_of(member, adoption_id) == "released"
    flagged = await eventually(lambda: world.told("AdoptionFlagged", wish_id=wish_id))
    assert flagged[0]["flag"] == "confirmed_after_end"
    other, another = await world.organisation()
    assert (await world.claim(other, wish_id, another)).status_code == 201


async def test_raised_slots_can_be_claimed_and_a_repeated_event_changes_nothing(world) -> None:
    wish_id = await world.wish(slots=1)
    first, one = await world.organisation()
    second, two = await world.organisation()
    await world.adoption(first, wish_id, one)
    assert (await world.claim(second, wish_id, two)).json()["code"] == "taken"
    await world.act(WishRevised, wish_id, slots=2)
    assert (await world.claim(second, wish_id, two)).status_code == 201
    before = await world.service.claims.aggregates.load(wish_id)
    for envelope in world.feed.events(Topic.WISH, lambda one: one.subject == wish_id):
        await world.feed.publish_again(Topic.WISH, envelope)
    probe = await world.wish()  # whatever was published before it has been handled when it is
    after = await world.service.claims.aggregates.load(wish_id)
    assert (after["revision"], after["taken"]) == (before["revision"], before["taken"])
    assert probe


async def test_a_lease_is_reminded_of_once_and_lapses(hasty_world) -> None:
    world = hasty_world
    wish_id = await world.wish()
    member, organisation_id = await world.organisation()
    adoption_id = await world.adoption(member, wish_id, organisation_id)

    async def lapsed() -> bool:
        return await state_of(member, adoption_id) == "lapsed"

    await eventually(lapsed, seconds=60)
    await eventually(lambda: world.told("AdoptionLapsed", wish_id=wish_id), seconds=60)
    assert len(world.told("LeaseReminderDue", wish_id=wish_id)) == 1
    assert (await world.claim(member, wish_id, organisation_id)).status_code == 201


async def test_a_delivery_against_a_lapse_the_first_write_wins(hasty_world) -> None:
    world = hasty_world
    member, organisation_id = await world.organisation()
    wishes = [await world.wish() for _ in range(5)]
    adoptions = [await world.adoption(member, one, organisation_id) for one in wishes]

    async def deliver_late(adoption_id: str) -> int:
        due = (await world.service.claims.adoption(adoption_id))[1].due_at
        await eventually(lambda: world.service.timers._clock() >= due, seconds=60)
        return (await member.post(f"/api/adoptions/{adoption_id}/delivery", {})).status_code

    answers = await asyncio.gather(*(deliver_late(one) for one in adoptions))
    for wish_id, adoption_id, status in zip(wishes, adoptions, answers, strict=True):
        expected = "delivered" if status == 200 else "lapsed"
        assert await state_of(member, adoption_id) == expected
        name = "DeliveryReported" if status == 200 else "AdoptionLapsed"
        await eventually(lambda name=name, wish_id=wish_id: world.told(name, wish_id=wish_id), seconds=60)
        assert len(world.told("DeliveryReported", wish_id=wish_id) + world.told("AdoptionLapsed", wish_id=wish_id)) == 1


async def test_leases_that_ended_while_nothing_ran_lapse_afterwards_exactly_once(world) -> None:
    wish_id = await world.wish()
    member, organisation_id = await world.organisation()
    adoption_id = await world.adoption(member, wish_id, organisation_id)
    claims = await world.service.claims.find(wish_id)
    long_after = claims.adoptions[0].due_at

    class Later:
        def __call__(self):
            return long_after

    from adoption_service.timers import Timers

    store, terms = world.service.claims, world.service.settings.waiting
    replicas = [Timers(store, world.service.organisations, terms, clock=Later()) for _ in range(4)]
    await asyncio.gather(*(one.tick() for one in replicas))
    assert await state_of(member, adoption_id) == "lapsed"
    await eventually(lambda: world.told("AdoptionLapsed", wish_id=wish_id), seconds=60)
    timeline = (await world.service.claims.aggregates.load(wish_id))["timeline"]
    assert [line["what"] for line in timeline].count("AdoptionLapsed") == 1


async def test_suspending_an_organisation_takes_its_active_adoptions_back(world) -> None:
    member, organisation_id = await world.organisation()
    active = await world.adoption(member, await world.wish(), organisation_id)
    delivered = await world.adoption(member, await world.wish(), organisation_id)
    await member.post(f"/api/adoptions/{delivered}/delivery", {})
    path = f"/api/organisations/{organisation_id}/verification"
    assert (await world.admin.post(path, {"decision": "suspend", "reason": "失联"})).status_code == 200
    assert [await state_of(member, one) for one in (active, delivered)] == ["revoked", "delivered"]
    told = await eventually(lambda: world.told("AdoptionRevoked", organisation_id=organisation_id))
    assert told[0]["cause"] == "organisation_suspended"
    refused = await world.claim(member, await world.wish(), organisation_id)
    assert refused.json()["code"] == "not_verified"
    assert (await world.admin.post(path, {"decision": "approve"})).json()["state"] == "verified"
    assert (await world.claim(member, await world.wish(), organisation_id)).status_code == 201
