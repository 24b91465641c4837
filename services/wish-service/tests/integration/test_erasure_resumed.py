"""Forgetting a person goes on where a kill left it, by several at once, and whatever comes late or waits elsewhere."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from microwish.events import Actor, Envelope, Role
from microwish.events.wish import WishReturned
from microwish.ids import uuid7
from microwish.testing import eventually
from microwish.when import When
from wish_service.use_cases.follow_erasures import LATE, Kept, follow_erasures

from .import_kit import done, row, send, table

pytestmark = pytest.mark.integration

OTHERS = "13911112222"


@pytest_asyncio.fixture(loop_scope="session")
async def still(world: Any) -> AsyncIterator[Any]:
    """The service without its own rounds, so that each is taken by hand."""
    await world.service.erasures.rounds.stop()
    try:
        yield world
    finally:
        world.service.erasures.rounds.start()


def kept_by(world: Any) -> Kept:
    kept: Kept = world.service.erasures._kept
    return kept


def now(world: Any) -> When:
    return When.now(world.service.parts.clock)


class Killed(BaseException):
    """The process is gone."""


class Half:
    """The wishes of a process that is killed after some of them."""

    def __init__(self, wishes: Any, left: int) -> None:
        self._wishes, self._left = wishes, left

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wishes, name)

    async def erase(self, *args: Any, **named: Any) -> Any:
        if self._left == 0:
            raise Killed
        self._left -= 1
        return await self._wishes.erase(*args, **named)


async def followed(world: Any, person_id: str) -> None:
    """Rounds by hand until nothing is left: what was published has to leave the outbox before it is looked through."""

    async def nothing() -> bool:
        await follow_erasures(kept_by(world), when=now(world))
        return await world.service.parts.wishes.to_erase(person_id, []) == []

    await eventually(nothing, seconds=60)


async def test_it_goes_on_where_a_kill_left_it_and_each_wish_goes_once(still: Any) -> None:
    resident, wishes = await still.person(), still.service.parts.wishes
    ids = [await still.submitted(resident) for _ in range(8)]
    assert (await resident.http.delete("/api/me")).status_code == 204
    kept = kept_by(still)
    with pytest.raises(Killed):
        await follow_erasures(replace(kept, wishes=Half(wishes, 3)), when=now(still))
    states = {(await wishes.load(one)).erased_at is None for one in ids}
    assert states == {True, False}
    await asyncio.gather(*(follow_erasures(kept, when=now(still)) for _ in range(3)))
    await followed(still, resident.id)
    for wish_id in ids:
        wish = await wishes.load(wish_id)
        assert [line.what for line in wish.timeline] == ["WishSubmitted", "WishWithdrawn"]
        assert wish.version == 2
    # Asked for once more, by a process that had not heard: nothing happens.
    person = await still.service.mongo.db.get_collection("people").find_one({"_id": resident.id})
    assert [line["what"] for line in person["timeline"]] == ["PersonKnown", "PersonErased"]
    assert person["streamversion"] == 1


async def test_negative_control_without_the_guard_two_replicas_withdraw_a_wish_twice(still: Any) -> None:
    wish_id = await still.submitted(await still.person())
    rows, all_have_looked = still.service.parts.wishes.aggregates.collection, asyncio.Barrier(2)

    async def naive() -> None:
        wish = await rows.find_one({"_id": wish_id, "erased_at": None})
        await all_have_looked.wait()
        line = {"what": "WishWithdrawn"}
        await rows.update_one({"_id": wish["_id"]}, {"$push": {"naive": line}, "$set": {"naive_erased": True}})

    await asyncio.gather(naive(), naive())
    assert len((await rows.find_one({"_id": wish_id}))["naive"]) == 2


async def test_what_comes_late_is_found_and_later_nothing_is_looked_for(still: Any) -> None:
    """A wish that was under way when its resident was forgotten, kept a moment afterwards."""
    resident, parts = await still.person(), still.service.parts
    late, rows = await still.submitted(await still.person()), parts.wishes.aggregates.collection
    assert (await resident.http.delete("/api/me")).status_code == 204
    await followed(still, resident.id)
    await rows.update_one({"_id": late}, {"$set": {"resident_id": resident.id}})
    await followed(still, resident.id)
    assert (await parts.wishes.load(late)).status == "withdrawn"
    waiting = [one.id for one in await parts.people.erasing()]
    assert resident.id in waiting
    after = now(still).recorded_at + LATE + timedelta(minutes=1)
    await follow_erasures(kept_by(still), when=When(after, after))
    assert resident.id not in [one.id for one in await parts.people.erasing()]


async def test_rows_that_wait_to_become_wishes_are_dropped(still: Any) -> None:
    resident, staff = await still.person(), await still.staff()
    worker, imports = still.service.tables.worker, still.service.tables.imports
    await worker.rounds.stop()
    try:
        theirs, other = row("想要一副老花镜"), row("想要一把雨伞", 电话=OTHERS)
        told = (await send(staff, table({**theirs, "电话": resident.phone}, other))).json()
        assert (await resident.http.delete("/api/me")).status_code == 204
        await follow_erasures(kept_by(still), when=now(still))
        assert [number for number, _ in await imports.rows_of(told["id"])] == [3]
    finally:
        worker.rounds.start()
    assert (await done(staff, told["id"]))["done"] == 1
    assert await still.service.parts.people.by_phone(resident.phone) is None


async def test_what_is_parked_says_nothing_any_more(still: Any) -> None:
    resident, staff = await still.person(), await still.staff()
    wish_id = await still.submitted(resident)
    words = still.seals.for_wish(wish_id, "膝盖疼")
    told = WishReturned(
        wish_id=wish_id, community="310117001001", by=Actor(person_id=staff.id, role=Role.STAFF), reason=words
    )
    early = Envelope.of(told, id=uuid7(), version=99, time=now(still).at)
    parking = still.service.backbone.parking[0]
    await parking.park(early, now=now(still).at)
    try:
        assert (await resident.http.delete("/api/me")).status_code == 204
        await followed(still, resident.id)
        kept = await parking.waiting(early.stream)
        assert kept is not None
        assert still.seals.of_wish(wish_id, kept.data["reason"]) == ""
        assert {**kept.data, "reason": words} == early.data
    finally:
        await parking.leave(early)


async def test_a_member_of_staff_cannot_be_named_in_a_person_who_is_gone(still: Any) -> None:
    resident, admin = await still.person(), await still.person("13800000000")
    known = await still.service.parts.people.find(resident.id)
    assert (await resident.http.delete("/api/me")).status_code == 204
    named = await admin.post("/api/staff", {"phone": resident.phone, "communities": ["310117001"], "name": "周敏"})
    assert named.status_code == 201
    assert named.json()["id"] != resident.id
    assert known is not None
    assert await still.service.parts.people.find(resident.id) is None
