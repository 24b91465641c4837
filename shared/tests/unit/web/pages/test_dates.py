from datetime import UTC, datetime

import pytest

from microwish.web.pages.dates import Days
from microwish.web.pages.texts import KIT_TEXTS

# 12 June, 00:30 in Shanghai; still 11 June in UTC.
NOW = datetime(2026, 6, 11, 16, 30, tzinfo=UTC)
DAYS = Days(KIT_TEXTS, "zh", NOW)
ENGLISH = Days(KIT_TEXTS, "en", NOW)


@pytest.mark.parametrize(
    ("moment", "chinese", "english"),
    [
        ("2026-06-11T16:00:00Z", "今天", "today"),
        ("2026-06-11T15:59:59Z", "昨天", "yesterday"),
        ("2026-06-10T15:59:59Z", "前天", "two days ago"),
        ("2026-06-12T16:00:00Z", "明天", "tomorrow"),
        ("2026-06-01T00:00:00Z", "6 月 1 日", "1 June"),
        ("2025-12-31T15:59:59Z", "2025 年 12 月 31 日", "31 December 2025"),
        ("2025-12-31T16:00:00Z", "1 月 1 日", "1 January"),
    ],
)
def test_days_are_those_of_shanghai(moment: str, chinese: str, english: str) -> None:
    assert DAYS.relative_day(moment) == chinese
    assert ENGLISH.relative_day(moment) == english


def test_moments_and_times() -> None:
    assert DAYS.moment("2026-06-12T01:05:00Z") == "6 月 12 日 09:05"
    assert DAYS.clock(datetime(2026, 6, 12, 1, 5, tzinfo=UTC)) == "09:05"


@pytest.mark.parametrize(
    ("due", "said"),
    [
        ("2026-06-11T15:59:59Z", "已超期 1 天"),
        ("2026-06-11T16:00:00Z", "今天到期"),
        ("2026-06-12T15:59:59Z", "今天到期"),
        ("2026-06-12T16:00:00Z", "明天到期"),
        ("2026-06-21T01:00:00Z", "还有 9 天"),
    ],
)
def test_what_is_due_is_counted_in_calendar_days(due: str, said: str) -> None:
    assert DAYS.due(due) == said


def test_a_moment_without_zone_is_a_fault() -> None:
    with pytest.raises(ValueError, match="time zone"):
        DAYS.day("2026-06-12T01:05:00")
