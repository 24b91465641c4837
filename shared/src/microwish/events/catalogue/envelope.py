"""What stands around every payload: the CloudEvents attributes, and the Kafka headers that repeat them."""

from typing import Any

from microwish.messaging.wire import CONTENT_TYPE

__all__ = [
    "CONTENT_TYPE",
    "cloud_event_schema",
    "dead_letter_headers_schema",
    "headers_schema",
    "tombstone_headers_schema",
]

Node = dict[str, Any]


def cloud_event_schema() -> Node:
    """The envelope as JSON Schema (CloudEvents 1.0, JSON structured mode, with this project's extensions)."""
    return {
        "type": "object",
        "description": "CloudEvents 1.0 in JSON structured mode.",
        "required": [
            "specversion",
            "id",
            "type",
            "source",
            "subject",
            "time",
            "datacontenttype",
            "aggregateversion",
            "data",
        ],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": _text("UUIDv7, once in the world: what a consumer recognises a repetition by.", format="uuid"),
            "type": _text("The contract with its version, such as microwish.WishPosted.v1."),
            "source": _text("The kind of aggregate that speaks; with the subject it names the stream."),
            "subject": _text("The aggregate's id, which is also the record's key."),
            "time": _text("When it happened, in UTC.", format="date-time"),
            "datacontenttype": {"const": "application/json"},
            "aggregateversion": {"type": "integer", "minimum": 1, "description": "Position in the stream, from 1."},
            "traceparent": _text("W3C trace context of the request that caused it; absent when not traced."),
            "recordedat": _text("When it was written, where that is later than time (补录).", format="date-time"),
            "data": {"type": "object", "description": "The payload."},
        },
    }


def headers_schema() -> Node:
    """The headers of an event, for filtering without parsing."""
    names = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject")
    return {
        "type": "object",
        "required": ["content-type", *names],
        "properties": {"content-type": _text("", const=CONTENT_TYPE), **{name: {"type": "string"} for name in names}},
    }


def tombstone_headers_schema() -> Node:
    """The headers of a record that erases: what it erases, by whom, and after which version."""
    names = ("ce_id", "ce_source", "ce_aggregateversion")
    return {"type": "object", "required": list(names), "properties": {name: {"type": "string"} for name in names}}


def dead_letter_headers_schema() -> Node:
    """The headers that a dead letter has besides its own."""
    meanings = {
        "dlq_error": "The kind of error and the fields at fault, never what a person wrote.",
        "dlq_topic": "The topic that it came from.",
        "dlq_partition": "Its partition there.",
        "dlq_offset": "Its offset there.",
        "dlq_group": "The consumer group that gave up.",
    }
    return {
        "type": "object",
        "required": list(meanings),
        "properties": {name: _text(meaning) for name, meaning in meanings.items()},
    }


def _text(description: str, **more: str) -> Node:
    return {"type": "string", **more, **({"description": description} if description else {})}
