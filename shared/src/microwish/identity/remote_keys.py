"""Public keys fetched from wish-service in the background and kept over restarts.

No request waits for wish-service to be up: what was fetched once is persisted, and a service that
holds one key set goes on verifying with it while wish-service is away.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

import httpx

from microwish.identity.people import Person
from microwish.identity.tokens import StaticKeySet
from microwish.logs import get_logger

_LOOK_INTERVAL_SECONDS = 10.0
_LEARN_WAIT_SECONDS = 2.0
_FIRST_RETRY_SECONDS = 0.5
_log = get_logger(__name__)


class KeyStore(Protocol):
    """Where a key set survives a restart."""

    async def load(self) -> dict[str, Any] | None:
        """The JWKS saved last, or None."""
        ...

    async def save(self, jwks: dict[str, Any]) -> None:
        """Keep this JWKS in place of the last."""
        ...


class RemoteKeySet:
    """A `KeySet` that follows a JWKS address. Run `run()` as a task for as long as the service lives.

    Guarantees: an unknown kid causes at most one look per `look_interval_seconds` (10), whatever the
    number of requests; a key set that was held stays held when a fetch fails or answers nonsense.
    """

    def __init__(
        self,
        url: str,
        persist: KeyStore,
        *,
        refresh_seconds: float = 300.0,
        look_interval_seconds: float = _LOOK_INTERVAL_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._persist = persist
        self._refresh_seconds = refresh_seconds
        self._look_interval = look_interval_seconds
        self._transport = transport
        self._monotonic = monotonic
        self._keys = StaticKeySet({"keys": []})
        self._held: dict[str, Any] | None = None
        self._jwks: dict[str, Any] | None = None
        self._last_look = float("-inf")
        self._wake = asyncio.Event()
        self._looked = asyncio.Condition()

    @property
    def ready(self) -> bool:
        """Whether at least one key is held."""
        return self._keys.ready

    def verify(self, token: str, *, now: datetime | None = None) -> Person:
        """The person that the token names. Raises: InvalidToken, UnknownKey."""
        return self._keys.verify(token, now=now)

    async def learn(self, kid: str) -> bool:
        """Wake the background look for an unknown kid and wait for it, 2 s at most."""
        if kid in self._keys:
            return True
        if self._monotonic() - self._last_look < self._look_interval:
            return False
        self._wake.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LEARN_WAIT_SECONDS), self._looked:
                await self._looked.wait()
        return kid in self._keys

    async def run(self) -> None:
        """Load what was persisted, then fetch now, at every refresh, and when a kid is unknown; until cancelled."""
        await self._load_persisted()
        retry = _FIRST_RETRY_SECONDS
        async with httpx.AsyncClient(transport=self._transport, timeout=5.0, trust_env=False) as client:
            while True:
                self._wake.clear()
                fetched = await self._look(client)
                retry = _FIRST_RETRY_SECONDS if fetched else min(retry * 2, self._look_interval)
                await self._sleep(self._refresh_seconds if fetched else retry)

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    async def _look(self, client: httpx.AsyncClient) -> bool:
        self._last_look = self._monotonic()
        fetched = await self._fetch(client)
        async with self._looked:
            self._looked.notify_all()
        return fetched

    async def _fetch(self, client: httpx.AsyncClient) -> bool:
        try:
            answer = await client.get(self._url)
            answer.raise_for_status()
            jwks = answer.json()
            keys = StaticKeySet(jwks if isinstance(jwks, dict) else {"keys": []})
        except (httpx.HTTPError, ValueError) as error:
            _log.warning("jwks_not_fetched", error=type(error).__name__, held=self.ready)
            return False
        if not keys.ready:
            _log.warning("jwks_without_keys", held=self.ready)
            return False
        if jwks != self._held:
            self._keys, self._held = keys, jwks  # and with the keys goes what was remembered of their signatures
        await self._save(jwks)
        return True

    async def _load_persisted(self) -> None:
        try:
            jwks = await self._persist.load()
            if jwks is not None:
                self._keys, self._held, self._jwks = StaticKeySet(jwks), jwks, jwks
        except Exception as error:  # noqa: BLE001 - the store may be away: the fetch still makes the service ready
            _log.warning("jwks_not_loaded", error=type(error).__name__)

    async def _save(self, jwks: dict[str, Any]) -> None:
        if jwks == self._jwks:
            return
        try:
            await self._persist.save(jwks)
            self._jwks = jwks
        except Exception as error:  # noqa: BLE001 - tried again at the next fetch; verifying doesn't depend on it
            _log.warning("jwks_not_saved", error=type(error).__name__)
