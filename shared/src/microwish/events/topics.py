"""The topics: names, clean-up and retention. One topic carries one owner's facts (design, section 4)."""

from dataclasses import dataclass, field
from enum import StrEnum

DAY_MS = 24 * 60 * 60 * 1000
MINUTE_MS = 60 * 1000


class Topic(StrEnum):
    """A topic's logical name; an installation may put a prefix before it (`MICROWISH_KAFKA_TOPIC_PREFIX`)."""

    WISH = "microwish.wish.v1"
    ADOPTION = "microwish.adoption.v1"
    CONTACT = "microwish.contact.v1"
    SIGNIN = "microwish.signin.v1"
    NOTIFY = "microwish.notify.v1"


@dataclass(frozen=True)
class TopicPolicy:
    """How the broker keeps a topic, as the broker's own topic settings, and whether owners keep it in their journal.

    journal: "all" keeps every event, "newest" only the last one of each key, "none" nothing
    (what may not be republished: sign-in codes).
    """

    config: dict[str, str] = field(default_factory=dict)
    journal: str = "all"


POLICIES: dict[Topic, TopicPolicy] = {
    Topic.WISH: TopicPolicy({"cleanup.policy": "delete", "retention.ms": "-1"}),
    Topic.ADOPTION: TopicPolicy({"cleanup.policy": "delete", "retention.ms": "-1"}),
    Topic.CONTACT: TopicPolicy(
        {
            "cleanup.policy": "compact",
            "max.compaction.lag.ms": str(DAY_MS),
            "delete.retention.ms": str(30 * DAY_MS),
        },
        journal="newest",
    ),
    Topic.SIGNIN: TopicPolicy(
        {"cleanup.policy": "delete", "retention.ms": str(15 * MINUTE_MS), "segment.ms": str(5 * MINUTE_MS)},
        journal="none",
    ),
    Topic.NOTIFY: TopicPolicy({"cleanup.policy": "delete", "retention.ms": str(30 * DAY_MS)}),
}


def dead_letter_topic(group: str) -> str:
    """The topic that keeps for 30 days what a consumer group could not process."""
    return f"{group}.dlq"


DEAD_LETTER_CONFIG = {"cleanup.policy": "delete", "retention.ms": str(30 * DAY_MS)}
