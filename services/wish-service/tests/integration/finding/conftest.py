"""Wishes on the wall without anybody who asked for them: their events, as the service itself would publish them."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn

from microwish.events import Actor, Category, Community, Role
from microwish.events.wish import WishPosted, WishWithdrawn
from microwish.ids import uuid7
from microwish.testing import eventually
from microwish_local.processes import free_port
from wish_service.settings import WishSettings
from wish_service.views.read_wall import WallQuery

BY = Actor(person_id=uuid7(), role=Role.STAFF)


def posted(title: str, **changes: Any) -> WishPosted:
    community = changes.pop("community", "310117001001")
    told: dict[str, Any] = {
        "wish_id": uuid7(),
        "community": community,
        "by": BY,
        "place": Community(code=community, name="龙潭社区"),
        "category": Category.GOODS,
        "title": title,
        "detail": "",
        "slots": 1,
    }
    return WishPosted(**{**told, **changes})


def withdrawn(wish: WishPosted) -> WishWithdrawn:
    return WishWithdrawn(wish_id=wish.wish_id, community=wish.community, by=BY)


async def put_up(world: Any, *wishes: WishPosted, times: Sequence[datetime] = ()) -> list[str]:
    """Publish them and wait until the wall has them; their ids."""
    for number, wish in enumerate(wishes):
        await world.feed.publish(wish, version=1, time=times[number] if times else datetime.now(UTC))
    ids = [wish.wish_id for wish in wishes]
    await on_the_wall(world, ids)
    return ids


async def on_the_wall(world: Any, ids: Sequence[str]) -> None:
    async def there() -> bool:
        return await world.service.views.wall.rows.count_documents({"_id": {"$in": list(ids)}, "public": True}) == len(
            ids
        )

    await eventually(there, seconds=60)


@pytest.fixture(scope="session")
def wall() -> SimpleNamespace:
    """`posted` and `withdrawn` make events, `put_up` publishes them, `query` is what somebody asks for."""
    return SimpleNamespace(posted=posted, withdrawn=withdrawn, put_up=put_up, query=WallQuery)


@pytest.fixture
def environment_of() -> Callable[[WishSettings], dict[str, str]]:
    """Settings as the environment of a process."""

    def environment(settings: WishSettings) -> dict[str, str]:
        given = settings.model_dump(exclude_defaults=True)
        names = ("sealing_keys", "blind_key", "signing_keys")
        secrets = {name: getattr(settings, name).get_secret_value() for name in names}
        return {f"MICROWISH_{name.upper()}": str(value) for name, value in {**given, **secrets}.items()}

    return environment


class Heard:
    """What a reader of the event stream has heard so far, read in the background until it hangs up."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.last_id = ""
        self.beats = 0
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        event, data = "", ""
        async for line in self.answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                event = value
            elif name == "data":
                data = value
            elif name == "id":
                self.last_id = value
            elif line.startswith(":"):
                self.beats += 1
            elif not line and event:
                self.events.append((event, json.loads(data)))
                event, data = "", ""

    async def until(self, *names: str) -> list[dict[str, Any]]:
        """Wait for these events and no others; what they say."""

        async def heard() -> bool:
            assert [name for name, _ in self.events] == list(names), self.events
            return True

        await eventually(heard)
        return [data for _, data in self.events]

    async def ended(self) -> None:
        """Wait until the service ends the stream in order."""
        await self._reading

    async def hang_up(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)


@contextlib.asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """The application on a port of its own, as streams need it; its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="on", timeout_graceful_shutdown=2))
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@contextlib.asynccontextmanager
async def listening(address: str, last: str = "", **asked: str) -> AsyncIterator[Heard]:
    """A reader of the stream at this address, from behind the event `last`."""
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
    async with (
        httpx.AsyncClient(base_url=address, trust_env=False, timeout=60) as client,
        client.stream("GET", "/api/wishes/stream", params=asked, headers=headers) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        heard = Heard(answer)
        if not last:
            await eventually(lambda: heard.last_id)
        try:
            yield heard
        finally:
            await heard.hang_up()


@pytest.fixture
def streams() -> SimpleNamespace:
    """`served` puts an application on a port, `listening` reads its event stream."""
    return SimpleNamespace(served=served, listening=listening)
