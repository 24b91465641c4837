"""What a write leaves in an outbox: events and tombstones as entries, numbered in the write itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from microwish.events.base import CONTACT_SOURCES, Event, Source
from microwish.events.topics import Topic
from microwish.ids import uuid7
from microwish.store.mongo import Document
from microwish.telemetry import current_traceparent
from microwish.when import When


@dataclass(frozen=True)
class Tombstone:
    """Erases a contact on its topic: a record without a value. What the outbox still holds of the contact goes too."""

    contact_id: str
    source: Source = Source.WISH_CONTACT


Outgoing = Event | Tombstone


def literal(value: Any) -> dict[str, Any]:
    """The value as data in a pipeline, whatever characters it holds."""
    return {"$literal": value}


def outbox_entries(events: Sequence[Outgoing], when: When) -> list[Document]:
    """The entries without their versions, which the write itself numbers."""
    return [_entry(event, when) for event in events]


def _entry(event: Outgoing, when: When) -> Document:
    if isinstance(event, Tombstone):
        head = {"topic": Topic.CONTACT.value, "key": event.contact_id, "type": None, "data": None}
        return {"id": uuid7(), **head, "source": event.source.value, "subject": event.contact_id, "time": when.at}
    entry: Document = {
        "id": uuid7(),
        "topic": event.topic.value,
        "key": event.subject_id,
        "type": event.type_name(),
        "source": event.source.value,
        "subject": event.subject_id,
        "time": when.at,
        "data": event.model_dump(mode="json", exclude_none=True),
    }
    if when.recorded_at != when.at:
        entry["recorded_at"] = when.recorded_at
    if traceparent := current_traceparent():
        entry["traceparent"] = traceparent
    return entry


def counts_in_stream(entry: Document) -> bool:
    """Whether the entry is an event of the aggregate's own stream, rather than a contact's."""
    return entry["source"] not in CONTACT_SOURCES


def numbered(entries: Sequence[Document], *, streamversion: int, revision: int) -> list[Document]:
    """Entries of a new document: stream events count on from `streamversion`, contacts carry the revision."""
    done, version = [], streamversion
    for entry in entries:
        if counts_in_stream(entry):
            version += 1
        done.append({**entry, "version": version if counts_in_stream(entry) else revision})
    return done


def numbering(entries: Sequence[Document]) -> tuple[list[Any], int]:
    """The same as pipeline expressions over the document before the write, and how far the stream advances."""
    expressions, ahead = [], 0
    for entry in entries:
        if counts_in_stream(entry):
            ahead += 1
            version: Any = {"$add": ["$streamversion", ahead]}
        else:
            version = {"$add": ["$revision", 1]}
        expressions.append({"$mergeObjects": [literal(entry), {"version": version}]})
    return expressions, ahead
