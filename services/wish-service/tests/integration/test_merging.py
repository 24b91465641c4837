"""Duplicates are merged: a link stays, and of wishes merged into each other at once one goes on."""

import asyncio
from typing import Any

import pytest

from microwish.identity.people import Person, Role
from microwish.store.refusals import Contended
from microwish.when import When
from wish_service.domain.errors import CannotMerge
from wish_service.domain.states import Status
from wish_service.domain.wish import Wish
from wish_service.store.wishes import Decide, Wishes
from wish_service.use_cases.asked import Asked
from wish_service.use_cases.end_wish import merge_wish

pytestmark = pytest.mark.integration

STAFF = Person("0197a0aa-0000-7000-8000-000000000001", frozenset({Role.STAFF}), ("310117",))


class Meeting(Wishes):
    """Everybody who merges has read their wish before anybody goes on; `marking`: whether they mark the other one."""

    def __init__(self, kept: Wishes, terms: Any, meeting: asyncio.Barrier, *, marking: bool) -> None:
        super().__init__(kept.aggregates, terms)
        self._meeting, self._marking, self._met = meeting, marking, False

    async def load(self, id: str) -> Wish:
        found = await super().load(id)
        if not self._met:
            self._met = True
            await self._meeting.wait()
        return found

    async def change(self, id: str, decide: Decide, **named: Any) -> Wish:
        if decide.__name__ == "receive":
            marked = await super().change(id, decide, **named) if self._marking else await self.find(id)
            await self._meeting.wait()  # nobody ends before all have marked
            assert marked is not None
            return marked
        return await super().change(id, decide, **named)


async def merged_in_a_ring(world: Any, ids: list[str], *, marking: bool) -> int:
    """Merge each into the next and the last into the first, all at once; how many of them have ended."""
    parts, meeting = world.service.parts, asyncio.Barrier(len(ids))

    async def merge(wish_id: str, into: str) -> None:
        wishes = Meeting(parts.wishes, world.service.settings.terms, meeting, marking=marking)
        asked = Asked(STAFF, wishes, parts.seals, When.now(parts.clock))
        try:
            await merge_wish(wish_id, into, asked)
        except (Contended, CannotMerge):
            return

    await asyncio.gather(*(merge(one, into) for one, into in zip(ids, [*ids[1:], ids[0]], strict=True)))
    found = [await parts.wishes.load(wish_id) for wish_id in ids]
    return sum(wish.status is Status.MERGED for wish in found)


@pytest.mark.parametrize("count", [2, 3])
async def test_wishes_merged_into_each_other_at_once_never_all_end(world: Any, count: int) -> None:
    resident, staff = await world.person(), await world.staff()
    ids = [await world.posted(resident, staff) for _ in range(count)]
    assert await merged_in_a_ring(world, ids, marking=True) < count
    # The negative control: without the mark this very test sees all of them end, each in favour of another.
    ids = [await world.posted(resident, staff) for _ in range(count)]
    assert await merged_in_a_ring(world, ids, marking=False) == count


async def test_two_staff_who_merge_crosswise_leave_one_wish_on_the_wall(world: Any) -> None:
    resident, one, two = await world.person(), await world.staff(), await world.staff()
    ids = [await world.posted(resident, one) for _ in range(2)]
    answers = await asyncio.gather(
        one.post(f"/api/wishes/{ids[0]}/merge", {"into": ids[1]}),
        two.post(f"/api/wishes/{ids[1]}/merge", {"into": ids[0]}),
    )
    assert {answer.status_code for answer in answers} <= {200, 409, 503}
    states = [(await resident.get(f"/api/wishes/{wish_id}")).json()["status"] for wish_id in ids]
    assert "posted" in states, states


async def test_a_merge_sent_again_under_its_key_says_the_same_even_if_the_other_has_ended(world: Any) -> None:
    resident, staff = await world.person(), await world.staff()
    first, into = [await world.posted(resident, staff) for _ in range(2)]
    key = {"Idempotency-Key": f"merge-{first}"}
    merged = await staff.post(f"/api/wishes/{first}/merge", {"into": into}, **key)
    assert (merged.status_code, merged.json()["merged_into"]) == (200, into)
    assert (await resident.post(f"/api/wishes/{into}/withdrawal")).status_code == 200
    again = await staff.post(f"/api/wishes/{first}/merge", {"into": into}, **key)
    assert again.json() == merged.json()
    other = await world.posted(resident, staff)
    refused = await staff.post(f"/api/wishes/{other}/merge", {"into": into})
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_merge")
