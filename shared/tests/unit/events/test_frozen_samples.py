"""What was ever published must parse for ever: one sample of each event, written once, never edited."""

import json
from pathlib import Path
from typing import Any

import pytest

from microwish.events.catalogue.facts import EVENT_NAMES

SAMPLES = Path(__file__).parents[2] / "data" / "events" / "v1"


def test_every_event_has_a_sample_and_every_sample_its_event() -> None:
    assert {file.stem for file in SAMPLES.glob("*.json")} == set(EVENT_NAMES)


@pytest.mark.parametrize("name", EVENT_NAMES)
def test_the_sample_parses_and_none_of_it_is_lost(name: str) -> None:
    sample = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    read = EVENT_NAMES[name].model_validate(sample).model_dump(mode="json", exclude_none=True)
    assert _common(read, sample) == sample


@pytest.mark.parametrize("name", EVENT_NAMES)
def test_fields_of_a_newer_publisher_are_ignored(name: str) -> None:
    sample = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    event = EVENT_NAMES[name]
    assert event.model_validate({**sample, "added_later": {"by": "v1 still"}}) == event.model_validate(sample)


def _common(read: Any, sample: Any) -> Any:
    """What was read, without the fields (all optional) that the contract has gained since."""
    if isinstance(read, dict) and isinstance(sample, dict):
        return {key: _common(value, sample[key]) for key, value in read.items() if key in sample}
    return read
