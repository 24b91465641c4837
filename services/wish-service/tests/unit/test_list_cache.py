"""The cache of lists: what is kept, what isn't, and who waits for whom. No change may leave an old page behind."""

import asyncio

import pytest

from wish_service.web.caching import Ready
from wish_service.web.list_cache import ListCache

KEY = b"community=310117"
OLD, NEW = Ready.of({"items": ["old"]}), Ready.of({"items": ["new"]})


class Database:
    """Answers with what was there when it was asked, as late as the test wants."""

    def __init__(self) -> None:
        self.page = OLD
        self.reads = 0
        self.held_back: asyncio.Event | None = None

    async def read(self) -> Ready:
        self.reads += 1
        page = self.page
        if self.held_back is not None:
            await self.held_back.wait()
        return page


class Careless(ListCache):
    """What a cache does that puts back whatever it has read."""

    async def page(self, key: bytes, read: object) -> Ready:
        page = await read()  # type: ignore[operator]
        self._keep(key, page)
        return page


@pytest.mark.parametrize(("kind", "kept"), [(ListCache, None), (Careless, OLD)])
async def test_a_read_that_began_before_a_change_is_not_kept_after_it(
    kind: type[ListCache], kept: Ready | None
) -> None:
    cache, database = kind(lambda: True), Database()
    database.held_back = asyncio.Event()
    early = asyncio.create_task(cache.page(KEY, database.read))
    while not database.reads:
        await asyncio.sleep(0)
    database.page = NEW
    cache.clear()
    database.held_back.set()
    assert await early == OLD
    assert cache.get(KEY) == kept  # the careless one has it back


async def test_a_change_told_before_a_read_has_begun_fails_nobody() -> None:
    cache, database = ListCache(lambda: True), Database()
    asked = asyncio.create_task(cache.page(KEY, database.read))
    while not cache._reading:
        await asyncio.sleep(0)
    assert not database.reads  # asked for, and not begun
    cache.clear()
    assert await asked == OLD
    assert cache.get(KEY) is None


async def test_who_asks_after_a_change_does_not_join_a_read_from_before_it() -> None:
    cache, database = ListCache(lambda: True), Database()
    slow = database.held_back = asyncio.Event()
    early = asyncio.create_task(cache.page(KEY, database.read))
    while not database.reads:
        await asyncio.sleep(0)
    database.page, database.held_back = NEW, None
    cache.clear()
    assert await cache.page(KEY, database.read) == NEW
    slow.set()
    assert await early == OLD
    assert cache.get(KEY) == NEW


async def test_those_who_ask_at_once_wait_for_one_read() -> None:
    cache, database = ListCache(lambda: True), Database()
    database.held_back = asyncio.Event()
    asking = [asyncio.create_task(cache.page(KEY, database.read)) for _ in range(50)]
    await asyncio.sleep(0)
    asking[0].cancel()  # who began it may leave
    database.held_back.set()
    assert set(await asyncio.gather(*asking[1:])) == {OLD}
    assert database.reads == 1


async def test_nothing_is_kept_while_changes_are_not_followed() -> None:
    following = True
    cache, database = ListCache(lambda: following), Database()
    await cache.page(KEY, database.read)
    assert cache.get(KEY) == OLD
    following, database.page = False, NEW
    assert cache.get(KEY) is None
    assert await cache.page(KEY, database.read) == NEW
    assert await cache.page(KEY, database.read) == NEW
    assert database.reads == 3


async def test_a_read_that_fails_is_told_to_all_and_not_remembered() -> None:
    cache, database = ListCache(lambda: True), Database()

    async def fail() -> Ready:
        raise ConnectionError

    found = await asyncio.gather(*(cache.page(KEY, fail) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(one, ConnectionError) for one in found)
    assert await cache.page(KEY, database.read) == OLD


async def test_it_keeps_no_more_than_it_may() -> None:
    cache = ListCache(lambda: True, most_pages=3, most_bytes=100)

    async def page(name: str, length: int) -> None:
        async def read() -> Ready:
            return Ready(b"x" * length, name)

        await cache.page(name.encode(), read)

    for name in "abcd":
        await page(name, 10)
    assert [cache.get(name.encode()) is not None for name in "abcd"] == [False, True, True, True]
    await page("e", 85)
    assert [cache.get(name.encode()) is not None for name in "bcde"] == [False, False, True, True]
    await page("f", 1000)
    assert [cache.get(name.encode()) is not None for name in "def"] == [False, False, False]
    assert cache._size == 0
