"""Shapes of the JSON answers and bodies (design, section 8)."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

from microwish.events.notify import Channel
from microwish.store.mongo import Document
from notify_service.domain.message import State
from notify_service.domain.preferences import DigestWish, Kind


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
    provider: str | None = Field(description="Who it was handed to last.")
    to: str | None = Field(description="The recipient's phone, masked; absent until it was addressed.")
    template: str
    event_type: str
    wish_id: str | None
    created_at: Moment
    attempts: int
    timeline: list[dict[str, object]]


def message_out(row: Document) -> MessageOut:
    """A message as it may be shown."""
    out: Document = row.get("out") or {}
    return MessageOut(
        id=row["_id"],
        state=State(row["state"]),
        cause=row.get("cause"),
        channel=out.get("channel"),
        provider=out.get("provider"),
        to=out.get("to_masked"),
        template=row["template"],
        event_type=row["event_type"],
        wish_id=row["wish_id"],
        created_at=row["since"],
        attempts=row["round"],
        timeline=[{**entry, "at": rfc3339(entry["at"])} for entry in row["timeline"]],
    )


class MessagesOut(BaseModel):
    """A page of them, newest first."""

    items: list[MessageOut]
    next_cursor: str | None


class PreferencesBody(BaseModel):
    """What a person chooses. Choosing WeChat is the consent to it; sign-in codes come by SMS whatever is chosen.

    Of a body that leaves out `kinds`, `muted`, `large_print` or `opted_out` these stay as they were.
    """

    model_config = ConfigDict(extra="forbid")

    channels: list[Channel] = Field(min_length=1, max_length=2)
    digest: DigestWish = DigestWish.MORNING
    language: Literal["zh", "en"] = "zh"
    kinds: dict[Kind, Annotated[list[Channel], Field(max_length=2)]] = Field(
        default_factory=dict, description="For some kinds exactly these channels; an empty list: none of it."
    )
    muted: bool = Field(default=False, description="Nothing but sign-in codes, until `muted_until` or for ever.")
    muted_until: AwareDatetime | None = None
    large_print: bool = Field(default=False, description="Links lead to large print where a channel allows for it.")
    opted_out: list[Channel] = Field(
        default_factory=list, max_length=2, description="Channels that this phone has switched off altogether."
    )


class PreferencesOut(PreferencesBody):
    """What a person chose."""

    model_config = ConfigDict(extra="ignore")

    muted_until: Moment | None = None
