"""When something may leave, by the clock in Shanghai."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from notify_service.domain.rules import Mode
from notify_service.domain.timing import HeldFor, Hold, QuietHours, Timing

SHANGHAI = ZoneInfo("Asia/Shanghai")
TEN_MINUTES = timedelta(minutes=10)
USUAL = Timing(8, SHANGHAI, QuietHours(21, 8, SHANGHAI), TEN_MINUTES)


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "now", "over"),
    [
        ("21-8", shanghai(1, 20, 59), None),
        ("21-8", shanghai(1, 21), shanghai(2, 8)),
        ("21-8", shanghai(2, 0), shanghai(2, 8)),
        ("21-8", shanghai(2, 7, 59), shanghai(2, 8)),
        ("21-8", shanghai(2, 8), None),
        ("0-7", shanghai(2, 6), shanghai(2, 7)),
        ("0-7", shanghai(2, 23), None),
        ("22-0", shanghai(2, 23), shanghai(3, 0)),
        ("12-14", shanghai(2, 13), shanghai(2, 14)),
    ],
)
def test_quiet_hours_may_go_over_midnight(text: str, now: datetime, over: datetime | None) -> None:
    quiet = QuietHours.parse(text, SHANGHAI)
    assert quiet is not None
    assert quiet.over(now) == over


@pytest.mark.parametrize("text", ["8", "8-8", "24-8", "21:00-08:00", "x", "-"])
def test_what_is_no_range_of_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="21-8"):
        QuietHours.parse(text, SHANGHAI)


def test_empty_is_none() -> None:
    assert QuietHours.parse("", SHANGHAI) is None
    assert Timing(8, SHANGHAI, None, timedelta(0)).hold(Mode.NORMAL, "w", shanghai(1, 3)) is None


NOON, NIGHT, EVENING = shanghai(1, 12), shanghai(1, 23), shanghai(1, 20, 55)
MORNING = shanghai(2, 8)


@pytest.mark.parametrize(
    ("mode", "wish_id", "now", "hold"),
    [
        (Mode.URGENT, None, NIGHT, None),
        (Mode.PROMPT, "w", NOON, None),
        (Mode.PROMPT, "w", NIGHT, Hold(HeldFor.ALONE, MORNING)),
        (Mode.NORMAL, "w", NOON, Hold(HeldFor.WISH, NOON + TEN_MINUTES)),
        (Mode.NORMAL, None, NOON, None),
        (Mode.NORMAL, "w", NIGHT, Hold(HeldFor.MORNING, MORNING)),
        (Mode.NORMAL, None, NIGHT, Hold(HeldFor.MORNING, MORNING)),
        (Mode.NORMAL, "w", EVENING, Hold(HeldFor.MORNING, MORNING)),
        (Mode.DIGEST, "w", NOON, Hold(HeldFor.MORNING, MORNING)),
    ],
)
def test_each_mode_waits_for_its_own(mode: Mode, wish_id: str | None, now: datetime, hold: Hold | None) -> None:
    assert USUAL.hold(mode, wish_id, now) == hold


def test_a_follower_who_wants_it_at_once_gets_it_in_the_digest_by_night() -> None:
    assert USUAL.as_chosen(immediately=True, now=NOON) is Mode.PROMPT
    assert USUAL.as_chosen(immediately=True, now=NIGHT) is Mode.DIGEST
    assert USUAL.as_chosen(immediately=False, now=NOON) is Mode.DIGEST
