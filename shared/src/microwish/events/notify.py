"""What became of a message. Its text and its address stay in notify-service."""

from enum import StrEnum
from typing import ClassVar

from typing_extensions import override

from microwish.events.base import Event, Id, Source
from microwish.events.topics import Topic


class Channel(StrEnum):
    """How a person is reached."""

    SMS = "sms"
    WECHAT = "wechat"


class MessageEvent(Event):
    """Base of the events of one message."""

    topic: ClassVar[Topic] = Topic.NOTIFY
    source: ClassVar[Source] = Source.MESSAGE

    message_id: Id
    person_id: Id | None = None
    wish_id: Id | None = None
    template: str
    event_type: str

    @property
    @override
    def subject_id(self) -> str:
        return self.message_id


class MessageSent(MessageEvent):
    """The provider accepted it."""

    channel: Channel
    provider: str


class MessageDelivered(MessageEvent):
    """It reached the phone."""

    channel: Channel
    provider: str


class MessageFailed(MessageEvent):
    """It will not arrive; `cause` is a stable code such as `no_contact`."""

    channel: Channel | None = None
    cause: str
