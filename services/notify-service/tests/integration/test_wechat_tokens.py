"""One access token for all replicas: asked for once, renewed once, never in a stampede."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from providers.server import HttpServer, serving
from providers.wechat import APP_ID, SECRET, Wechat

from microwish.privacy.sealing import Sealer
from microwish.store.mongo import Collection, Mongo
from notify_service.channels.calls import client
from notify_service.channels.port import Refusal
from notify_service.channels.wechat_token import AccessTokens, NoToken
from notify_service.store.access_tokens import HeldToken, Kept, Renewing, SharedToken

pytestmark = [pytest.mark.integration, pytest.mark.brokerless]
PATH = "/cgi-bin/stable_token"
REPLICAS, CALLERS = 3, 10


class Apart(SharedToken):
    """A document that nobody shares: every replica may ask, and sees nothing of the others."""

    async def begin(self) -> Renewing:
        return Renewing("mine", Kept())

    async def read(self) -> Kept:
        return Kept()

    async def keep(self, renewing: Renewing, token: HeldToken) -> None:
        """Nothing."""


class Bureau:
    """Replicas that share a token, and the provider that gives it."""

    def __init__(self, provider: Wechat, server: HttpServer, rows: Collection, sealer: Sealer) -> None:
        self.provider = provider
        self.rows = rows
        self.now = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
        self.sealer = sealer
        self._http = client(server.url, seconds=2)

    def replica(
        self, kind: type[SharedToken] = SharedToken, *, secret: str = SECRET, lease: float = 15
    ) -> AccessTokens:
        shared = kind(self.rows, self.sealer, "official:wx", lease_seconds=lease)
        return AccessTokens(APP_ID, secret, self._http, shared, lambda: self.now)

    def replicas(self, kind: type[SharedToken] = SharedToken) -> list[AccessTokens]:
        return [self.replica(kind) for _ in range(REPLICAS)]

    @property
    def asked(self) -> int:
        return self.provider.requests[PATH]

    @property
    def forced(self) -> int:
        return self.provider.requests["forced"]

    async def close(self) -> None:
        await self._http.aclose()


@pytest.fixture
async def bureau(common: dict[str, Any], unique: str) -> AsyncIterator[Bureau]:
    mongo = Mongo(common["mongo_uri"], f"tokens_{unique}")
    provider, sealer = Wechat(), Sealer.from_keys(common["sealing_keys"])
    async with serving(provider) as server:
        made = Bureau(provider, server, mongo.db.get_collection("access_tokens"), sealer)
        yield made
        await made.close()
    await mongo.client.drop_database(mongo.db.name)
    mongo.close()


async def all_ask(replicas: list[AccessTokens], instead_of: str | None = None) -> set[str]:
    """Every caller of every replica at once; the tokens they got."""
    ask = [one.instead_of(instead_of) if instead_of else one.current() for one in replicas for _ in range(CALLERS)]
    return set(await asyncio.gather(*ask))


async def test_however_many_ask_at_once_wechat_is_asked_once(bureau: Bureau) -> None:
    bureau.provider.token_seconds = 0.1
    assert await all_ask(bureau.replicas()) == {"token-0"}
    assert (bureau.asked, bureau.forced) == (1, 0)
    assert await all_ask(bureau.replicas()) == {"token-0"}, "those who come later find it"
    assert bureau.asked == 1
    [row] = [one async for one in bureau.rows.find({})]
    assert "token-0" not in str(row)
    assert "lease" not in row


async def test_without_the_shared_document_each_replica_would_ask(bureau: Bureau) -> None:
    """The negative control of the test before."""
    bureau.provider.token_seconds = 0.1
    await all_ask(bureau.replicas(Apart))
    assert bureau.asked == REPLICAS


async def test_a_token_that_was_replaced_is_asked_for_once(bureau: Bureau) -> None:
    replicas = bureau.replicas()
    [old] = await all_ask(replicas)
    bureau.provider.revoke()
    bureau.provider.token_seconds = 0.1
    [new] = await all_ask(replicas, instead_of=old)
    assert new != old
    assert (bureau.asked, bureau.forced) == (2, 0)
    assert await all_ask(bureau.replicas()) == {new}


async def test_a_token_that_is_refused_all_the_same_is_forced_once_and_not_again_for_a_minute(bureau: Bureau) -> None:
    replicas = bureau.replicas()
    [old] = await all_ask(replicas)
    [new] = await all_ask(replicas, instead_of=old)
    assert (bureau.asked, bureau.forced) == (3, 1)
    for one in replicas:
        with pytest.raises(NoToken) as none:
            await one.instead_of(new)
        assert none.value.receipt.refusal is Refusal.CONFIGURATION
    assert bureau.forced == 1
    bureau.now += timedelta(seconds=61)
    [newest] = await all_ask(replicas, instead_of=new)
    assert newest not in {old, new}
    assert bureau.forced == 2


async def test_a_token_is_replaced_before_it_ends_and_used_until_then(bureau: Bureau) -> None:
    [replica, *_] = bureau.replicas()
    bureau.provider.lives = 200  # near its end WeChat gives the same again
    await replica.current()
    bureau.now += timedelta(seconds=179)
    await replica.current()
    assert bureau.asked == 1
    bureau.provider.revoke()
    bureau.provider.lives = 7200
    bureau.now += timedelta(seconds=1)
    new = await replica.current()
    assert (bureau.asked, new) == (2, bureau.provider.token)
    bureau.now += timedelta(seconds=7200 - 301)
    assert await replica.current() == new
    bureau.now += timedelta(seconds=1)
    await replica.current()
    assert bureau.asked == 3


async def test_who_dies_while_asking_holds_up_nobody_for_long(bureau: Bureau) -> None:
    dying = SharedToken(bureau.rows, bureau.sealer, "official:wx", lease_seconds=0.2)
    assert await dying.begin() is not None
    assert await dying.begin() is None
    assert await bureau.replica().current() == "token-0"


async def test_a_late_answer_does_not_replace_a_newer_token(bureau: Bureau) -> None:
    shared = SharedToken(bureau.rows, bureau.sealer, "official:wx", lease_seconds=0)
    late, newer = await shared.begin(), None
    while newer is None:
        newer = await shared.begin()
    assert late is not None
    until = bureau.now + timedelta(hours=1)
    await shared.keep(newer, HeldToken("newer", until))
    await shared.keep(late, HeldToken("late", until))
    assert (await shared.read()).token == HeldToken("newer", until)


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        (-1, Refusal.LATER),
        (45011, Refusal.LATER),
        (45009, Refusal.QUOTA),
        (40001, Refusal.CONFIGURATION),
        (40164, Refusal.CONFIGURATION),
    ],
)
async def test_a_refused_token_says_what_it_asks_of_us(bureau: Bureau, code: int, refusal: Refusal) -> None:
    replica = bureau.replica()
    bureau.provider.token_code = code
    for _ in range(3):
        with pytest.raises(NoToken) as none:
            await replica.current()
        assert (none.value.receipt.refusal, none.value.receipt.cause) == (refusal, f"wechat_{code}")
    assert bureau.asked == 1, "it is left alone for some seconds"
    bureau.provider.token_code = None
    bureau.now += timedelta(seconds=6)
    assert await replica.current() == "token-0"


async def test_a_wrong_secret_is_a_fault_of_configuration(bureau: Bureau) -> None:
    with pytest.raises(NoToken) as none:
        await bureau.replica(secret="another").current()
    assert none.value.receipt.refusal is Refusal.CONFIGURATION


async def test_a_token_sealed_under_a_lost_key_is_asked_for_anew(bureau: Bureau) -> None:
    await bureau.replica().current()
    bureau.sealer = Sealer({"k2": bytes(32)})
    assert await bureau.replica().current() == "token-0"
    assert bureau.asked == 2
