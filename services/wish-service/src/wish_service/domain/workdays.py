"""Working days: Monday to Friday. Public holidays and their make-up days are not known here."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_SATURDAY = 5


def workdays_after(start: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time of day `days` working days later, in the reader's zone; from a weekend it counts from Monday."""
    moment = start.astimezone(zone)
    while days > 0:
        moment += timedelta(days=1)
        if moment.weekday() < _SATURDAY:
            days -= 1
    return moment
