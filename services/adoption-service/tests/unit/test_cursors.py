"""A cursor leads on from where it was made; anything else that looks like one is refused, never a fault of ours."""

import base64
import json
from datetime import UTC, datetime

import pytest

from adoption_service.domain.errors import Invalid
from adoption_service.views.cursors import decode, encode, moment_in


def cursor(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_a_cursor_gives_the_position_back() -> None:
    at = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
    key = decode(encode(at.isoformat(), "a1"), 2)
    assert key is not None
    assert (moment_in(key[0]), key[1]) == (at, "a1")
    assert decode(None, 2) is None


@pytest.mark.parametrize(
    "content",
    [[], ["a"], ["a", "b", "c"], {"a": 1}, ["a", 1], ["a", {"$gt": ""}], ["a", "\ud800"], "ab", None],
)
def test_what_was_not_made_here_is_refused(content: object) -> None:
    with pytest.raises(Invalid):
        decode(cursor(content), 2)


@pytest.mark.parametrize(
    "moment",
    ["", "x", "2026-06-01", "2026-06-01T08:30:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"],
)
def test_a_moment_that_no_calendar_holds_is_refused(moment: str) -> None:
    with pytest.raises(Invalid):
        moment_in(moment)
