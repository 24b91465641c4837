"""Any payload that a contract allows, for property-based tests (Hypothesis)."""

import string
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from microwish.events.base import Envelope, Event
from microwish.events.catalogue.schemas import SEALED_MARK, payload_schema, resolve

Node = dict[str, Any]

BASE64URL = string.ascii_letters + string.digits + "_-"
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  zone beside
SEALED = st.builds("v1.{}.{}".format, st.sampled_from(("k1", "k-2026", "S_2")), st.text(BASE64URL, min_size=39))
LONGEST_TEXT = 200


def payloads(event: type[Event]) -> SearchStrategy[Event]:
    """Every payload of this contract, optional fields present or not, texts of any script."""
    schema = payload_schema(event)
    return _values(schema, schema).map(event.model_validate)


def envelopes(event: type[Event]) -> SearchStrategy[Envelope]:
    """The payload in an envelope: traced or not, recorded when it happened or later."""
    return st.builds(
        Envelope.of,
        payloads(event),
        id=st.uuids(allow_nil=False).map(str),
        version=st.integers(1, 2**31 - 1),
        time=MOMENTS,
        traceparent=st.none() | st.from_regex(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", fullmatch=True),
        recorded_at=st.none() | MOMENTS,
    )


def _values(node: Node, root: Node) -> SearchStrategy[Any]:
    node = resolve(node, root)
    if "enum" in node:
        return st.sampled_from(node["enum"])
    match node["type"]:
        case "object":
            return _objects(node, root)
        case "array":
            return st.lists(_values(node["items"], root), max_size=4)
        case "integer":
            return st.integers(node.get("minimum", 0), node.get("maximum", 10**9))
        case "boolean":
            return st.booleans()
        case _:
            return _texts(node)


def _objects(node: Node, root: Node) -> SearchStrategy[Any]:
    required = set(node.get("required", []))
    fields = {name: _values(child, root) for name, child in node["properties"].items()}
    return st.fixed_dictionaries(
        {name: values for name, values in fields.items() if name in required},
        optional={name: values for name, values in fields.items() if name not in required},
    )


def _texts(node: Node) -> SearchStrategy[str]:
    if node.get(SEALED_MARK):
        return SEALED
    if node.get("format") == "date-time":
        return MOMENTS.map(datetime.isoformat)
    if node.get("format") == "date":
        return MOMENTS.map(lambda moment: moment.date().isoformat())
    if "pattern" in node:
        return st.from_regex(node["pattern"].replace(r"\d", "[0-9]"), fullmatch=True).filter(str.isdecimal)
    return st.text(min_size=node.get("minLength", 0), max_size=node.get("maxLength", LONGEST_TEXT))
