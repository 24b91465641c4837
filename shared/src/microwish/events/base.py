"""What every event has: a CloudEvents 1.0 envelope around a frozen, tolerant payload.

A payload class says where it is published (`topic`) and which kind of aggregate speaks (`source`). Its type name is
`microwish.<ClassName>.v1`. Adding an optional field keeps the version; anything else is a new class beside the old.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from microwish.events.topics import Topic

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
CommunityCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$")]
DivisionPrefix = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?$")]
"""The leading pairs of a division code: a province (31), a city, a district (310117), a street, a community."""
Sealed = Annotated[
    str,
    Field(
        pattern=r"^v1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_=-]+$",
        description="Written by a person, so it travels sealed: AES-GCM under the named key, never in clear.",
    ),
]


class Source(StrEnum):
    """The kinds of aggregate that publish. A stream is one source and one subject."""

    WISH = "/microwish/wish-service/wish"
    PERSON = "/microwish/wish-service/person"
    COMMUNITY = "/microwish/wish-service/community"
    CAMPAIGN = "/microwish/wish-service/campaign"
    TASK = "/microwish/wish-service/task"
    CHALLENGE = "/microwish/wish-service/challenge"
    WISH_CONTACT = "/microwish/wish-service/contact"
    CLAIMS = "/microwish/adoption-service/claims"
    ORGANISATION = "/microwish/adoption-service/organisation"
    ORGANISATION_CONTACT = "/microwish/adoption-service/contact"
    MESSAGE = "/microwish/notify-service/message"


CONTACT_SOURCES = frozenset({Source.WISH_CONTACT, Source.ORGANISATION_CONTACT})
"""Contacts take the newest version and may have gaps; every other stream counts +1 without gaps."""


class Category(StrEnum):
    """What a wish asks for."""

    GOODS = "goods"
    SERVICE = "service"
    COMPANIONSHIP = "companionship"
    STUDY = "study"
    MEDICAL = "medical"
    REPAIR = "repair"
    OTHER = "other"


class Role(StrEnum):
    """In which capacity somebody acted."""

    RESIDENT = "resident"
    STAFF = "staff"
    MEMBER = "member"
    ADMIN = "admin"
    OPS = "ops"
    SYSTEM = "system"


class Published(BaseModel):
    """Base of everything inside an event: frozen, and tolerant of fields that a newer publisher adds."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Actor(Published):
    """Who did it. The system itself (a lease that ran out) has no person."""

    person_id: Id | None = None
    role: Role


class Community(Published):
    """A community by its 12-digit administrative division code, with its name at the time of the event."""

    code: CommunityCode
    name: str


class Event(Published):
    """Base of all payloads. `subject_id` names the aggregate, which is also the Kafka key."""

    topic: ClassVar[Topic]
    source: ClassVar[Source]

    @classmethod
    def type_name(cls) -> str:
        """The CloudEvents type, such as `microwish.WishPosted.v1`."""
        return f"microwish.{cls.__name__}.v1"

    @property
    def subject_id(self) -> str:
        """The aggregate that this event belongs to."""
        raise NotImplementedError


class UnknownEvent(Exception):
    """The type is not of this release's contracts. Tolerated: its version still counts."""


@dataclass(frozen=True)
class Envelope:
    """One event as it travels. Times are aware, in UTC.

    version: the position in its stream, from 1 (CloudEvents extension `aggregateversion`).
    recorded_at: when it was written, if that differs from `time` (补录: the past is recorded later).
    """

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    version: int
    data: Mapping[str, Any]
    traceparent: str | None = None
    recorded_at: datetime | None = None

    @classmethod
    def of(
        cls,
        event: Event,
        *,
        id: str,
        version: int,
        time: datetime,
        traceparent: str | None = None,
        recorded_at: datetime | None = None,
    ) -> Self:
        """Wrap a payload."""
        return cls(
            id=id,
            type=event.type_name(),
            source=event.source.value,
            subject=event.subject_id,
            time=time,
            version=version,
            data=event.model_dump(mode="json", exclude_none=True),
            traceparent=traceparent,
            recorded_at=recorded_at if recorded_at != time else None,
        )

    @property
    def stream(self) -> tuple[str, str]:
        """(source, subject): the order of versions holds within it."""
        return (self.source, self.subject)

    def payload(self) -> Event:
        """The typed payload.

        Raises: UnknownEvent for a type this release doesn't know; pydantic.ValidationError for a broken payload.
        """
        from microwish.events import EVENTS  # the registry needs all payload modules, which need this one

        model = EVENTS.get(self.type)
        if model is None:
            raise UnknownEvent(self.type)
        return model.model_validate(self.data)


Moment = AwareDatetime
