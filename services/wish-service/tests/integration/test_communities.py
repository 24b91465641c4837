"""The tree of communities: read by level, imported as a whole, changed in every replica."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from microwish.events import Topic
from microwish.ids import uuid7
from microwish.testing import eventually
from microwish.when import When
from wish_service.domain.divisions import Division
from wish_service.domain.errors import InvalidInput
from wish_service.settings import WishSettings
from wish_service.use_cases.import_communities import import_communities
from wish_service.wiring import WishService

from .community_kit import ADMIN, codes, importing

pytestmark = pytest.mark.integration

STREET, OLD, OTHER = "310117001", "310117001001", "310117001002"
NEW_STREET, THIRD, NEW = "310117005", "310117005001", "310117005009"


@pytest.fixture(scope="module")
async def lone(settings_for: Callable[..., WishSettings], world_of: Callable[..., Any]) -> AsyncIterator[Any]:
    """A service whose tree these tests change."""
    settings = settings_for(uuid7()[-12:], community_moves_poll_seconds=3600)
    async with world_of(settings, consume=False) as world:
        yield world


async def test_a_list_is_taken_as_a_whole_or_not_at_all(lone: Any) -> None:
    admin, before = await lone.person(ADMIN), await codes(lone)
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
        assert await codes(lone) == before
    tried = await importing(admin, good, dry_run=True)
    assert tried.json() == {"dry_run": True, "added": 3, "renamed": 0, "unchanged": 0}
    assert await codes(lone) == before
    taken = await importing(admin, good.encode("gb18030"))
    assert (taken.status_code, taken.json()["added"]) == (200, 3), taken.text
    assert await codes(lone) == before | {"310118", "310118001", "310118001001"}
    saved = await lone.feed.wait_for(Topic.WISH, lambda e: e.subject == "310118001001")
    assert (saved.version, saved.data["name"]) == (1, "新社区居委会")
    again = await importing(admin, good.replace("新社区", "东社区"))
    assert again.json() == {"dry_run": False, "added": 0, "renamed": 1, "unchanged": 2}
    assert (
        await lone.service.mongo.db.get_collection("community_imports").count_documents(
            {"divisions": {"$exists": True}}
        )
        == 0
    )


@pytest.mark.parametrize("body", [b"", b"code;name", b"\xff\xfe\xff", b'code,name,parent\n"open'])
async def test_a_file_of_another_shape_is_refused(world: Any, body: bytes) -> None:
    refused = await importing(await world.person(ADMIN), body)
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"]


async def test_a_list_that_was_kept_is_finished_after_a_kill(lone: Any) -> None:
    parts = lone.service.parts
    renamed = Division(THIRD, "东湖社区居委会", NEW_STREET)
    await parts.community_imports.keep([renamed], when=When.now(parts.clock))  # … and killed here
    assert parts.communities.name_of(THIRD) == "广富林社区"
    assert await parts.community_imports.resume() == 1
    assert parts.communities.name_of(THIRD) == "东湖社区"
    assert await parts.community_imports.resume() == 0


async def test_the_file_read_at_start_takes_nothing_back(lone: Any) -> None:
    admin = await lone.person(ADMIN)
    await importing(admin, f"code,name,parent\n{OTHER},东湖社区居委会,{STREET}\n")
    again = WishService(lone.service.settings)
    await again.start(consume=False)
    try:
        assert again.parts.communities.name_of(OTHER) == "东湖社区"
    finally:
        await again.stop()


async def test_a_file_with_a_bad_cell_keeps_the_service_from_starting_and_saves_nothing(
    lone: Any, tmp_path: Path
) -> None:
    before, parts = await codes(lone), lone.service.parts
    path = tmp_path / "communities.csv"
    path.write_text("code,name,parent\n310119,新区,\n310119001001,没有街道,310119001\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"rows\.3\.parent"):
        await import_communities(
            path, tree=parts.communities, imports=parts.community_imports, when=When.now(parts.clock)
        )
    assert await codes(lone) == before


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


async def test_another_replica_sees_a_change_without_a_restart(lone: Any) -> None:
    other = WishService(lone.service.settings)
    await other.start(consume=False)
    try:
        assert not other.parts.communities.knows("310117009")
        admin = await lone.person(ADMIN)
        assert (await importing(admin, "code,name,parent\n310117009,新街道,310117\n")).status_code == 200
        await eventually(lambda: _known(other, "310117009"))
    finally:
        await other.stop()


async def _known(service: WishService, code: str) -> bool:
    return service.parts.communities.knows(code)
