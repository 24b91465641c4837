"""The tree of communities: read, imported as a whole, changed in every replica, and a community that moves."""

import asyncio
from typing import Any

import httpx
import pytest

from microwish.events import Actor, Role, Topic
from microwish.ids import uuid7
from microwish.testing import eventually
from microwish.when import When
from wish_service.domain.states import Status
from wish_service.use_cases.move_community import follow_moves
from wish_service.wiring import WishService

pytestmark = pytest.mark.integration

ADMIN = "13800000000"
OLD, OTHER, NEW, STREET, NEW_STREET = "310117001001", "310117001002", "310117005009", "310117001", "310117005"


async def importing(admin: Any, text: str | bytes, **query: Any) -> httpx.Response:
    content = text if isinstance(text, bytes) else text.encode()
    return await admin.http.post(
        "/api/communities/import", params=query, content=content, headers={"content-type": "text/csv"}
    )


async def codes(world: Any) -> set[str]:
    items = (await world.client().get("/api/communities")).json()["items"]
    return {item["code"] for item in items}


async def test_a_list_is_taken_as_a_whole_or_not_at_all(another_world: Any) -> None:
    async with another_world() as world:
        admin, before = await world.person(ADMIN), await codes(world)
        good = "code,name,parent\n310118001001,新社区居委会,310118001\n310118001,新街道,310118\n310118,新区,\n"
        bad = f"{good}310118001001,又一个,310118001\n31011800100x,字,310118001\n310118002001,没有街道,310118002\n"
        bad += "310118001002,不在下面,310117001\n310117001001,,310117001\n"
        for dry_run in (True, False):
            refused = await importing(admin, bad, dry_run=dry_run)
            assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
            assert {error["field"] for error in refused.json()["errors"]} == {
                "rows.5.code",
                "rows.6.code",
                "rows.7.parent",
                "rows.8.parent",
                "rows.9.name",
            }
            assert await codes(world) == before
        tried = await importing(admin, good, dry_run=True)
        assert tried.json() == {"dry_run": True, "added": 3, "renamed": 0, "unchanged": 0}
        assert await codes(world) == before
        taken = await importing(admin, good.encode("gb18030"))
        assert (taken.status_code, taken.json()["added"]) == (200, 3), taken.text
        assert await codes(world) == before | {"310118", "310118001", "310118001001"}
        saved = await world.feed.wait_for(Topic.WISH, lambda e: e.subject == "310118001001")
        assert (saved.version, saved.data["name"]) == (1, "新社区居委会")
        again = await importing(admin, good.replace("新社区", "东社区"))
        assert again.json() == {"dry_run": False, "added": 0, "renamed": 1, "unchanged": 2}
        assert (
            await world.service.mongo.db.get_collection("community_imports").count_documents(
                {"divisions": {"$exists": True}}
            )
            == 0
        )


@pytest.mark.parametrize("body", [b"", b"code;name", b"\xff\xfe\xff", b'code,name,parent\n"open'])
async def test_a_file_of_another_shape_is_refused(world: Any, body: bytes) -> None:
    refused = await importing(await world.person(ADMIN), body)
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"]


async def test_a_list_that_was_kept_is_finished_after_a_kill(another_world: Any) -> None:
    async with another_world(community_moves_poll_seconds=3600) as world:
        parts = world.service.parts
        divisions = [parts.communities.division(OLD)]
        renamed = [type(division)(division.code, "东湖社区居委会", division.parent) for division in divisions]
        await parts.community_imports.keep(renamed, when=When.now(parts.clock))  # … and killed here
        assert parts.communities.name_of(OLD) == "龙潭社区"
        assert await parts.community_imports.resume() == 1
        assert parts.communities.name_of(OLD) == "东湖社区"
        assert await parts.community_imports.resume() == 0


async def test_the_file_read_at_start_takes_nothing_back(another_world: Any) -> None:
    async with another_world() as world:
        admin = await world.person(ADMIN)
        await importing(admin, f"code,name,parent\n{OLD},东湖社区居委会,{STREET}\n")
        again = WishService(world.service.settings)
        await again.start(consume=False)
        try:
            assert again.parts.communities.name_of(OLD) == "东湖社区"
        finally:
            await again.stop()


async def test_who_may_change_the_tree(world: Any) -> None:
    staff, resident = await world.staff("310117"), await world.person()
    for someone in (staff, resident):
        assert (await importing(someone, "code,name,parent\n")).status_code == 403
        assert (await someone.post(f"/api/communities/{OLD}/move", {"to": NEW})).status_code == 403
    assert (await world.client().post(f"/api/communities/{OLD}/move", json={"to": NEW})).status_code == 401


async def test_the_tree_is_read_level_by_level(world: Any) -> None:
    anyone = world.client()
    below = (await anyone.get("/api/communities", params={"under": "310117"})).json()["items"]
    assert {(item["code"], item["name"], item["children"]) for item in below} >= {("310117001", "岳阳街道", 2)}
    tree = (await anyone.get("/api/communities", params={"under": "310117", "shape": "tree"})).json()["items"]
    street = next(item for item in tree if item["code"] == STREET)
    assert [item["name"] for item in street["below"]] == ["龙潭社区", "醉白池社区"]
    one = (await anyone.get(f"/api/communities/{OLD}")).json()
    assert (one["parent"], one["moved_to"]) == (STREET, None)
    assert (await anyone.get("/api/communities/310199")).status_code == 404
    assert (await anyone.get("/api/communities", params={"under": "310199"})).status_code == 404
    assert (await anyone.get("/api/communities", params={"under": "x"})).status_code == 422


async def test_another_replica_sees_a_change_without_a_restart(another_world: Any) -> None:
    async with another_world() as world:
        other = WishService(world.service.settings)
        await other.start(consume=False)
        try:
            assert not other.parts.communities.knows("310117009")
            admin = await world.person(ADMIN)
            assert (await importing(admin, "code,name,parent\n310117009,新街道,310117\n")).status_code == 200
            await eventually(lambda: _known(other, "310117009"))
        finally:
            await other.stop()


async def _known(service: WishService, code: str) -> bool:
    return service.parts.communities.knows(code)


async def test_a_community_moves_to_another_street_with_its_wishes_and_staff(another_world: Any) -> None:
    async with another_world() as world:
        admin, resident = await world.person(ADMIN), await world.person()
        street, new_street = await world.staff(STREET), await world.staff(NEW_STREET)
        own = await world.staff(OLD, name="社区的")
        waiting, posted = await world.submitted(resident), await world.posted(resident, street)
        stays = await world.posted(resident, street, community=OTHER)
        withdrawn = await world.submitted(resident)
        await resident.post(f"/api/wishes/{withdrawn}/withdrawal")
        await world.on_wall(posted, "posted")
        assert (await new_street.get(f"/api/wishes/{waiting}")).status_code == 404

        moved = await admin.post(f"/api/communities/{OLD}/move", {"to": NEW})
        assert (moved.status_code, moved.json()["moved_to"]) == (202, {"code": NEW, "name": "龙潭社区"})
        again = await admin.post(f"/api/communities/{OLD}/move", {"to": NEW})
        assert again.status_code == 202
        elsewhere = await admin.post(f"/api/communities/{OLD}/move", {"to": "310117005008"})
        assert (elsewhere.status_code, elsewhere.json()["code"], elsewhere.json()["moved_to"]) == (
            409,
            "community_moved",
            NEW,
        )

        async def followed() -> bool:
            shown = [(await new_street.get(f"/api/wishes/{one}")).json() for one in (waiting, posted, withdrawn)]
            assert all(wish.get("community", {}).get("code") == NEW for wish in shown), shown
            items = (await world.client().get("/api/wishes", params={"community": NEW_STREET})).json()["items"]
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
        assert [one["code"] for one in staff[own.id]["communities"]] == [NEW]
        # Old links lead on: a wish has its id, a list its old code.
        anyone = world.client()
        assert (await anyone.get(f"/api/wishes/{posted}")).json()["community"]["code"] == NEW
        old_list = (await anyone.get("/api/wishes", params={"community": OLD})).json()["items"]
        assert posted in {item["id"] for item in old_list}
        assert (await anyone.get(f"/api/communities/{OLD}")).json()["moved_to"]["code"] == NEW
        assert OLD not in await codes(world)
        late = await world.submitted(resident)  # a form that was open all the while
        assert (await resident.get(f"/api/wishes/{late}")).json()["community"]["code"] == NEW
        # It is told, by whom and from where, to those who may know, and that it happened to everybody.
        lines = (await resident.get(f"/api/wishes/{posted}/timeline")).json()["items"]
        [line] = [line for line in lines if line["what"] == "WishMoved"]
        assert line["role"] == "admin"
        assert OLD in line["why"]
        public = (await anyone.get(f"/api/wishes/{posted}/timeline")).json()["items"]
        assert "WishMoved" in {line["what"] for line in public}
        told = await world.feed.wait_for(Topic.WISH, lambda e: e.type.endswith("WishMoved.v1") and e.subject == posted)
        assert (told.data["community"], told.data["moved_from"], told.data["by"]["person_id"]) == (NEW, OLD, admin.id)
        await world.feed.wait_for(Topic.WISH, lambda e: e.type.endswith("CommunityMoved.v1") and e.subject == OLD)

        async def counted() -> bool:
            rows = {row["code"]: row for row in (await anyone.get("/api/stats")).json()["communities"]}
            assert OLD not in rows or rows[OLD]["posted"] == 0, rows
            assert rows.get(NEW, {}).get("posted") == 2, rows
            return True

        await eventually(counted, seconds=60)


async def test_a_merge_has_to_be_said_and_a_move_can_be_taken_back(another_world: Any) -> None:
    async with another_world() as world:
        admin, resident, staff = await world.person(ADMIN), await world.person(), await world.staff(STREET)
        wish_id = await world.submitted(resident)
        path = f"/api/communities/{OLD}/move"
        bad = [{"to": OLD}, {"to": "310199001001"}, {"to": "3101"}, {"to": STREET}, {}, {"to": NEW, "name": ""}]
        for body in bad:
            assert (await admin.post(path, body)).status_code == 422, body
        assert (await admin.post(f"/api/communities/{STREET}/move", {"to": NEW})).status_code == 404
        taken = await admin.post(path, {"to": OTHER})
        assert (taken.status_code, taken.json()["code"]) == (409, "community_taken")
        assert (await admin.post(path, {"to": OTHER, "merge": True})).status_code == 202
        await eventually(lambda: _at(resident, wish_id, OTHER))
        third = await admin.post("/api/communities/310117005001/move", {"to": OLD})
        assert (third.status_code, third.json()["code"]) == (409, "community_moved")
        assert (await admin.post(f"/api/communities/{OTHER}/move", {"to": OLD})).status_code == 202
        await eventually(lambda: _at(resident, wish_id, OLD))
        assert {OLD, OTHER} & await codes(world) == {OLD}
        assert (await staff.get(f"/api/wishes/{wish_id}")).json()["community"]["name"] == "龙潭社区"


async def _at(someone: Any, wish_id: str, code: str) -> bool:
    return (await someone.get(f"/api/wishes/{wish_id}")).json()["community"]["code"] == code


async def test_two_moves_against_each_other_never_both_hold(another_world: Any) -> None:
    """Without the mark on the target both communities could lead to each other, and their wishes go round for ever."""
    async with another_world() as world:
        admin = await world.person(ADMIN)
        for _ in range(5):
            one, two = await asyncio.gather(
                admin.post(f"/api/communities/{OLD}/move", {"to": OTHER, "merge": True}),
                admin.post(f"/api/communities/{OTHER}/move", {"to": OLD, "merge": True}),
            )
            assert [one.status_code, two.status_code].count(202) <= 1 or await _one_of(world)
            tree = world.service.parts.communities
            await tree.refresh()
            assert len({tree.current(OLD), tree.current(OTHER)}) == 1 or not tree.moves()
            assert {OLD, OTHER} & await codes(world)
            back = {OLD: OTHER, OTHER: OLD}[tree.current(OLD)]
            await admin.post(f"/api/communities/{tree.current(OLD)}/move", {"to": back})


async def _one_of(world: Any) -> bool:
    return len({OLD, OTHER} & await codes(world)) == 1


async def test_negative_control_without_the_mark_two_moves_lead_in_a_circle(another_world: Any) -> None:
    async with another_world(community_moves_poll_seconds=3600) as world:
        rows, both_have_looked = world.service.parts.communities.aggregates.collection, asyncio.Barrier(2)

        async def naive(code: str, to: str) -> None:
            target = await rows.find_one({"_id": to})
            assert target.get("moved_to") is None
            await both_have_looked.wait()
            await rows.update_one({"_id": code, "moved_to": None}, {"$set": {"moved_to": to}})

        await asyncio.gather(naive(OLD, OTHER), naive(OTHER, OLD))
        found = {row["_id"]: row["moved_to"] async for row in rows.find({"_id": {"$in": [OLD, OTHER]}})}
        assert found == {OLD: OTHER, OTHER: OLD}
        await rows.update_many({}, {"$unset": {"moved_to": ""}})


async def test_negative_control_an_unguarded_write_moves_a_wish_twice(another_world: Any) -> None:
    async with another_world(community_moves_poll_seconds=3600) as world:
        wish_id = await world.submitted(await world.person())
        rows, all_have_looked = world.service.parts.wishes.aggregates.collection, asyncio.Barrier(2)

        async def naive() -> None:
            wish = await rows.find_one({"_id": wish_id, "community.code": OLD})
            await all_have_looked.wait()
            line = {"what": "WishMoved", "to": NEW}
            await rows.update_one({"_id": wish["_id"]}, {"$push": {"moves": line}, "$set": {"moved": NEW}})

        await asyncio.gather(naive(), naive())
        assert len((await rows.find_one({"_id": wish_id}))["moves"]) == 2


async def test_following_a_move_goes_on_where_a_kill_left_it_and_each_wish_goes_once(another_world: Any) -> None:
    async with another_world(community_moves_poll_seconds=3600) as world:
        resident, parts = await world.person(), world.service.parts
        ids = [await world.submitted(resident) for _ in range(12)]
        admin, when = await world.person(ADMIN), When.now(parts.clock)
        world.service.upkeep.wake = lambda: None
        tree = parts.communities
        place = type(tree.division(OLD))(NEW, "龙潭社区居委会", NEW_STREET)
        await tree.move(OLD, place, by=Actor(person_id=admin.id, role=Role.ADMIN), when=when)
        stop = asyncio.Event()
        change, done = parts.wishes.change, 0

        class Killed(Exception):
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

        sources = {"tree": tree, "people": parts.people, "seals": parts.seals, "when": when}
        with pytest.raises(Killed):
            await follow_moves(wishes=Half(), **sources)
        assert stop.is_set()
        await asyncio.gather(*(follow_moves(wishes=parts.wishes, **sources) for _ in range(3)))
        assert await follow_moves(wishes=parts.wishes, **sources) == 0
        for wish_id in ids:
            wish = await parts.wishes.load(wish_id)
            assert wish.community.code == NEW
            assert [line.what for line in wish.timeline].count("WishMoved") == 1
            assert wish.version == 2


async def test_a_wish_that_comes_late_to_the_old_place_is_brought_along(another_world: Any) -> None:
    """A replica that has not heard of the move yet keeps a wish at the old code; the next round finds it."""
    async with another_world(community_moves_poll_seconds=0.2) as world:
        admin, resident = await world.person(ADMIN), await world.person()
        wish_id = await world.submitted(resident)
        await admin.post(f"/api/communities/{OLD}/move", {"to": NEW})
        await eventually(lambda: _at(resident, wish_id, NEW))
        rows = world.service.parts.wishes.aggregates.collection
        late = {**await rows.find_one({"_id": wish_id}), "_id": uuid7(), "outbox": []}
        areas = ["310117", STREET, OLD]
        await rows.insert_one({**late, "community": {"code": OLD, "name": "龙潭社区"}, "areas": areas})

        async def brought_along() -> bool:
            return (await world.service.parts.wishes.load(late["_id"])).community.code == NEW

        await eventually(brought_along)


async def test_finding_wishes_of_a_place_runs_on_an_index(world: Any) -> None:
    rows = world.service.parts.wishes.aggregates.collection
    query = {"status": {"$in": [status.value for status in Status]}, "areas": {"$in": [OLD, OTHER]}}
    plan = await rows.find(query, {"community.code": 1}).limit(200).explain()
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
