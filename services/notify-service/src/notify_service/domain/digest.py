"""The morning digest: when it leaves, and how many pieces of news become one message."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from microwish.events import adoption, wish

SUBMITTED = wish.WishSubmitted.type_name()
ADOPTED = adoption.WishAdopted.type_name()
POSTED = wish.WishPosted.type_name()


def next_morning(now: datetime, *, hour: int, zone: tzinfo) -> datetime:
    """The next full `hour` o'clock in the zone, strictly after `now`; aware, in the zone of `now`."""
    local = now.astimezone(zone)
    morning = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    if morning <= local:
        morning += timedelta(days=1)
    return morning.astimezone(now.tzinfo)


def digest_template(event_types: Sequence[str]) -> str:
    """The template that tells these kinds of news together."""
    staff = bool({SUBMITTED, ADOPTED}.intersection(event_types))
    follower = POSTED in event_types
    if staff and follower:
        return "digest_both.v1"
    return "digest_organisation.v1" if follower else "digest_staff.v1"


def digest_counts(event_types: Sequence[str]) -> dict[str, str]:
    """How many of each, as the templates' variables."""
    counts = {"submitted": SUBMITTED, "adopted": ADOPTED, "posted": POSTED}
    return {name: str(event_types.count(type_name)) for name, type_name in counts.items()}
