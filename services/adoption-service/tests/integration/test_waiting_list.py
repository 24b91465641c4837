"""The waiting list over HTTP: who is next, who is refused meanwhile, how it ends, and what everybody is told."""

import asyncio

import pytest

from microwish.events import Topic
from microwish.events.wish import WishRevised, WishWithdrawn
from microwish.ids import uuid7
from microwish.testing import eventually

pytestmark = pytest.mark.integration


async def join(member, wish_id: str, organisation_id: str, **headers: str):
    return await member.post(f"/api/board/{wish_id}/queue", {"organisation_id": organisation_id}, **headers)


async def leave(member, wish_id: str, organisation_id: str) -> int:
    return (await member("DELETE", f"/api/board/{wish_id}/queue?organisation_id={organisation_id}")).status_code


async def standing(member, wish_id: str, organisation_id: str) -> dict:
    """How the organisation stands to the wish, as it reads it itself."""
    listed = (await member.get(f"/api/board/mine?organisation_id={organisation_id}")).json()["items"]
    return next((one for one in listed if one["wish_id"] == wish_id), {})


async def offered(member, wish_id: str, organisation_id: str) -> str:
    """Wait for the offer; until when it stands."""

    async def until() -> str | None:
        return (await standing(member, wish_id, organisation_id)).get("offer_until")

    return await eventually(until, seconds=60)


async def on_board(world, wish_id: str, **expected: object) -> dict:
    """Wait until the board says so."""

    async def row() -> dict | None:
        found = await world.service.board.find(wish_id)
        return found if all(found[name] == value for name, value in expected.items()) else None

    return await eventually(row, seconds=60)


def story(world, wish_id: str) -> list[str]:
    """The events of its claims in order, as others are told."""
    seen = world.feed.events(Topic.ADOPTION, lambda one: one.subject == wish_id)
    return [one.type.split(".")[1] for one in sorted(seen, key=lambda one: one.version)]


async def test_a_freed_slot_goes_to_who_waits_first_and_to_no_stranger(world) -> None:
    wish_id = await world.wish()
    holder, x = await world.organisation("清河物业")
    (first, a), (second, b), (stranger, c) = [await world.organisation() for _ in range(3)]
    adoption_id = await world.adoption(holder, wish_id, x)

    joined = await join(first, wish_id, a, Idempotency_Key="q1")
    assert (joined.status_code, joined.json()) == (
        200,
        {"wish_id": wish_id, "organisation_id": a, "place": 1, "waiting": 1, "offer_until": None},
    )
    assert (await join(first, wish_id, a, Idempotency_Key="q1")).json() == joined.json()
    assert (await join(second, wish_id, b)).json()["place"] == 2
    assert (await join(first, wish_id, a)).json()["place"] == 1
    row = await on_board(world, wish_id, status="taken", waiting=2)
    held = (await holder.get(f"/api/adoptions/{adoption_id}")).json()
    assert [(one["name"], one["due_at"].isoformat()) for one in row["holders"]] == [
        ("清河物业", held["due_at"].replace("Z", "+00:00"))
    ]

    await holder.post(f"/api/adoptions/{adoption_id}/release", {"reason": "人手不够"})
    assert (await world.claim(stranger, wish_id, c)).json()["code"] == "reserved"
    until = await offered(first, wish_id, a)
    await on_board(world, wish_id, status="reserved", free=1, waiting=1)
    for member, organisation_id in ((stranger, c), (second, b)):
        assert (await world.claim(member, wish_id, organisation_id)).json()["code"] == "reserved"
    assert (await join(stranger, wish_id, c)).json()["place"] == 2
    assert (await world.claim(first, wish_id, a)).status_code == 201
    assert (await world.claim(stranger, wish_id, c)).json()["code"] == "taken"
    await on_board(world, wish_id, status="taken", waiting=2)

    expected = ["WishAdopted", "QueueChanged", "QueueChanged", "AdoptionReleased", "SlotOffered", "QueueChanged"]
    await eventually(lambda: story(world, wish_id) == [*expected, "QueueChanged", "WishAdopted"])
    [told] = world.told("SlotOffered", wish_id=wish_id)
    assert (told["organisation_id"], told["until"][:23]) == (a, until[:23])
    timeline = (await world.service.claims.aggregates.load(wish_id))["timeline"]
    lines = [(one["what"], one.get("organisation_id"), one.get("code"), one["by"].get("person_id")) for one in timeline]
    assert lines[2:4] == [
        ("QueueChanged", a, "joined", first.person_id),
        ("QueueChanged", b, "joined", second.person_id),
    ]
    assert lines[5] == ("SlotOffered", a, None, None)


async def test_an_offer_given_back_goes_to_the_next_at_once(world) -> None:
    wish_id = await world.wish()
    holder, x = await world.organisation()
    (first, a), (second, b), (third, c) = [await world.organisation() for _ in range(3)]
    adoption_id = await world.adoption(holder, wish_id, x)
    for member, organisation_id in ((first, a), (second, b), (third, c)):
        await join(member, wish_id, organisation_id)
    assert await leave(second, wish_id, b) == 204
    await holder.post(f"/api/adoptions/{adoption_id}/release", {"reason": "人手不够"})
    await offered(first, wish_id, a)
    body = {"organisation_id": a}
    assert (await first("DELETE", f"/api/board/{wish_id}/queue", body)).status_code == 204
    await offered(third, wish_id, c)
    assert await leave(third, wish_id, c) == 204
    await on_board(world, wish_id, status="claimable", waiting=0)
    told = await eventually(lambda: len(found := world.told("OfferEnded", wish_id=wish_id)) == 2 and found)
    assert [(one["organisation_id"], one["end"]) for one in told] == [(a, "declined"), (c, "declined")]
    assert await leave(third, wish_id, c) == 204, "who is absent leaves without a change"
    assert (await world.claim(second, wish_id, b)).status_code == 201


async def test_leases_and_offers_end_by_themselves_until_somebody_claims(hasty_world) -> None:
    """A lease of seconds lapses, the offer of it runs out, the next one's is claimed."""
    world = hasty_world
    wish_id = await world.wish()
    holder, x = await world.organisation()
    (first, a), (second, b) = [await world.organisation() for _ in range(2)]
    await world.adoption(holder, wish_id, x)
    await join(first, wish_id, a)
    await join(second, wish_id, b)
    await offered(second, wish_id, b)
    assert (await world.claim(second, wish_id, b)).status_code == 201
    expected = ["WishAdopted", "AdoptionLapsed", "SlotOffered", "OfferEnded", "SlotOffered"]

    def told() -> bool:
        return [one for one in story(world, wish_id) if one not in {"LeaseReminderDue", "QueueChanged"}][:5] == expected

    await eventually(told)
    expired = world.told("OfferEnded", wish_id=wish_id)[0]
    assert (expired["organisation_id"], expired["end"]) == (a, "expired")


async def test_who_may_not_claim_any_more_is_passed_over(world) -> None:
    wish_id = await world.wish()
    holder, x = await world.organisation()
    (first, a), (second, b), (third, c) = [await world.organisation() for _ in range(3)]
    adoption_id = await world.adoption(holder, wish_id, x)
    for member, organisation_id in ((first, a), (second, b), (third, c)):
        await join(member, wish_id, organisation_id)

    async def suspend(organisation_id: str) -> None:
        said = {"decision": "suspend", "reason": "失联"}
        done = await world.admin.post(f"/api/organisations/{organisation_id}/verification", said)
        assert done.status_code == 200

    await suspend(a)
    assert (await world.service.claims.find(wish_id)).queue == (b, c)
    await holder.post(f"/api/adoptions/{adoption_id}/release", {"reason": "人手不够"})
    await offered(second, wish_id, b)
    await suspend(b)
    await offered(third, wish_id, c)
    ended = await eventually(lambda: len(found := world.told("OfferEnded", wish_id=wish_id)) == 2 and found)
    assert [(one["organisation_id"], one["end"]) for one in ended] == [(a, "not_entitled"), (b, "not_entitled")]


async def test_raised_slots_go_to_who_waits_and_the_end_of_the_wish_ends_it_all(world) -> None:
    wish_id = await world.wish()
    holder, x = await world.organisation()
    (first, a), (second, b) = [await world.organisation() for _ in range(2)]
    await world.adoption(holder, wish_id, x)
    await join(first, wish_id, a)
    await join(second, wish_id, b)
    await world.act(WishRevised, wish_id, slots=2)
    await offered(first, wish_id, a)
    await world.act(WishWithdrawn, wish_id)
    assert await standing(first, wish_id, a) == {}
    expected = ["SlotOffered", "QueueChanged", "AdoptionRevoked", "OfferEnded", "QueueChanged"]
    await eventually(lambda: story(world, wish_id)[-5:] == expected)
    assert world.told("QueueChanged", wish_id=wish_id)[-1]["organisation_ids"] == []
    assert (await join(second, wish_id, b)).json()["code"] == "closed"


async def test_refusals(world) -> None:
    wish_id = await world.wish()
    holder, x = await world.organisation()
    member, a = await world.organisation()
    pending_member, pending = await world.organisation(verified=False)

    async def code(who, organisation_id: str, about: str = wish_id) -> tuple[int, str]:
        answer = await join(who, about, organisation_id)
        return answer.status_code, answer.json()["code"]

    assert await code(member, a) == (409, "slot_free")
    adoption_id = await world.adoption(holder, wish_id, x)
    held = await join(holder, wish_id, x)
    assert (held.status_code, held.json()["code"], held.json()["adoption_id"]) == (409, "already_held", adoption_id)
    assert await code(member, x) == (403, "not_member")
    assert await code(pending_member, pending) == (403, "not_verified")
    assert await code(member, a, uuid7()) == (409, "not_yet_claimable")
    assert (await leave(member, uuid7(), a), await leave(member, wish_id, x)) == (204, 403)
    nobody = await member("DELETE", f"/api/board/{wish_id}/queue")
    assert (nobody.status_code, nobody.json()["errors"][0]["field"]) == (422, "organisation_id")
    assert (await world.http.post(f"/api/board/{wish_id}/queue", json={"organisation_id": a})).status_code == 401
    assert (await world.service.claims.find(wish_id)).queue == ()


async def test_a_hundred_may_wait(world) -> None:
    wish_id = await world.wish()
    holder, x = await world.organisation()
    await world.adoption(holder, wish_id, x)
    waiting = [f"o-{number}" for number in range(99)]
    await world.service.claims.collection.update_one({"_id": wish_id}, {"$set": {"queue": waiting}})
    two = [await world.organisation() for _ in range(2)]
    answers = await asyncio.gather(*(join(member, wish_id, organisation_id) for member, organisation_id in two))
    assert sorted((one.status_code, one.json().get("code")) for one in answers) == [(200, None), (409, "queue_full")]
