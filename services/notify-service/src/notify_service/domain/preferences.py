"""What a person may choose about messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from microwish.events.notify import Channel
from notify_service.domain.templates import Language


class DigestWish(StrEnum):
    """What to do with news that can wait for the morning."""

    MORNING = "morning"
    NONE = "none"


@dataclass(frozen=True)
class Preferences:
    """channels: in order of preference; SMS is always the last resort. Choosing WeChat is the consent to it."""

    channels: tuple[Channel, ...] = (Channel.SMS,)
    digest: DigestWish = DigestWish.MORNING
    language: Language = "zh"


def channel_order(chosen: Sequence[Channel], allowed: Sequence[Channel]) -> tuple[Channel, ...]:
    """The channels to try: the person's order among those that the kind of message allows, then SMS."""
    wanted = [channel for channel in chosen if channel in allowed]
    return tuple(dict.fromkeys([*wanted, Channel.SMS]))
