"""The claim is a lease: how long, reminded when, extended by how much."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Lease:
    """The terms.

    term: from the recording of the claim to its end. reminder: how long before the end the handler is reminded; one
    that would not be later than the claim itself is left out. extension: what the one extension adds. grace: what is
    left at least when a delivery is disputed.
    """

    term: timedelta
    reminder: timedelta
    extension: timedelta
    grace: timedelta

    def remind_at(self, since: datetime, due_at: datetime) -> datetime | None:
        """When to remind of a lease that runs from `since` to `due_at`, if at all."""
        moment = due_at - self.reminder
        return moment if since < moment < due_at else None


def half_way(since: datetime, due_at: datetime) -> datetime:
    """The middle of the term."""
    return since + (due_at - since) / 2
