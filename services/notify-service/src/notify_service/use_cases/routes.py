"""Which way a message takes next: the first channel and provider, in order, that may be asked now."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from microwish.events.notify import Channel
from microwish.when import Clock
from notify_service.breaker import Breakers, BreakerState
from notify_service.channels.port import ChannelAdapter
from notify_service.domain.groups import ROBOTS, prefix_of
from notify_service.domain.verdicts import Bar, barred_name
from notify_service.store.providers import Providers

Adapters = Mapping[Channel, Sequence[ChannelAdapter]]
"""The providers of each channel, the first choice first."""


@dataclass(frozen=True)
class Way:
    """A channel on which the person can be reached, and where."""

    channel: Channel
    to: str

    def by(self, provider: str) -> bool:
        """Whether this provider leads there: robots to groups of staff, all others to people."""
        return (prefix_of(self.to) is not None) is (provider == ROBOTS)


@dataclass(frozen=True)
class Route:
    """By this provider, to this address."""

    channel: Channel
    provider: str
    to: str


@dataclass(frozen=True)
class NotNow:
    """Every provider that is left rests; one may be asked again from then on."""

    until: datetime


def in_order(
    adapters: Mapping[Channel, ChannelAdapter] | Mapping[Channel, Sequence[ChannelAdapter]],
) -> dict[Channel, tuple[ChannelAdapter, ...]]:
    """One adapter of a channel alone is as good as a list of one."""
    return {channel: tuple(one) if isinstance(one, Sequence) else (one,) for channel, one in adapters.items()}


def left(ways: Iterable[Way], adapters: Adapters, barred: Collection[str]) -> list[Route]:
    """Everything that may still be tried for a message, the best first."""
    return [
        Route(way.channel, adapter.provider, way.to)
        for way in ways
        if way.channel.value not in barred
        for adapter in adapters.get(way.channel, ())
        if way.by(adapter.provider) and barred_name(Bar.PROVIDER, way.channel.value, adapter.provider) not in barred
    ]


def first_of(
    routes: Sequence[Route], waits_until: Mapping[str, datetime], *, urgent: bool
) -> tuple[Route | None, datetime | None]:
    """The first route whose provider does not rest, or else when the first of them may be asked again.

    What is urgent takes the provider that rests for the shortest time rather than none.
    """
    for route in routes:
        if route.provider not in waits_until:
            return route, None
    if not routes:
        return None, None
    soonest = min(routes, key=lambda route: waits_until[route.provider])
    return (soonest, None) if urgent else (None, waits_until[soonest.provider])


class Routes:
    """Chooses with what is known now: who rests for all replicas, and who does not answer this one."""

    def __init__(self, adapters: Adapters, providers: Providers, breakers: Breakers, clock: Clock) -> None:
        self._adapters = adapters
        self._providers = providers
        self._breakers = breakers
        self._clock = clock

    async def choose(
        self, ways: Sequence[Way], barred: Collection[str], *, urgent: bool = False
    ) -> Route | NotNow | None:
        """The next way; None if there is none left."""
        routes = left(ways, self._adapters, barred)
        now = self._clock()
        waits = {**self._not_answering(routes, now), **await self._providers.resting(now)}
        while True:
            route, until = first_of(routes, waits, urgent=urgent)
            if route is None:
                return NotNow(until) if until is not None else None
            breaker = self._breakers.of(route.provider)
            if route.provider in waits or breaker.admit():
                return route
            # Somebody else tries meanwhile whether it is back.
            waits[route.provider] = now + timedelta(seconds=breaker.opens_in)

    def _not_answering(self, routes: Sequence[Route], now: datetime) -> dict[str, datetime]:
        breakers = (self._breakers.of(name) for name in {route.provider for route in routes})
        return {one.name: now + timedelta(seconds=one.opens_in) for one in breakers if one.state is BreakerState.OPEN}
