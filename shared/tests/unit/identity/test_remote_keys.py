import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from microwish.identity.people import Role
from microwish.identity.remote_keys import RemoteKeySet
from microwish.identity.tokens import InvalidToken, TokenSigner, UnknownKey, generate_signing_keys


class Memory:
    """A key store in memory, which can be out of order."""

    def __init__(self, jwks: dict[str, Any] | None = None, *, broken: bool = False) -> None:
        self.jwks = jwks
        self.broken = broken
        self.saves = 0

    async def load(self) -> dict[str, Any] | None:
        if self.broken:
            raise ConnectionError
        return self.jwks

    async def save(self, jwks: dict[str, Any]) -> None:
        if self.broken:
            raise ConnectionError
        self.saves += 1
        self.jwks = jwks


class Publisher:
    """Stands for wish-service's JWKS address; `answer` can be changed while it runs."""

    def __init__(self, answer: Callable[[], httpx.Response]) -> None:
        self.answer = answer
        self.looks = 0
        self.transport = httpx.MockTransport(self._handle)

    def _handle(self, _request: httpx.Request) -> httpx.Response:
        self.looks += 1
        return self.answer()


def new_signer() -> TokenSigner:
    return TokenSigner.from_jwks(generate_signing_keys())


def token(signer: TokenSigner) -> str:
    return signer.sign("p1", [Role.RESIDENT], [], "", 60, datetime.now(UTC))


def kid(signer: TokenSigner) -> str:
    return str(signer.public_jwks()["keys"][0]["kid"])


def remote(publisher: Publisher, store: Memory, **options: Any) -> RemoteKeySet:
    return RemoteKeySet("http://wish/.well-known/jwks.json", store, transport=publisher.transport, **options)


@asynccontextmanager
async def running(keys: RemoteKeySet) -> AsyncIterator[None]:
    task = asyncio.create_task(keys.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def test_it_is_ready_once_it_has_fetched_and_saves_what_it_got() -> None:
    signer, store = new_signer(), Memory()
    keys = remote(Publisher(lambda: httpx.Response(200, json=signer.public_jwks())), store)
    assert not keys.ready
    with pytest.raises(UnknownKey):
        keys.verify(token(signer))
    async with running(keys):
        await until(lambda: keys.ready and store.saves == 1)
    assert keys.verify(token(signer)).id == "p1"
    assert store.jwks == signer.public_jwks()


async def test_after_a_restart_it_verifies_with_wish_service_away() -> None:
    signer = new_signer()
    keys = remote(Publisher(lambda: httpx.Response(503)), Memory(signer.public_jwks()))
    async with running(keys):
        await until(lambda: keys.ready)
        assert keys.verify(token(signer)).id == "p1"


@pytest.mark.parametrize(
    "nonsense",
    [
        httpx.Response(500),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"keys": []}),
        httpx.Response(200, json={"keys": "x"}),
    ],
)
async def test_nonsense_never_takes_away_what_is_held(nonsense: httpx.Response) -> None:
    signer, store = new_signer(), Memory()
    store.jwks = signer.public_jwks()
    publisher = Publisher(lambda: nonsense)
    keys = remote(publisher, store, look_interval_seconds=0.02)
    async with running(keys):
        await until(lambda: publisher.looks >= 2)
        assert keys.verify(token(signer)).id == "p1"
    assert store.saves == 0


async def test_a_token_that_was_good_is_good_no_more_when_its_key_is_withdrawn() -> None:
    old, new = new_signer(), new_signer()
    published = [old.public_jwks()]
    keys = remote(Publisher(lambda: httpx.Response(200, json=published[-1])), Memory(), refresh_seconds=0.02)
    seen = token(old)
    async with running(keys):
        await until(lambda: keys.ready)
        assert keys.verify(seen).id == "p1"
        assert keys.verify(seen).id == "p1"
        published.append(new.public_jwks())
        await until(lambda: _knows(keys, new))
        with pytest.raises(UnknownKey):
            keys.verify(seen)


def _knows(keys: RemoteKeySet, signer: TokenSigner) -> bool:
    with suppress(UnknownKey):
        return keys.verify(token(signer)).id == "p1"
    return False


async def test_a_store_out_of_order_does_not_keep_it_from_working() -> None:
    signer = new_signer()
    keys = remote(Publisher(lambda: httpx.Response(200, json=signer.public_jwks())), Memory(broken=True))
    async with running(keys):
        await until(lambda: keys.ready)
        assert keys.verify(token(signer)).id == "p1"


async def test_a_new_key_is_learned_on_its_first_token() -> None:
    old, new = new_signer(), new_signer()
    published = [old]
    now = [0.0]
    publisher = Publisher(lambda: httpx.Response(200, json=published[0].public_jwks()))
    keys = remote(publisher, Memory(), monotonic=lambda: now[0])
    async with running(keys):
        await until(lambda: keys.ready)
        published[0] = new
        now[0] = 11.0
        assert await keys.learn(kid(new))
        assert keys.verify(token(new)).id == "p1"
        with pytest.raises(InvalidToken):
            keys.verify(token(old))


async def test_many_unknown_kids_cause_one_look_per_interval() -> None:
    signer = new_signer()
    now = [0.0]
    publisher = Publisher(lambda: httpx.Response(200, json=signer.public_jwks()))
    keys = remote(publisher, Memory(), monotonic=lambda: now[0])
    async with running(keys):
        await until(lambda: keys.ready)
        assert publisher.looks == 1
        now[0] = 9.9
        assert not any(await asyncio.gather(*(keys.learn(f"forged-{i}") for i in range(50))))
        assert publisher.looks == 1
        now[0] = 10.0
        assert not any(await asyncio.gather(*(keys.learn(f"forged-{i}") for i in range(50))))
        assert publisher.looks == 2
        assert await keys.learn(kid(signer))


async def test_it_looks_again_after_a_failure_until_it_is_ready() -> None:
    signer = new_signer()
    publisher = Publisher(lambda: httpx.Response(503))
    keys = remote(publisher, Memory(), look_interval_seconds=0.05)
    async with running(keys):
        await until(lambda: publisher.looks >= 3)
        assert not keys.ready
        publisher.answer = lambda: httpx.Response(200, json=signer.public_jwks())
        await until(lambda: keys.ready)
