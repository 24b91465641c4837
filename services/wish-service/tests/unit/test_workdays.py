"""Two working days are not two days."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from wish_service.domain.workdays import workdays_after

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-06-10T09:30", "2026-06-12T09:30"),
        ("2026-06-11T09:30", "2026-06-15T09:30"),
        ("2026-06-12T09:30", "2026-06-16T09:30"),
        ("2026-06-13T09:30", "2026-06-16T09:30"),
    ],
)
def test_weekends_do_not_count(start: str, due: str) -> None:
    begin = datetime.fromisoformat(start).replace(tzinfo=SHANGHAI)
    assert workdays_after(begin, 2, SHANGHAI) == datetime.fromisoformat(due).replace(tzinfo=SHANGHAI)
