"""The contracts of every release still hold, and the comparison would notice if they didn't."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from microwish.events.catalogue.compatibility import breaking_changes
from microwish.events.catalogue.facts import EVENT_NAMES
from microwish.events.catalogue.schemas import payload_schema

Node = dict[str, Any]

RELEASED = sorted((Path(__file__).parents[4] / "docs" / "schemas" / "released").glob("*/*.json"))
SAMPLES = Path(__file__).parents[2] / "data" / "events" / "v1"


def _named(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


def test_there_is_a_release_to_compare_with() -> None:
    assert RELEASED


@pytest.mark.parametrize("file", RELEASED, ids=_named)
def test_a_released_contract_still_holds(file: Path) -> None:
    event = EVENT_NAMES.get(file.name.split(".")[0])
    assert event is not None, "a released event may not go: its topic may be kept for ever"
    assert breaking_changes(json.loads(file.read_text(encoding="utf-8")), payload_schema(event)) == []


@pytest.mark.parametrize("file", RELEASED, ids=_named)
def test_the_frozen_sample_fits_the_released_schema(file: Path) -> None:
    sample = json.loads((SAMPLES / f"{file.name.split('.')[0]}.json").read_text(encoding="utf-8"))
    schema = json.loads(file.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(sample)


def _wish_posted() -> Node:
    return payload_schema(EVENT_NAMES["WishPosted"])


def _add_optional(schema: Node) -> None:
    schema["properties"]["season"] = {"type": "string"}
    schema["$defs"]["Actor"]["properties"]["unit"] = {"type": "string"}


def _reword(schema: Node) -> None:
    schema["description"] = "Said in other words."
    schema["properties"]["title"]["description"] = "What the wall shows."


@pytest.mark.parametrize("change", [_add_optional, _reword])
def test_a_further_optional_field_and_other_words_keep_the_version(change: Callable[[Node], None]) -> None:
    changed = _wish_posted()
    change(changed)
    assert breaking_changes(_wish_posted(), changed) == []


def _set(schema: Node, path: str, value: object) -> Node:
    """The schema with one place changed, or taken away (None)."""
    changed = copy.deepcopy(schema)
    *above, last = path.split("/")
    node = changed
    for step in above:
        node = node[step]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("properties/title", None, "title: removed"),
        ("properties/estimated_value_fen", None, "estimated_value_fen: removed"),
        ("properties/slots/type", "string", "slots: type was 'integer', is 'string'"),
        ("properties/slots/maximum", 100, "slots: maximum was 200, is 100"),
        ("properties/community/pattern", "^x$", "community: pattern was"),
        ("properties/public_name/default", "某人", "public_name: default was '一位居民', is '某人'"),
        ("required", ["wish_id"], "title: no longer required"),
        ("$defs/Category/enum", ["goods"], "category: enum was"),
        ("$defs/Actor/properties/role", None, "by.role: removed"),
        ("$defs/Actor/required", ["role", "person_id"], "by.person_id: now required"),
        ("$defs/Community/properties/name/type", "integer", "place.name: type was 'string', is 'integer'"),
    ],
)
def test_a_breaking_change_is_noticed(path: str, value: object, said: str) -> None:
    found = breaking_changes(_wish_posted(), _set(_wish_posted(), path, value))
    assert [change for change in found if change.startswith(said)], found


def test_a_new_required_field_and_another_kind_of_list_are_noticed() -> None:
    changed = _wish_posted()
    changed["properties"]["season"] = {"type": "string"}
    changed["required"].append("season")
    assert breaking_changes(_wish_posted(), changed) == ["season: now required"]

    queue = payload_schema(EVENT_NAMES["QueueChanged"])
    items = _set(queue, "properties/organisation_ids/items/type", "integer")
    assert breaking_changes(queue, items) == ["organisation_ids[]: type was 'string', is 'integer'"]
