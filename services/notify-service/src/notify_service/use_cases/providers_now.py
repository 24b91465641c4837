"""Every provider of this installation as it is now and as it did: what the desk shows of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from microwish.when import Clock
from notify_service.alerts import OPEN, Alerts
from notify_service.breaker import Breakers, BreakerState
from notify_service.figures import Figure, Figures
from notify_service.store.providers import Providers
from notify_service.use_cases.routes import Adapters
from notify_service.views.message_list import MessageList

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_NO_PAUSE = (None, None)
_ALERTS_LOOKED_AT = 200


@dataclass(frozen=True)
class ProviderNow:
    """One of them. paused_until, why: for all replicas; rate: messages a second, all of them together.

    breaker: of this process, or open where any process has found that it does not answer, and none that it does again.

    channels: empty for one that is no longer configured. arrivals: messages of the last day by state.
    """

    provider: str
    channels: tuple[str, ...] = ()
    paused_until: datetime | None = None
    why: str | None = None
    breaker: BreakerState = BreakerState.CLOSED
    rate: float | None = None
    hour: Figure | None = None
    day: Figure | None = None
    arrivals: Mapping[str, int] = field(default_factory=dict)

    @property
    def well(self) -> bool:
        """Whether messages go to it now, as far as this process can tell."""
        return self.paused_until is None and self.breaker is BreakerState.CLOSED


class ProvidersNow:
    """Puts together what is known in several places."""

    def __init__(
        self,
        adapters: Adapters,
        providers: Providers,
        breakers: Breakers,
        figures: Figures,
        alerts: Alerts,
        messages: MessageList,
        clock: Clock,
        *,
        rates: Mapping[str, float],
    ) -> None:
        self._adapters = adapters
        self._providers = providers
        self._breakers = breakers
        self._figures = figures
        self._alerts = alerts
        self._messages = messages
        self._clock = clock
        self._rates = dict(rates)

    async def __call__(self) -> list[ProviderNow]:
        """Those that are configured, in their order, then those that messages of the last day went by."""
        now = self._clock()
        channels = self._channels()
        hour = {figure.provider: figure for figure in await self._figures.since(now - _HOUR)}
        day = {figure.provider: figure for figure in await self._figures.since(now - _DAY)}
        pauses = await self._providers.pauses(now)
        arrivals = await self._messages.arrivals(now - _DAY)
        silent = await self._silent()
        return [
            ProviderNow(
                name,
                channels=channels.get(name, ()),
                paused_until=pauses.get(name, _NO_PAUSE)[0],
                why=pauses.get(name, _NO_PAUSE)[1],
                breaker=BreakerState.OPEN if name in silent else self._breakers.of(name).state,
                rate=self._rates.get(name),
                hour=hour.get(name),
                day=day.get(name),
                arrivals=arrivals.get(name, {}),
            )
            for name in dict.fromkeys([*channels, *sorted({*day, *arrivals})])
        ]

    async def _silent(self) -> set[str]:
        """Whose breaker is open in some process: each tells by an alert, and by its end."""
        alerts = await self._alerts.newest(open_only=True, limit=_ALERTS_LOOKED_AT)
        return {alert.subject for alert in alerts if alert.code == OPEN}

    def names(self) -> list[str]:
        """Those that are configured."""
        return list(self._channels())

    def _channels(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for channel, adapters in self._adapters.items():
            for adapter in adapters:
                found[adapter.provider] = (*found.get(adapter.provider, ()), channel.value)
        return found
