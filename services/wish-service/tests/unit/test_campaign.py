"""Campaigns: where they stand by the day, who may join, and that their colours can be read."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import wish_service
from microwish.events import Actor, Role
from microwish.events.wish import CampaignColour
from wish_service.domain.campaign import PALETTE, Campaign, CampaignState, Choice, changed, checked, saved
from wish_service.domain.errors import InvalidInput

SHANGHAI = ZoneInfo("Asia/Shanghai")


def _campaign(**changes: Any) -> Campaign:
    given: dict[str, Any] = {
        "id": "c1",
        "name": "春节微心愿",
        "colour": CampaignColour.RED,
        "text": "过年前圆一个小心愿。",
        "starts_on": date(2026, 1, 20),
        "ends_on": date(2026, 3, 3),
        "scope": "310117001",
    }
    return Campaign(**{**given, **changes})


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2026, 1, 19), CampaignState.UPCOMING),
        (date(2026, 1, 20), CampaignState.RUNNING),
        (date(2026, 3, 3), CampaignState.RUNNING),
        (date(2026, 3, 4), CampaignState.ENDED),
    ],
)
def test_where_it_stands_follows_from_the_day(day: date, state: CampaignState) -> None:
    assert _campaign().state(day) is state


def test_days_are_those_of_the_zone() -> None:
    choice = Choice(_campaign(), SHANGHAI)
    before, first = datetime(2026, 1, 19, 15, 59, tzinfo=UTC), datetime(2026, 1, 19, 16, 0, tzinfo=UTC)
    assert [fault.problem for fault in choice.faults("310117001001", before)] == ["field.campaign_upcoming"]
    assert choice.faults("310117001001", first) == []


def test_who_asked_in_time_is_in_time_when_reviewed_later() -> None:
    choice, late = Choice(_campaign(), SHANGHAI), datetime(2026, 3, 9, tzinfo=UTC)
    assert [fault.problem for fault in choice.faults("310117001001", late)] == ["field.campaign_ended"]
    assert choice.faults("310117001001", datetime(2026, 3, 1, tzinfo=UTC), late) == []


def test_it_is_for_the_places_of_its_scope_alone() -> None:
    choice, at = Choice(_campaign(), SHANGHAI), datetime(2026, 2, 1, tzinfo=UTC)
    assert choice.faults("310117001002", at) == []
    (fault,) = choice.faults("310117005001", at)
    assert (fault.field, fault.problem) == ("campaign", "field.campaign_elsewhere")


@pytest.mark.parametrize(
    ("last", "problem"), [(date(2026, 1, 19), "before_from"), (date(2029, 1, 1), "campaign_too_long")]
)
def test_a_period_is_one(last: date, problem: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        changed(_campaign(), {"ends_on": last})
    assert [(fault.field, fault.problem) for fault in refused.value.faults] == [("to", f"field.{problem}")]
    assert checked(_campaign(ends_on=date(2026, 1, 20)))


def test_the_event_tells_all_of_it() -> None:
    event = saved(_campaign(), Actor(person_id="p", role=Role.STAFF))
    assert event.model_dump(mode="json", exclude={"by"}) == {
        "campaign_id": "c1",
        "name": "春节微心愿",
        "colour": "red",
        "text": "过年前圆一个小心愿。",
        "starts_on": "2026-01-20",
        "ends_on": "2026-03-03",
        "scope": "310117001",
    }


@pytest.mark.parametrize("colour", CampaignColour)
def test_white_text_can_be_read_on_every_colour(colour: CampaignColour) -> None:
    assert _contrast("#ffffff", PALETTE[colour]) >= 4.5
    assert _contrast("#fbf6ee", PALETTE[colour]) >= 3  # as a dot on the pages' paper


def test_the_stylesheet_has_the_same_colours() -> None:
    styles = (Path(wish_service.__file__).parent / "web" / "static" / "wish.css").read_text(encoding="utf-8")
    there = dict(re.findall(r"\.campaign-(\w+) \{ background: (#[0-9a-f]{6}); \}", styles))
    assert there == {colour.value: shade for colour, shade in PALETTE.items()}


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance and contrast ratio."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
