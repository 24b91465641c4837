"""The wall as it changes: who hears what, who comes back, who is too slow, and what happens at the end."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from microwish.ids import uuid7
from microwish.store.changes import PositionLost
from microwish.testing import eventually
from microwish_local.gateway import create_app
from microwish_local.processes import Process, free_port
from wish_service.web import live

pytestmark = pytest.mark.integration

KEYS = {
    "id", "title", "detail", "category", "community", "public_name", "status",
    "slots", "held", "holders", "posted_at", "ended_at", "version",
}  # fmt: skip


@pytest.fixture
async def address(world: Any, streams: Any) -> Any:
    """The service behind the gateway, on real ports."""
    async with streams.served(world.service.app) as service:
        away = f"http://127.0.0.1:{free_port()}/"
        gateway = create_app({"wish": f"{service}/", "adoption": away, "notify": away})
        async with streams.served(gateway) as address:
            yield address


async def test_each_hears_at_once_what_matters_to_their_list(world: Any, wall: Any, streams: Any, address: str) -> None:
    here, there = "510100001001", "510100005001"
    lamp = wall.posted("想要一盏灯", community=here)
    async with (
        streams.listening(address, community="510100") as all_of_it,
        streams.listening(address, community=here, q="灯") as lamps,
        streams.listening(address, community=there, status="posted") as elsewhere,
        streams.listening(address, community=here, status="posted") as claimable,
    ):
        await wall.put_up(world, lamp)
        [told] = await lamps.until("posted")
        assert told["id"] == lamp.wish_id
        assert set(told) >= KEYS
        assert told == (await world.client().get(f"/api/wishes/{lamp.wish_id}")).json()
        await wall.put_up(world, wall.posted("想要一把伞", community=there))
        await world.tell(world.adopted(lamp.wish_id))
        await all_of_it.until("posted", "posted", "changed")
        assert (await claimable.until("posted", "gone"))[1] == {"id": lamp.wish_id}
        await world.feed.publish(wall.withdrawn(lamp), version=2)
        assert (await lamps.until("posted", "changed", "gone"))[2] == {"id": lamp.wish_id}
        await all_of_it.until("posted", "posted", "changed", "gone")
        assert elsewhere.events[0][0] == "posted"


async def test_nothing_that_is_not_public_is_told(world: Any, streams: Any, address: str) -> None:
    resident, staff = await world.person(), await world.staff()
    async with streams.listening(address, community="310117001") as heard:
        wish_id = await world.posted(resident, staff, detail="按键大一点就好。")
        told = await eventually(lambda: [data for _, data in heard.events if data["id"] == wish_id])
        for secret in (resident.id, staff.id, resident.phone, "13912345678", "王秀英", "三弄"):
            assert secret not in str(heard.events)
        assert "grams" not in told[0]
        assert "sought" not in str(told[0])


async def test_who_comes_back_is_told_what_they_missed(
    world: Any, wall: Any, streams: Any, address: str, another_replica: Any
) -> None:
    place = "520100001001"
    async with streams.listening(address, community=place) as heard:
        await wall.put_up(world, wall.posted("一", community=place))
        await heard.until("posted")
        last = heard.last_id
    missed = await wall.put_up(world, wall.posted("二", community=place), wall.posted("三", community=place))
    async with (
        streams.listening(address, last, community=place) as again,
        streams.listening(another_replica, last, community=place) as at_another,
        streams.listening(another_replica, community=place, since=last) as first_time,
    ):
        for one in (again, at_another, first_time):
            # Each is a stream of events of its own, so they may come in either order.
            assert {told["id"] for told in await one.until("posted", "posted")} == set(missed)
        new = await wall.put_up(world, wall.posted("四", community=place))
        for one in (again, at_another, first_time):
            told = await one.until("posted", "posted", "posted")
            assert told[2]["id"] == new[0]


@pytest.fixture
async def another_replica(world: Any, streams: Any) -> Any:
    """A replica that has just started: it remembers nothing."""
    from wish_service.wiring import WishService

    service = WishService(world.service.settings)
    await service.start(consume=False)
    try:
        await eventually(lambda: service.finding.live.position)
        async with streams.served(service.app) as address:
            yield address
    finally:
        await service.stop()


@pytest.mark.parametrize("last", ["nonsense", "0" * 40, "F" * 60, "id: 1", "ab" * 300])
async def test_a_position_that_is_none_or_too_old_starts_over(
    world: Any, wall: Any, streams: Any, address: str, last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CATCH_UP_SECONDS", 0.5)  # how long a position that is ahead is waited for
    place = "530100001001"
    async with streams.listening(address, last, community=place) as heard:
        await heard.until("reset")
        await wall.put_up(world, wall.posted("之后的", community=place))
        await heard.until("reset", "posted")


async def test_what_is_too_much_to_tell_again_is_not_told(world: Any, wall: Any) -> None:
    changes, place = world.service.finding.changes, "530100005001"
    before = await changes.followed()
    await wall.put_up(world, *(wall.posted(f"第{number}个", community=place) for number in range(3)))

    async def all_told() -> str:
        now = await changes.followed()
        told = [change.id async for change in changes.since(before, now, at_most=100, seconds=10)]
        assert len(set(told)) >= 3
        return str(now)

    now = await eventually(all_told)
    with pytest.raises(PositionLost):
        assert [change async for change in changes.since(before, now, at_most=2, seconds=10)]
    for none in ("F" * 60, "82" + "0" * 30, "00"):
        with pytest.raises(PositionLost):
            assert [change async for change in changes.since(none, "G", at_most=100, seconds=0.5)]


async def test_a_quiet_stream_lives_and_keeps_its_position_young(another_world: Any, streams: Any) -> None:
    async with (
        another_world(consume=False, stream_heartbeat_seconds=0.05) as world,
        streams.served(world.service.app) as address,
        streams.listening(address) as heard,
    ):
        await eventually(lambda: heard.beats > 2)
        assert heard.events == []
        assert heard.last_id >= ""


async def test_there_is_room_for_so_many_and_no_more(another_world: Any, streams: Any) -> None:
    async with another_world(consume=False, stream_listeners=2) as world, streams.served(world.service.app) as address:
        async with streams.listening(address), streams.listening(address):
            async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
                refused = await client.get("/api/wishes/stream")
            assert (refused.status_code, refused.json()["code"]) == (503, "busy")
            assert int(refused.headers["retry-after"]) > 0

        async def room() -> bool:
            async with streams.listening(address):
                return True

        assert await eventually(room)


async def test_a_reader_that_is_too_slow_is_cut_off_and_the_others_are_not(world: Any, wall: Any, streams: Any) -> None:
    """The slow one reads nothing at all; once its buffers and its queue are full its stream ends."""
    place, live = "540100001001", world.service.finding.live
    listener = await live.join(wall.query(community=place))
    try:
        async with streams.served(world.service.app) as address, streams.listening(address, community=place) as quick:
            for number in range(listener.waiting.maxsize + 1):
                await world.feed.publish(wall.posted(f"第{number}个", community=place), version=1)
            await eventually(lambda: listener.cut.is_set(), seconds=60)
            assert listener not in live._listeners
            await eventually(lambda: len(quick.events) == listener.waiting.maxsize + 1)
            assert not quick.answer.is_closed
    finally:
        live.leave(listener)


async def test_a_cut_stream_ends_though_nobody_reads_it(world: Any, wall: Any, streams: Any) -> None:
    live = world.service.finding.live
    async with streams.served(world.service.app) as address:
        before = set(live._listeners)
        port = int(address.rsplit(":", 1)[1])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /api/wishes/stream HTTP/1.1\r\nHost: t\r\nAccept: text/event-stream\r\n\r\n")
        [slow] = await eventually(lambda: live._listeners - before)
        slow.cut.set()
        while await reader.read(1000):  # what was sent before, and then the end
            pass
        await eventually(lambda: slow not in live._listeners)
        writer.close()
        await writer.wait_closed()


async def test_an_open_stream_does_not_hold_up_the_end(
    settings_for: Any, environment_of: Any, tmp_path: Path, streams: Any
) -> None:
    port = free_port()
    argv = [sys.executable, "-m", "wish_service", "api"]
    env = {**os.environ, **environment_of(settings_for(uuid7()[-12:])), "MICROWISH_PORT": str(port)}
    service = Process("wish-service", argv, log=tmp_path / "wish.log", env=env)
    await service.start()
    address = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:

            async def up() -> bool:
                try:
                    return (await client.get("/readyz")).status_code == 200
                except httpx.TransportError:
                    return False

            await eventually(up, seconds=60)

        async with streams.listening(address) as heard:
            stopping = asyncio.create_task(service.stop())
            await heard.ended()
            await stopping
    finally:
        await service.stop()
    assert await service.exited() == 0
    log = (tmp_path / "wish.log").read_text()
    assert "graceful shutdown exceeded" not in log
    assert "Traceback" not in log
