"""Shapes of the JSON answers and bodies (design, section 8)."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from microwish.events.notify import Channel
from notify_service.domain.message import State
from notify_service.domain.preferences import DigestWish


def rfc3339(moment: datetime) -> str:
    """UTC with milliseconds and a Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


Moment = Annotated[datetime, PlainSerializer(rfc3339, return_type=str)]


class SandboxMessage(BaseModel):
    """What a sandbox phone shows."""

    id: str
    channel: Channel
    to: str
    text: str
    template: str
    event_type: str
    wish_id: str | None
    sent_at: Moment


class SandboxMessages(BaseModel):
    """A page of them, newest first."""

    items: list[SandboxMessage]
    next_cursor: str | None


class MessageOut(BaseModel):
    """A message as staff and operations see it: never its text, its recipient only masked."""

    id: str
    state: State
    cause: str | None
    channel: Channel | None
    to: str | None = Field(description="The recipient's phone, masked; absent until it was addressed.")
    template: str
    event_type: str
    wish_id: str | None
    created_at: Moment
    attempts: int
    timeline: list[dict[str, object]]


class MessagesOut(BaseModel):
    """A page of them, newest first."""

    items: list[MessageOut]
    next_cursor: str | None


class PreferencesBody(BaseModel):
    """What a person chooses. Choosing WeChat is the consent to it; SMS is always the last resort."""

    model_config = ConfigDict(extra="forbid")

    channels: list[Channel] = Field(min_length=1, max_length=2)
    digest: DigestWish = DigestWish.MORNING
    language: Literal["zh", "en"] = "zh"
