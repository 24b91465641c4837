"""What later news makes wrong or needless, so that it drops out of what is told together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from microwish.events import Event
from notify_service.domain.known import KnownWish
from notify_service.domain.rules import overtaken


@dataclass(frozen=True)
class News:
    """A notice as plain values: what its person is told, of which event, and when that happened."""

    id: str
    template: str
    mode: str
    event: Event
    at: datetime
    wish_id: str | None


_ENDS = frozenset({"wish_merged.v1", "wish_taken_down.v1", "wish_closed.v1", "wish_withdrawn.v1", "wish_fulfilled.v1"})
_GONE = frozenset(
    {"adoption_lapsed.v1", "adoption_revoked.v1", "wish_withdrawn_handler.v1", "wish_fulfilled_handler.v1"}
)

OVERTAKEN_BY: dict[str, frozenset[str]] = {
    "wish_posted.v1": _ENDS | {"wish_adopted.v1", "holder_gone.v1", "delivery_reported.v1"},
    "wish_returned.v1": _ENDS | {"wish_posted.v1", "wish_rejected.v1"},
    "delivery_reported.v1": _ENDS | {"confirmation_reminder.v1"},
    "confirmation_reminder.v1": _ENDS,
    "wish_adopted_handler.v1": _GONE | {"lease_reminder.v1"},
    "lease_reminder.v1": _GONE,
    "delivery_disputed.v1": _GONE,
}
"""Which template, told to the same person of the same wish later, says all that matters of an earlier one."""


def still_news(held: Sequence[News], told: Sequence[News], known: KnownWish | None) -> list[News]:
    """What of `held` is worth telling, in its order.

    told: everything that the person was or will be told of the same wish, the held themselves among it.
    """
    return [one for one in held if not overtaken(one.event, known) and not any(_overtakes(it, one) for it in told)]


def _overtakes(later: News, earlier: News) -> bool:
    if later.template not in OVERTAKEN_BY.get(earlier.template, ()) or later.at < earlier.at:
        return False
    one, other = (getattr(news.event, "adoption_id", None) for news in (later, earlier))
    return one is None or other is None or one == other
