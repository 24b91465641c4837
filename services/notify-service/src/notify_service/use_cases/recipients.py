"""Whom a line of the table names, from this service's own views: the few at once, the many page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from microwish.events import Envelope, Event
from microwish.events.adoption import FollowNotice, PartnersChanged
from microwish.events.wish import WishPosted
from notify_service.domain.audiences import (
    Found,
    Recipient,
    community_of,
    managers_of,
    organisation_id_of,
    people_of,
    person,
)
from notify_service.domain.groups import group, robots_for
from notify_service.domain.known import KnownWish
from notify_service.domain.rules import Audience, Mode, Told
from notify_service.domain.timing import Timing
from notify_service.views.organisations import Organisations
from notify_service.views.parties import Parties
from notify_service.views.staff import Staff

_BEHIND_ALL = "~"
MANY = frozenset({Audience.STAFF, Audience.FOLLOWERS})
"""Audiences that may be any number of people."""


@dataclass(frozen=True)
class Views:
    """What this service knows of others' facts."""

    parties: Parties
    organisations: Organisations
    staff: Staff


@dataclass(frozen=True)
class News:
    """One event with what is known of its wish."""

    event: Envelope
    payload: Event
    known: KnownWish | None
    use_until: datetime

    @property
    def community(self) -> str | None:
        """Where it happened, if that is known."""
        return community_of(self.payload, self.known)


@dataclass(frozen=True)
class Page:
    """Some recipients of a line, each with how soon, and the cursor after them."""

    people: Sequence[tuple[Recipient, Mode]]
    after: str


class Recipients:
    """Finds them.

    limit: how many rows of a view are a page; a follower is an organisation with all its managers. robots: the prefixes
    of division codes whose staff have a group with a robot.
    """

    def __init__(self, views: Views, timing: Timing, *, limit: int, robots: Sequence[str] = ()) -> None:
        self._views = views
        self._timing = timing
        self._limit = limit
        self._robots = tuple(robots)

    async def known(self, wish_id: str) -> KnownWish | None:
        """What is known of a wish; None while nothing has come."""
        return await self._views.parties.find(wish_id)

    async def page(self, line: Told, news: News, community: str, after: str, now: datetime) -> Page | None:
        """The next of many, from the one after `after`; None at the end."""
        if line.audience is Audience.STAFF:
            return await self._staff(line, community, after)
        assert isinstance(news.payload, WishPosted)
        category = news.payload.category.value
        followers = await self._views.organisations.followers(community, category, after=after, limit=self._limit)
        people = [
            (
                person(manager),
                self._timing.as_chosen(immediately=follower.notify is FollowNotice.IMMEDIATELY, now=now),
            )
            for follower in followers
            for manager in follower.managers
        ]
        return Page(people, followers[-1].id) if followers else None

    async def _staff(self, line: Told, community: str, after: str) -> Page | None:
        """Staff of a community, after their groups."""
        ids = await self._views.staff.serving(community, after=after, limit=self._limit)
        groups = [] if after else [Recipient(group(prefix)) for prefix in robots_for(community, self._robots)]
        people = [*groups, *map(person, ids)]
        # Where there are groups alone, no id of a person comes behind the cursor.
        return Page([(one, line.mode) for one in people], ids[-1] if ids else _BEHIND_ALL) if people else None

    async def few(self, audience: Audience, news: News) -> Found:
        """All of them, or what has to be heard of first."""
        payload, find = news.payload, self._views.organisations.find
        if audience is Audience.ASKED:
            assert isinstance(payload, PartnersChanged)
            return managers_of({one: await find(one) for one in payload.asked_ids})
        organisation_id = organisation_id_of(payload)
        group = await find(organisation_id) if organisation_id else None
        return people_of(audience, payload, news.known, group)
