"""What a person may choose about messages: per kind of news and channel, a pause, how they read.

`KINDS` is the one table from which page, API and rule derive. Sign-in codes are no kind: nothing here touches them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from microwish.events.notify import Channel
from notify_service.domain.templates import Language


class DigestWish(StrEnum):
    """What to do with news that can wait for the morning."""

    MORNING = "morning"
    NONE = "none"


class Kind(StrEnum):
    """A kind of news, as people would name it."""

    WISHES = "wishes"
    """How one's own wish gets on."""
    DELIVERIES = "deliveries"
    """Something was brought: please confirm."""
    ADOPTIONS = "adoptions"
    """What one holds: promises, reminders, ends."""
    INVITATIONS = "invitations"
    """Wishes that one could take on."""
    ORGANISATION = "organisation"
    """Matters of one's organisation and its members."""
    COMMUNITY = "community"
    """What staff of a community have to look at."""
    DIGESTS = "digests"
    """Several pieces of news in one message of the morning."""


KINDS: Mapping[Kind, frozenset[str]] = {
    Kind.WISHES: frozenset(
        {
            "wish_posted",
            "wish_returned",
            "wish_rejected",
            "wish_merged",
            "wish_taken_down",
            "wish_closed",
            "wish_adopted",
            "holder_gone",
            "handler_named",
            "wish_fulfilled",
            "wish_withdrawn",
            "wish_news",
        }
    ),
    Kind.DELIVERIES: frozenset({"delivery_reported", "confirmation_reminder"}),
    Kind.ADOPTIONS: frozenset(
        {
            "wish_adopted_handler",
            "handler_named_handler",
            "lease_reminder",
            "adoption_lapsed",
            "adoption_revoked",
            "delivery_disputed",
            "adoption_flagged",
            "wish_fulfilled_handler",
            "wish_withdrawn_handler",
            "wish_news_handler",
        }
    ),
    Kind.INVITATIONS: frozenset(
        {
            "wish_posted_follower",
            "slot_offered",
            "offer_expired",
            "wish_recommended",
            "handover_proposed",
            "partner_asked",
        }
    ),
    Kind.ORGANISATION: frozenset(
        {
            "organisation_verified",
            "organisation_refused",
            "organisation_suspended",
            "limit_lifted",
            "member_joined",
            "member_left",
            "member_changed_manager",
        }
    ),
    Kind.COMMUNITY: frozenset(
        {"delivery_disputed_staff", "adoption_flagged_staff", "recommendation_declined_staff", "wish_news_staff"}
    ),
    Kind.DIGESTS: frozenset({"digest_staff", "digest_organisation", "digest_both"}),
}
"""Which templates, without their version, make a kind."""

ALWAYS = frozenset({"signin_code", "member_invited"})
"""Templates that no choice applies to: who asks for a code wants it, and who is invited has no account to choose in."""

MIXED = frozenset({"morning_news", "morning_staff", "morning_organisation"})
"""Templates of what a night has brought, of several kinds: each piece was asked after before it was put together."""

_KIND_OF = {name: kind for kind, names in KINDS.items() for name in names}


@dataclass(frozen=True)
class Preferences:
    """What a person chose, as of a moment.

    channels: in order of preference; SMS is the last resort. Choosing WeChat is the consent to it.
    kinds: for some kinds otherwise: exactly these channels, in order; none at all where it is empty.
    muted: nothing now, until `muted_until` or, where that is None, for ever.
    large_print: links lead to pages in large print, where a channel's links may differ from person to person.
    """

    channels: tuple[Channel, ...] = (Channel.SMS,)
    digest: DigestWish = DigestWish.MORNING
    language: Language = "zh"
    kinds: Mapping[Kind, tuple[Channel, ...]] = field(default_factory=dict)
    muted: bool = False
    muted_until: datetime | None = None
    large_print: bool = False

    def channels_for(self, template: str, allowed: Sequence[Channel]) -> Sequence[Channel]:
        """The channels to try for this template, in order; empty: the person does not want it.

        allowed: those that the kind of message may take. Sign-in codes go by all of them, whatever was chosen.
        """
        name = template.partition(".")[0]
        if name in ALWAYS:
            return tuple(allowed)
        if self.muted:
            return ()
        kind = _KIND_OF.get(name)
        if kind is not None and kind in self.kinds:
            return tuple(channel for channel in self.kinds[kind] if channel in allowed)
        return channel_order(self.channels, allowed)


def channel_order(chosen: Sequence[Channel], allowed: Sequence[Channel]) -> tuple[Channel, ...]:
    """The channels to try: the person's order among those that the kind of message allows, then SMS."""
    wanted = [channel for channel in chosen if channel in allowed]
    return tuple(dict.fromkeys([*wanted, Channel.SMS]))
