"""What the wall keeps of an event besides the facts: its place in every list, and what it is found by.

wish: {…, order, sought: {title, detail}, grams: [character or pair]}
"""

from datetime import UTC, datetime, timedelta

from microwish.events import Event
from microwish.events.wish import WishPosted, WishRevised
from microwish.store.outbox import literal
from microwish.store.views import Expression
from wish_service.views.facts_of_events import Changes, wish_changes
from wish_service.views.search import grams, normalised

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def order_of(posted_at: datetime, wish_id: str) -> str:
    """The place of a wish in every list: by time (MongoDB keeps milliseconds), then by id; never changed.

    One value instead of two, so that "behind this one" is one range of an index.
    """
    return f"{max(0, (posted_at - _EPOCH) // _MILLISECOND):012x}-{wish_id}"


def wall_changes(event: Event, at: datetime) -> Changes:
    """Fields of the part `wish` of a row of the wall."""
    changes = wish_changes(event, at)
    if isinstance(event, WishPosted):
        sought = {"sought.title": normalised(event.title), "sought.detail": normalised(event.detail)}
        return {**changes, "order": order_of(at, event.wish_id), **sought, "grams": grams(sought.values())}
    if isinstance(event, WishRevised):
        return {**changes, **_revised(event)}
    return changes


def _revised(event: WishRevised) -> Changes:
    texts = {"title": event.title, "detail": event.detail}
    sought = {f"sought.{name}": normalised(text) for name, text in texts.items() if text is not None}
    if not sought:
        return {}
    # Grams of the text before stay: they only make a candidate of a row that the look at its text then rules out.
    longer = {"$setUnion": [{"$ifNull": ["$wish.grams", []]}, literal(grams(sought.values()))]}
    return {**sought, "grams": Expression(longer)}
