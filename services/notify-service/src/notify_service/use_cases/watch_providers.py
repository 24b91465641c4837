"""Counts are written down, and who accepts too few is told of; by every replica alike, told once."""

from datetime import timedelta

from microwish.when import Clock
from notify_service.alerts import SUCCESS_RATE, Alerts
from notify_service.figures import Figures


class WatchProviders:
    """least: the part of what it is given that a provider has to accept, judged over a window with enough of it."""

    def __init__(
        self, figures: Figures, alerts: Alerts, clock: Clock, *, least: float, window_seconds: float, enough: int
    ) -> None:
        self._figures = figures
        self._alerts = alerts
        self._clock = clock
        self._least = least
        self._window = timedelta(seconds=window_seconds)
        self._enough = enough

    async def __call__(self) -> None:
        """Look once."""
        await self._figures.write_down()
        for figure in await self._figures.since(self._clock() - self._window):
            rate = figure.success_rate
            if rate is None or figure.judged < self._enough:
                continue  # too few to say that it is ill, or well again
            if rate < self._least:
                percent = {"rate": f"{rate:.0%}", "least": f"{self._least:.0%}", "of": str(figure.judged)}
                await self._alerts.raise_(SUCCESS_RATE, figure.provider, **percent)
            else:
                await self._alerts.resolve(SUCCESS_RATE, figure.provider)
        await self._alerts.show()
