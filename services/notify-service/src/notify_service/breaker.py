"""A circuit breaker per provider, in this process: who does not answer is left alone for a while, then tried once.

Only calls without an answer count as failures: a provider that refuses is there.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from microwish.telemetry import gauge

_state = gauge("provider_breaker", "0 closed, 1 half open, 2 open", ("provider",))


class BreakerState(IntEnum):
    """Whether calls go through."""

    CLOSED = 0
    HALF_OPEN = 1
    """One call may try whether the provider is back."""
    OPEN = 2


@dataclass(frozen=True)
class BreakerSettings:
    """failures: in a row that open it. window, ratio: or this part of so many calls. open_seconds: until a trial."""

    failures: int = 5
    window: int = 40
    ratio: float = 0.5
    open_seconds: float = 30.0


class Breaker:
    """The one of one provider. clock: monotonic seconds."""

    def __init__(self, name: str, settings: BreakerSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self._settings = settings
        self._clock = clock
        self._in_a_row = 0
        self._recent: deque[bool] = deque(maxlen=settings.window)
        self._closed = True
        self._trial_at = 0.0
        _state.labels(name).set(BreakerState.CLOSED)

    @property
    def state(self) -> BreakerState:
        """As it is now."""
        if self._closed:
            return BreakerState.CLOSED
        return BreakerState.HALF_OPEN if self._clock() >= self._trial_at else BreakerState.OPEN

    @property
    def opens_in(self) -> float:
        """Seconds until a call may go through; 0 if one may now."""
        return 0.0 if self._closed else max(0.0, self._trial_at - self._clock())

    def admit(self) -> bool:
        """Whether the caller may call now; where half open, the first who asks, and nobody else for a while."""
        state = self.state
        if state is BreakerState.HALF_OPEN:
            # A trial whose caller never says what became of it holds up the next no longer than an opening does.
            self._trial_at = self._clock() + self._settings.open_seconds
            _state.labels(self.name).set(BreakerState.HALF_OPEN)
        return state is not BreakerState.OPEN

    def succeeded(self) -> bool:
        """The provider answered. True if that has just closed the breaker."""
        self._in_a_row = 0
        self._recent.append(True)
        if self._closed:
            return False
        self._closed = True
        self._recent.clear()
        _state.labels(self.name).set(BreakerState.CLOSED)
        return True

    def failed(self) -> bool:
        """It did not. True if that has just opened the breaker."""
        self._in_a_row += 1
        self._recent.append(False)
        if not self._closed:
            self._trial_at = self._clock() + self._settings.open_seconds
            _state.labels(self.name).set(BreakerState.OPEN)
            return False
        if not self._too_many():
            return False
        self._closed = False
        self._trial_at = self._clock() + self._settings.open_seconds
        _state.labels(self.name).set(BreakerState.OPEN)
        return True

    def _too_many(self) -> bool:
        if self._in_a_row >= self._settings.failures:
            return True
        full = len(self._recent) == self._settings.window
        return full and self._recent.count(False) >= self._settings.ratio * self._settings.window


class Breakers:
    """One for each provider, made when first asked for."""

    def __init__(self, settings: BreakerSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._by_name: dict[str, Breaker] = {}

    def of(self, provider: str) -> Breaker:
        """The provider's."""
        if provider not in self._by_name:
            self._by_name[provider] = Breaker(provider, self._settings, self._clock)
        return self._by_name[provider]
