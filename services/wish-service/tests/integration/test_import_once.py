"""Each row of an import once, whatever dies in between and however many send the same table at once."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from microwish.events import Topic
from microwish.ids import uuid7
from microwish.testing import eventually
from microwish.when import system_clock
from microwish_local.processes import Process, free_port
from wish_service.use_cases.asked import Asked
from wish_service.use_cases.import_wishes import make_wishes

from .import_kit import done, fresh_title, kept, row, send, table
from .test_process import environment_of

pytestmark = pytest.mark.integration

ADMIN = "13800000000"
KILLS = 2
ROWS = 600


async def test_of_one_table_sent_many_times_at_once_one_import_comes(world: Any) -> None:
    staff = await world.staff()
    data = table(*(row(f"{fresh_title()} {n}") for n in range(5)))
    answers = await asyncio.gather(*(send(staff, data) for _ in range(2)), *(send(staff, data) for _ in range(4)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes.count(202) == 1
    assert set(codes) <= {202, 409, 503}


async def test_without_the_unique_content_two_imports_would_come(another_world: Any) -> None:
    """Negative control: the same race without its index is lost, and the check above would see it."""
    async with another_world(consume=False) as world:
        staff = await world.staff()
        await world.service.mongo.db.get_collection("imports").drop_index("content")
        data = table(row(fresh_title()))
        answers = [await send(staff, data) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [202, 202]


async def test_a_row_made_twice_is_one_wish(world: Any) -> None:
    """What a crash between the wishes and their tick leads to, and its negative control."""
    staff = await world.staff()
    parts, tables = world.service.parts, world.service.tables
    await tables.worker.rounds.stop()
    try:
        told = (await send(staff, table(*(row(f"{fresh_title()} {n}") for n in range(3))))).json()
        chunk = await eventually(tables.imports.take)
        while chunk.of.id != told["id"]:
            chunk = await eventually(tables.imports.take)
        asked = Asked(chunk.of.person, parts.wishes, parts.seals, chunk.of.when)
        before = (await kept(world))[0]
        await make_wishes(chunk, asked, parts.people, parts.communities)
        await make_wishes(chunk, asked, parts.people, parts.communities)
        assert (await kept(world))[0] == before + 3

        class Forgetful(type(chunk.of)):  # type: ignore[misc]
            def wish_id(self, number: int) -> str:
                return uuid7()

        forgetful = Forgetful(**{name: getattr(chunk.of, name) for name in chunk.of.__dataclass_fields__})
        careless = type(chunk)(forgetful, chunk.index, chunk.last, chunk.rows)
        await make_wishes(careless, asked, parts.people, parts.communities)
        assert (await kept(world))[0] == before + 6
        await tables.imports.finished(chunk, now=system_clock())
    finally:
        tables.worker.rounds.start()
    assert (await done(staff, told["id"]))["done"] == 3


async def test_an_import_survives_kill_nine_in_its_middle(
    settings_for: Callable[..., Any], world_of: Callable[..., Any], tmp_path: Path
) -> None:
    """All rows arrive, each exactly once, though whoever makes them is killed again and again."""
    settings = settings_for(uuid7()[-12:], import_lease_seconds=1.0, import_poll_seconds=0.2)
    names = [f"第 {n} 个" for n in range(ROWS)]
    async with world_of(settings, consume=False) as world:  # it takes the table, and makes no wishes until told to
        admin = await world.person(ADMIN)
        answer = await send(admin, table(*(row(name, 电话=f"139{n % 40:08d}") for n, name in enumerate(names))))
        assert answer.status_code == 202, answer.text
        told = answer.json()
        for kill in range(KILLS):
            environment = {**os.environ, **environment_of(settings), "MICROWISH_PORT": str(free_port())}
            argv = [sys.executable, "-m", "wish_service", "worker"]
            worker = Process("wish", argv, log=tmp_path / f"{kill}.log", env=environment)
            await worker.start()
            told = await eventually(partial(_further, admin, told), seconds=60)
            os.kill(worker.pid, signal.SIGKILL)
            await worker.exited()
            assert told["state"] == "running"
        world.service.tables.worker.rounds.start()
        await _each_once(world, await done(admin, told["id"]), names)


async def _each_once(world: Any, told: dict[str, Any], names: list[str]) -> None:
    wishes = world.service.mongo.db.get_collection("wishes")
    found = await wishes.find({}, {"title": 1}).to_list(None)
    assert sorted(world.seals.of_wish(one["_id"], one["title"]) for one in found) == sorted(names)
    assert {one["_id"] for one in found} == {item["wish_id"] for item in told["items"]}

    async def announced() -> bool:
        return len({event.subject for event in world.feed.events(Topic.WISH, _submitted)}) == len(names)

    await eventually(announced, seconds=90)
    assert len({event.id for event in world.feed.events(Topic.WISH, _submitted)}) == len(names)


def _submitted(event: Any) -> bool:
    return bool(event.type.endswith("WishSubmitted.v1"))


async def _further(admin: Any, before: dict[str, Any]) -> dict[str, Any] | None:
    """How far it is, once it has come a bit further."""
    told: dict[str, Any] = (await admin.get(f"/api/imports/{before['id']}")).json()
    return told if told["done"] > before["done"] else None
