"""Days and times as people in Shanghai read them; the reader's zone is a setting, events are in UTC."""

import calendar
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from microwish.web.texts import Catalogue, Language

SHANGHAI = ZoneInfo("Asia/Shanghai")
_RELATIVE = {-1: "date.tomorrow", 0: "date.today", 1: "date.yesterday", 2: "date.before_yesterday"}


class Days:
    """Writes moments (aware datetimes, or RFC 3339 text) in one language and one zone, seen from `now`."""

    def __init__(self, catalogue: Catalogue, language: Language, now: datetime, zone: tzinfo = SHANGHAI) -> None:
        self._catalogue = catalogue
        self._language: Language = language
        self._zone = zone
        self._now = now.astimezone(zone)

    def day(self, moment: datetime | str) -> str:
        """`6 月 12 日`, with the year when it isn't this one."""
        local = self._local(moment)
        key = "date.day" if local.year == self._now.year else "date.day_of_year"
        month_name = calendar.month_name[local.month]
        return self._text(key, year=local.year, month=local.month, day=local.day, month_name=month_name)

    def relative_day(self, moment: datetime | str) -> str:
        """`今天`, `昨天`, `前天`, `明天`, else the day."""
        key = _RELATIVE.get(self._days_since(self._local(moment)))
        return self._text(key) if key else self.day(moment)

    def clock(self, moment: datetime | str) -> str:
        """`09:05`."""
        return f"{self._local(moment):%H:%M}"

    def moment(self, moment: datetime | str) -> str:
        """`6 月 12 日 09:05`."""
        return f"{self.day(moment)} {self.clock(moment)}"

    def due(self, moment: datetime | str) -> str:
        """`还有 9 天`, `明天到期`, `今天到期`, `已超期 2 天`, counted in calendar days."""
        days = -self._days_since(self._local(moment))
        if days < 0:
            return self._text("due.overdue", days=-days)
        if days <= 1:
            return self._text("due.today" if days == 0 else "due.tomorrow")
        return self._text("due.days_left", days=days)

    def _local(self, moment: datetime | str) -> datetime:
        parsed = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        if parsed.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return parsed.astimezone(self._zone)

    def _days_since(self, local: datetime) -> int:
        return (self._now.date() - local.date()).days

    def _text(self, key: str, **values: object) -> str:
        return self._catalogue.text(key, self._language, **values)
