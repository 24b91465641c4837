"""Events of adoption-service: each once in effect, in order, however they come; views equal their rebuilding."""

import random
from typing import Any

import pytest

from microwish.events import Source, Topic
from microwish.events.adoption import (
    AdoptionLapsed,
    ContactRead,
    OrganisationKind,
    OrganisationRef,
    PartnersChanged,
    QueueChanged,
)
from microwish.ids import uuid7
from microwish.messaging.streams import Outcome
from microwish.store.views import View
from microwish.testing import eventually
from wish_service.views.derived import STATUS
from wish_service.views.facts import facts_view
from wish_service.views.facts_of_events import ChangesOf, wish_changes
from wish_service.views.wall import Feeding
from wish_service.views.wall_rows import wall_changes

pytestmark = pytest.mark.integration
PARTNER = OrganisationRef(id=uuid7(), name="清河物业", kind=OrganisationKind.RESIDENT_UNIT)


async def test_a_gap_waits_and_a_repetition_changes_nothing(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    wish_id = await world.posted(resident, staff)
    adopted = world.adopted(wish_id)
    reported = await world.feed.publish(world.reported(adopted), version=3)
    queue = QueueChanged(wish_id=wish_id, by=adopted.by, organisation_ids=[uuid7()])
    await world.feed.publish(queue, version=2)
    first = await world.feed.publish(adopted, version=1)
    await world.state(resident, wish_id, "delivered")
    before = (await resident.get(f"/api/wishes/{wish_id}/timeline")).json()
    await world.feed.publish_again(Topic.ADOPTION, first)
    await world.feed.publish_again(Topic.ADOPTION, reported)
    lapsed = AdoptionLapsed(**world.same(adopted))
    await world.feed.publish(lapsed, version=4)
    await world.state(resident, wish_id, "posted")
    after = (await resident.get(f"/api/wishes/{wish_id}/timeline")).json()
    assert [line["what"] for line in before["items"]] == [
        "WishSubmitted",
        "WishPosted",
        "WishAdopted",
        "DeliveryReported",
    ]
    assert after["items"][:-1] == before["items"]
    shown = await world.on_wall(wish_id, "posted")
    assert shown["holders"] == []
    wish = (await resident.get(f"/api/wishes/{wish_id}")).json()
    assert wish["adoptions"][0]["state"] == "lapsed"
    assert wish["adoptions"][0]["door_code"] is None


async def test_the_resident_sees_every_reading_of_their_contact(world: Any) -> None:
    resident, staff = await world.person(), await world.staff(name="周敏")
    wish_id = await world.posted(resident, staff)
    shown = await staff.get(f"/api/wishes/{wish_id}/contact")
    assert shown.json() == {"name": "王秀英", "phone": "13912345678", "address": "龙潭社区三弄 5 号 301 室"}
    assert "no-store" in shown.headers["cache-control"]
    adopted = world.adopted(wish_id)
    await world.tell(adopted)
    await world.tell(ContactRead(**world.same(adopted), reader_name=world.seals.for_wish(wish_id, "李明")))

    async def both() -> list[dict[str, Any]] | None:
        items = (await resident.get(f"/api/wishes/{wish_id}/access-log")).json()["items"]
        return items if len(items) == 2 else None

    items = await eventually(both)
    assert [item["reader"] for item in items] == [
        {"role": "member", "name": "李明", "organisation": "晨光中学党总支"},
        {"role": "staff", "name": "周敏", "organisation": None},
    ]
    assert (await staff.get(f"/api/wishes/{wish_id}/access-log")).status_code == 403


async def test_any_interleaving_rebuilds_the_same_views(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    ids = [await world.posted(resident, staff, slots=2) for _ in range(3)]
    for wish_id in ids:
        one, two = world.adopted(wish_id), world.adopted(wish_id, "和风供电所")
        joined = PartnersChanged(**world.same(one), partners=[PARTNER])
        for event in (one, joined, two, world.reported(one)):
            await world.tell(event)
        await eventually(lambda w=wish_id, a=one: _delivered(resident, w, a.adoption_id))
        answer = await resident.post(f"/api/wishes/{wish_id}/confirmation", {"adoption_id": one.adoption_id})
        assert answer.status_code == 200
        await world.tell(AdoptionLapsed(**world.same(two)))
        await eventually(lambda w=wish_id: _held(world, w, 1))
        for reader in (resident, await world.person()):  # from the truth, and from the view
            await eventually(lambda r=reader, w=wish_id: _partners_are(r, w, [["清河物业"]]))
    events = await eventually(lambda: _all_of(world, ids, each=8))
    db = world.service.mongo.db
    for seed in range(3):
        wall = View(db, f"wall-again-{seed}", derive=STATUS)
        facts = facts_view(db, world.service.settings.timezone)
        facts.name = f"facts-again-{seed}"
        await _rebuild(wall, wall_changes, events, seed)
        await _rebuild(facts, wish_changes, events, seed)
        assert await _rows(wall, ids) == await _rows(world.service.views.wall, ids)
        assert await _rows(facts, ids) == await _rows(world.service.views.facts, ids)


def _all_of(world: Any, ids: list[str], *, each: int) -> list[Any] | None:
    """The events of these wishes, once the feed too has seen all of them."""
    topics = (Topic.WISH, Topic.ADOPTION)
    seen = [e for topic in topics for e in world.feed.events(topic, lambda e: e.subject in ids)]
    return seen if len({event.id for event in seen}) == each * len(ids) else None


async def _rebuild(view: View, of_wish: ChangesOf, events: list[Any], seed: int) -> None:
    shuffled = random.Random(seed).sample(events * 2, k=len(events) * 2)
    feeding = Feeding(view, of_wish)
    while shuffled:
        waiting = []
        for event in shuffled:
            take = feeding.take_wish if event.source == Source.WISH else feeding.take_claims
            if await take(event) is Outcome.GAP:
                waiting.append(event)
        assert len(waiting) < len(shuffled)
        shuffled = waiting


COUNTING = {"dirty": 0, "dirty_since": 0, "touch": 0}
"""How far the statistics are with a row is no part of what it says."""


async def _rows(view: View, ids: list[str]) -> list[dict[str, Any]]:
    rows = await view.rows.find({"_id": {"$in": ids}}, COUNTING).sort("_id", 1).to_list(None)
    assert len(rows) == len(ids)
    return rows


async def _delivered(resident: Any, wish_id: str, adoption_id: str) -> bool:
    wish = (await resident.get(f"/api/wishes/{wish_id}")).json()
    states = {one["id"]: one["state"] for one in wish["adoptions"]}
    return states.get(adoption_id) == "delivered" and wish["held"] == 2


async def _partners_are(reader: Any, wish_id: str, names: list[list[str]]) -> bool:
    holders = (await reader.get(f"/api/wishes/{wish_id}")).json()["holders"]
    assert [[one["name"] for one in holder["partners"]] for holder in holders] == names
    return True


async def _held(world: Any, wish_id: str, held: int) -> bool:
    row = await world.service.views.wall.rows.find_one({"_id": wish_id})
    fact = await world.service.views.facts.rows.find_one({"_id": wish_id})
    return bool(row and fact and row["held"] == held and fact["held"] == held and row["wish"].get("confirmed"))
