"""Envelopes as Kafka records: CloudEvents 1.0, JSON structured mode, by the official SDK.

Each required attribute stands in a header as well (`ce_type` …), so that a consumer can filter without parsing. The
record's key is the aggregate's id. A tombstone has no value and tells in headers what it erases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_structured, to_structured
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from microwish.events.base import Envelope

CONTENT_TYPE = "application/cloudevents+json"
Headers = Sequence[tuple[str, bytes]]

_FORMAT = JSONFormat()


class Unreadable(Exception):
    """The record is no CloudEvent of this project. The message never repeats what the record said."""


@dataclass(frozen=True)
class Record:
    """What goes to Kafka: key, value (None erases the key on a compacted topic) and headers."""

    key: bytes
    value: bytes | None
    headers: Headers


def encode(envelope: Envelope, *, key: str) -> Record:
    """The record of an event."""
    attributes: dict[str, object] = {
        "specversion": "1.0",
        "id": envelope.id,
        "type": envelope.type,
        "source": envelope.source,
        "subject": envelope.subject,
        "time": envelope.time.astimezone(UTC),
        "datacontenttype": "application/json",
        "aggregateversion": envelope.version,
    }
    if envelope.traceparent:
        attributes["traceparent"] = envelope.traceparent
    if envelope.recorded_at:
        attributes["recordedat"] = _rfc3339(envelope.recorded_at)
    message = to_structured(CloudEvent(attributes, dict(envelope.data)), _FORMAT)
    return Record(key.encode(), message.value, _headers(envelope, message))


def encode_tombstone(key: str, *, id: str, source: str, version: int) -> Record:
    """The record that erases a contact."""
    headers = [("ce_id", id.encode()), ("ce_source", source.encode()), ("ce_aggregateversion", str(version).encode())]
    return Record(key.encode(), None, headers)


def decode(value: bytes, headers: Headers) -> Envelope:
    """The event of a record.

    Raises: Unreadable if it isn't a CloudEvent, or lacks what this project adds (subject, time, aggregateversion).
    """
    message = KafkaMessage(headers=dict(headers), key=None, value=value)
    try:
        event = from_structured(message, _FORMAT, CloudEvent)
        return _envelope(event)
    except (CloudEventValidationError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise Unreadable(type(error).__name__) from None


def header(headers: Headers, name: str) -> str | None:
    """A header's text, or None."""
    for key, value in headers:
        if key == name:
            return value.decode("utf-8", errors="replace")
    return None


def _headers(envelope: Envelope, message: KafkaMessage) -> Headers:
    return [
        *message.headers.items(),
        ("ce_specversion", b"1.0"),
        ("ce_id", envelope.id.encode()),
        ("ce_source", envelope.source.encode()),
        ("ce_type", envelope.type.encode()),
        ("ce_subject", envelope.subject.encode()),
    ]


def _envelope(event: BaseCloudEvent) -> Envelope:
    data, subject, time = event.get_data(), event.get_subject(), event.get_time()
    version = event.get_extension("aggregateversion")
    if not isinstance(data, dict) or not subject or time is None:
        raise ValueError("incomplete")
    recorded = event.get_extension("recordedat")
    return Envelope(
        id=event.get_id(),
        type=event.get_type(),
        source=event.get_source(),
        subject=subject,
        time=time,
        version=int(version),
        data=data,
        traceparent=event.get_extension("traceparent"),
        recorded_at=datetime.fromisoformat(recorded) if recorded else None,
    )


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
