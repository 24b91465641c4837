"""Events as this service keeps them inside its own documents; sealed fields stay sealed."""

from microwish.events import Envelope
from microwish.store.mongo import Document


def stored(event: Envelope) -> Document:
    """The event as a document."""
    return {
        "id": event.id,
        "type": event.type,
        "source": event.source,
        "subject": event.subject,
        "time": event.time,
        "version": event.version,
        "data": dict(event.data),
        "traceparent": event.traceparent,
    }


def restored(document: Document) -> Envelope:
    """The event that `stored` kept."""
    return Envelope(**document)
