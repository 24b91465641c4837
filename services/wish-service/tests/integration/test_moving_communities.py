"""A community that moves: its wishes, staff, tasks and figures go along, each once, whatever is killed meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from microwish.events import Actor, Role, Topic
from microwish.ids import uuid7
from microwish.testing import eventually
from microwish.when import When
from wish_service.domain.divisions import Division
from wish_service.domain.states import Status
from wish_service.settings import WishSettings
from wish_service.use_cases.move_community import follow_moves

from .community_kit import ADMIN, Streets, codes, streets

pytestmark = pytest.mark.integration
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
async def moving(settings_for: Callable[..., WishSettings], world_of: Callable[..., Any]) -> AsyncIterator[Any]:
    """A service that often looks for wishes of communities that moved."""
    async with world_of(settings_for(uuid7()[-12:], community_moves_poll_seconds=0.2)) as world:
        yield world


@pytest.fixture(scope="module")
async def still(settings_for: Callable[..., WishSettings], world_of: Callable[..., Any]) -> AsyncIterator[Any]:
    """A service that never looks by itself."""
    settings = settings_for(uuid7()[-12:], community_moves_poll_seconds=3600)
    async with world_of(settings, consume=False) as world:
        yield world


async def test_a_community_moves_to_another_street_with_its_wishes_and_staff(moving: Any) -> None:
    at = await streets(moving)
    admin, resident = await moving.person(ADMIN), await moving.person()
    street, new_street = await moving.staff(at.street), await moving.staff(at.new_street)
    own = await moving.staff(at.old, name="社区的")
    waiting, posted = (
        await moving.submitted(resident, community=at.old),
        await moving.posted(resident, street, community=at.old),
    )
    stays = await moving.posted(resident, street, community=at.other)
    withdrawn = await moving.submitted(resident, community=at.old)
    today = moving.service.parts.clock().date()
    campaign = {"name": "春节微心愿", "colour": "red", "text": "暖心", "scope": at.old}
    period = {"from": (today - DAY).isoformat(), "to": (today + DAY).isoformat()}
    made = await admin.post("/api/campaigns", {**campaign, **period})
    assert made.status_code == 201, made.text
    await resident.post(f"/api/wishes/{withdrawn}/withdrawal")
    await moving.on_wall(posted, "posted")
    assert (await new_street.get(f"/api/wishes/{waiting}")).status_code == 404

    moved = await admin.post(f"/api/communities/{at.old}/move", {"to": at.new})
    assert (moved.status_code, moved.json()["moved_to"]) == (202, {"code": at.new, "name": "龙潭社区"})
    again = await admin.post(f"/api/communities/{at.old}/move", {"to": at.new})
    assert again.status_code == 202
    elsewhere = await admin.post(f"/api/communities/{at.old}/move", {"to": f"{at.new_street}008"})
    assert (elsewhere.status_code, elsewhere.json()["code"], elsewhere.json()["moved_to"]) == (
        409,
        "community_moved",
        at.new,
    )

    async def followed() -> bool:
        shown = [(await new_street.get(f"/api/wishes/{one}")).json() for one in (waiting, posted, withdrawn)]
        assert all(wish.get("community", {}).get("code") == at.new for wish in shown), shown
        items = (await moving.client().get("/api/wishes", params={"community": at.new_street})).json()["items"]
        assert [item["id"] for item in items] == [posted]
        return True

    await eventually(followed, seconds=60)
    # Staff scopes follow: the old street's are strangers now, but for what is public.
    assert (await street.get(f"/api/wishes/{waiting}")).status_code == 404
    refused = await street.post(f"/api/wishes/{waiting}/review", {"decision": "approve"})
    assert (refused.status_code, refused.json()["code"]) == (403, "other_community")
    assert (await new_street.post(f"/api/wishes/{waiting}/review", {"decision": "approve"})).status_code == 200
    assert (await street.get(f"/api/wishes/{stays}")).json()["original"]
    staff = {item["id"]: item for item in (await admin.get("/api/staff")).json()["items"]}
    assert [one["code"] for one in staff[own.id]["communities"]] == [at.new]

    async def campaign_followed() -> bool:
        shown = (await moving.client().get(f"/api/campaigns/{made.json()['id']}")).json()
        assert shown["scope"]["code"] == at.new, shown
        return True

    await eventually(campaign_followed)
    # Old links lead on: a wish has its id, a list its old code.
    anyone = moving.client()
    assert (await anyone.get(f"/api/wishes/{posted}")).json()["community"]["code"] == at.new
    old_list = (await anyone.get("/api/wishes", params={"community": at.old})).json()["items"]
    assert posted in {item["id"] for item in old_list}
    assert (await anyone.get(f"/api/communities/{at.old}")).json()["moved_to"]["code"] == at.new
    assert at.old not in await codes(moving)
    late = await moving.submitted(resident, community=at.old)  # a form that was open all the while
    assert (await resident.get(f"/api/wishes/{late}")).json()["community"]["code"] == at.new
    # It is told, by whom and from where, to those who may know, and that it happened to everybody.
    lines = (await resident.get(f"/api/wishes/{posted}/timeline")).json()["items"]
    [line] = [line for line in lines if line["what"] == "WishMoved"]
    assert line["role"] == "admin"
    assert at.old in line["why"]
    public = (await anyone.get(f"/api/wishes/{posted}/timeline")).json()["items"]
    assert "WishMoved" in {line["what"] for line in public}
    told = await moving.feed.wait_for(Topic.WISH, lambda e: e.type.endswith("WishMoved.v1") and e.subject == posted)
    assert (told.data["community"], told.data["moved_from"], told.data["by"]["person_id"]) == (at.new, at.old, admin.id)
    await moving.feed.wait_for(Topic.WISH, lambda e: e.type.endswith("CommunityMoved.v1") and e.subject == at.old)

    async def counted() -> bool:
        rows = {row["code"]: row for row in (await anyone.get("/api/stats")).json()["communities"]}
        assert at.old not in rows or rows[at.old]["posted"] == 0, rows
        assert rows.get(at.new, {}).get("posted") == 2, rows
        return True

    await eventually(counted, seconds=60)


async def test_a_merge_has_to_be_said_and_a_move_can_be_taken_back(moving: Any) -> None:
    at = await streets(moving)
    admin, resident, staff = await moving.person(ADMIN), await moving.person(), await moving.staff(at.street)
    wish_id = await moving.submitted(resident, community=at.old)
    path = f"/api/communities/{at.old}/move"
    bad = [{"to": at.old}, {"to": "990199001001"}, {"to": "3101"}, {"to": at.street}, {}, {"to": at.new, "name": ""}]
    for body in bad:
        assert (await admin.post(path, body)).status_code == 422, body
    assert (await admin.post(f"/api/communities/{at.street}/move", {"to": at.new})).status_code == 404
    taken = await admin.post(path, {"to": at.other})
    assert (taken.status_code, taken.json()["code"]) == (409, "community_taken")
    assert (await admin.post(path, {"to": at.other, "merge": True})).status_code == 202
    await eventually(lambda: _at(resident, wish_id, at.other))
    third = await admin.post(f"/api/communities/{at.third}/move", {"to": at.old})
    assert (third.status_code, third.json()["code"]) == (409, "community_moved")
    assert (await admin.post(f"/api/communities/{at.other}/move", {"to": at.old})).status_code == 202
    await eventually(lambda: _at(resident, wish_id, at.old))
    assert {at.old, at.other} & await codes(moving) == {at.old}
    assert (await staff.get(f"/api/wishes/{wish_id}")).json()["community"]["name"] == "龙潭社区"


def sources_of(parts: Any, when: When) -> dict[str, Any]:
    """All that follows a move, but for the wishes."""
    names = {"tree": "communities", "people": "people", "campaigns": "campaigns", "seals": "seals"}
    return {name: getattr(parts, part) for name, part in names.items()} | {"when": when}


async def _at(someone: Any, wish_id: str, code: str) -> bool:
    return (await someone.get(f"/api/wishes/{wish_id}")).json()["community"]["code"] == code


async def test_two_moves_against_each_other_never_both_hold(moving: Any) -> None:
    """Without the mark on the target both communities could lead to each other, and their wishes go round for ever."""
    at = await streets(moving)
    admin = await moving.person(ADMIN)
    for _ in range(3):
        one, two = await asyncio.gather(
            admin.post(f"/api/communities/{at.old}/move", {"to": at.other, "merge": True}),
            admin.post(f"/api/communities/{at.other}/move", {"to": at.old, "merge": True}),
        )
        assert [one.status_code, two.status_code].count(202) <= 1 or await _one_of(moving, at)
        tree = moving.service.parts.communities
        await tree.refresh()
        assert len({tree.current(at.old), tree.current(at.other)}) == 1 or {at.old, at.other}.isdisjoint(tree.moves())
        assert {at.old, at.other} & await codes(moving)
        back = {at.old: at.other, at.other: at.old}[tree.current(at.old)]
        await admin.post(f"/api/communities/{tree.current(at.old)}/move", {"to": back})


async def _one_of(world: Any, at: Streets) -> bool:
    return len({at.old, at.other} & await codes(world)) == 1


async def test_negative_control_without_the_mark_two_moves_lead_in_a_circle(still: Any) -> None:
    at = await streets(still)
    rows, both_have_looked = still.service.parts.communities.aggregates.collection, asyncio.Barrier(2)

    async def naive(code: str, to: str) -> None:
        target = await rows.find_one({"_id": to})
        assert target.get("moved_to") is None
        await both_have_looked.wait()
        await rows.update_one({"_id": code, "moved_to": None}, {"$set": {"moved_to": to}})

    await asyncio.gather(naive(at.old, at.other), naive(at.other, at.old))
    found = {row["_id"]: row["moved_to"] async for row in rows.find({"_id": {"$in": [at.old, at.other]}})}
    assert found == {at.old: at.other, at.other: at.old}
    await rows.update_many({"_id": {"$in": [at.old, at.other]}}, {"$unset": {"moved_to": ""}})


async def test_negative_control_an_unguarded_write_moves_a_wish_twice(still: Any) -> None:
    at = await streets(still)
    wish_id = await still.submitted(await still.person(), community=at.old)
    rows, all_have_looked = still.service.parts.wishes.aggregates.collection, asyncio.Barrier(2)

    async def naive() -> None:
        wish = await rows.find_one({"_id": wish_id, "community.code": at.old})
        await all_have_looked.wait()
        line = {"what": "WishMoved", "to": at.new}
        await rows.update_one({"_id": wish["_id"]}, {"$push": {"moves": line}, "$set": {"moved": at.new}})

    await asyncio.gather(naive(), naive())
    assert len((await rows.find_one({"_id": wish_id}))["moves"]) == 2


async def test_following_a_move_goes_on_where_a_kill_left_it_and_each_wish_goes_once(still: Any) -> None:
    at = await streets(still)
    resident, parts = await still.person(), still.service.parts
    ids = [await still.submitted(resident, community=at.old) for _ in range(12)]
    admin, when = await still.person(ADMIN), When.now(parts.clock)
    tree = parts.communities
    place = Division(at.new, "龙潭社区居委会", at.new_street)
    await tree.move(at.old, place, by=Actor(person_id=admin.id, role=Role.ADMIN), when=when)
    stop = asyncio.Event()
    change, done = parts.wishes.change, 0

    class Killed(BaseException):
        pass

    class Half:
        """The wishes of a process that is killed after some of them."""

        def __getattr__(self, name: str) -> Any:
            return getattr(parts.wishes, name)

        async def change(self, *args: Any, **named: Any) -> Any:
            nonlocal done
            if done >= 5:
                stop.set()
                raise Killed
            done += 1
            return await change(*args, **named)

    sources = sources_of(parts, when)
    with pytest.raises(Killed):
        await follow_moves(wishes=Half(), **sources)
    assert stop.is_set()
    await asyncio.gather(*(follow_moves(wishes=parts.wishes, **sources) for _ in range(3)))
    assert await follow_moves(wishes=parts.wishes, **sources) == 0
    for wish_id in ids:
        wish = await parts.wishes.load(wish_id)
        assert wish.community.code == at.new
        assert [line.what for line in wish.timeline].count("WishMoved") == 1
        assert wish.version == 2


async def test_one_wish_that_fails_holds_up_neither_the_others_nor_the_staff(still: Any) -> None:
    at, parts = await streets(still), still.service.parts
    resident, own, admin = await still.person(), await still.staff(at.old), await still.person(ADMIN)
    broken, other = [await still.submitted(resident, community=at.old) for _ in range(2)]
    rows, when = parts.wishes.aggregates.collection, When.now(parts.clock)
    await rows.update_one({"_id": broken}, {"$set": {"category": "of another release"}})
    place = Division(at.new, "龙潭社区居委会", at.new_street)
    await parts.communities.move(at.old, place, by=Actor(person_id=admin.id, role=Role.ADMIN), when=when)
    sources = sources_of(parts, when)
    assert await follow_moves(wishes=parts.wishes, **sources) == 2
    assert (await parts.wishes.load(other)).community.code == at.new
    assert (await parts.people.find(own.id)).communities == (at.new,)
    await rows.update_one({"_id": broken}, {"$set": {"category": "goods"}})
    assert await follow_moves(wishes=parts.wishes, **sources) == 1
    assert (await parts.wishes.load(broken)).community.code == at.new


async def test_a_wish_that_comes_late_to_the_old_place_is_brought_along(moving: Any) -> None:
    """A replica that has not heard of the move yet keeps a wish at the old code; the next round finds it."""
    at = await streets(moving)
    admin, resident = await moving.person(ADMIN), await moving.person()
    wish_id = await moving.submitted(resident, community=at.old)
    await admin.post(f"/api/communities/{at.old}/move", {"to": at.new})
    await eventually(lambda: _at(resident, wish_id, at.new))
    rows = moving.service.parts.wishes.aggregates.collection
    late = {**await rows.find_one({"_id": wish_id}), "_id": uuid7(), "outbox": []}
    areas = [at.street[:6], at.street, at.old]
    await rows.insert_one({**late, "community": {"code": at.old, "name": "龙潭社区"}, "areas": areas})

    async def brought_along() -> bool:
        return (await moving.service.parts.wishes.load(late["_id"])).community.code == at.new

    await eventually(brought_along)


async def test_finding_wishes_of_a_place_runs_on_an_index(world: Any) -> None:
    rows = world.service.parts.wishes.aggregates.collection
    query = {"status": {"$in": [status.value for status in Status]}, "areas": {"$in": ["310117001001", "310117001002"]}}
    plan = await rows.find(query, {"community.code": 1}).limit(200).explain()
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
