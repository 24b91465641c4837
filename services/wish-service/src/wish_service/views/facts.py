"""The facts behind the statistics: one row per wish, with the moments that count."""

from microwish.store.mongo import ASCENDING, Database, Document, IndexModel
from microwish.store.views import View
from wish_service.views.derived import HOLDERS, first

# `touched` is bookkeeping: by it a reader sees that something changed since it last counted.
_MOMENTS: list[Document] = [
    {
        "$set": {
            "first_claimed_at": first("$holders.claimed_at"),
            "first_confirmed_at": first("$wish.confirmed_at"),
            "fulfilled": {"$eq": ["$wish.ended", "fulfilled"]},
            "touched": "$$NOW",
        }
    }
]


def facts_view(db: Database) -> View:
    """The view; `open` it before use. `claimed`: an adoption was held and not undone."""
    return View(
        db, "facts", derive=[*HOLDERS, *_MOMENTS], indexes=[IndexModel([("touched", ASCENDING)], name="touched")]
    )
