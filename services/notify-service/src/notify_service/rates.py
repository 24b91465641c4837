"""Tokens of the shared buckets as this process has them: taken a few at a time, used within a second."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from notify_service.store.providers import Providers, Rate

_USED_WITHIN_SECONDS = 1.0
_BATCH_SECONDS = 0.1
_BATCH_MOST = 50
_KEPT = 0.1
"""Part of a bucket that is left to sign-in codes, in whole tokens."""


@dataclass
class _Stock:
    """What is left of the tokens taken last; who finds none takes new ones for all who wait."""

    left: int = 0
    taken_at: float = 0.0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Rates:
    """Lets messages through as fast as each provider takes them from all replicas together.

    In any time t all replicas let through at most `burst + per_second · t`, and a batch each that they held before.
    providers without a rate are not held back.
    """

    def __init__(
        self, providers: Providers, rates: Mapping[str, float], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._providers = providers
        self._rates = {name: Rate(each, max(1.0, each), float(each * _KEPT // 1)) for name, each in rates.items()}
        self._stocks = {name: _Stock() for name in rates}
        self._monotonic = monotonic

    async def allow(self, provider: str, *, urgent: bool = False, within: float) -> bool:
        """One message may go to this provider now, or within so many seconds; False if it may not by then."""
        rate = self._rates.get(provider)
        if rate is None:
            return True
        try:
            async with asyncio.timeout(within):
                while not await self._one(provider, rate, urgent=urgent):
                    await asyncio.sleep(1 / rate.per_second if rate.per_second > 10 else _BATCH_SECONDS)
        except TimeoutError:
            return False
        return True

    async def _one(self, provider: str, rate: Rate, *, urgent: bool) -> bool:
        stock = self._stocks[provider]
        if self._from(stock):
            return True
        if urgent:  # not behind those who wait for a batch
            return await self._providers.take(provider, rate, 1, urgent=True) == 1
        async with stock.turn:
            if self._from(stock):
                return True
            batch = max(1, min(_BATCH_MOST, round(rate.per_second * _BATCH_SECONDS)))
            stock.left = await self._providers.take(provider, rate, batch)
            stock.taken_at = self._monotonic()
            return self._from(stock)

    def _from(self, stock: _Stock) -> bool:
        if stock.left <= 0 or self._monotonic() - stock.taken_at > _USED_WITHIN_SECONDS:
            return False
        stock.left -= 1
        return True
