"""When something happened, and when it was written down: the same moment, unless the past is recorded later (补录)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present as an aware datetime in UTC."""


def system_clock() -> datetime:
    """The machine's clock, in whole milliseconds as MongoDB keeps them."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass(frozen=True)
class When:
    """The moment of a command.

    at: when it counts as done; events, months and the timeline show this.
    recorded_at: when it was written; timers (leases, reminders) count from here.
    recorded_by: the admin who vouched for another date, if `at` is not now.
    """

    at: datetime
    recorded_at: datetime
    recorded_by: str | None = None

    @classmethod
    def now(cls, clock: Clock = system_clock) -> "When":
        """This moment, happening and written at once."""
        moment = clock()
        return cls(moment, moment)
