"""What requests about members and facts of an organisation look like, and its timeline."""

from datetime import datetime
from typing import Self

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from adoption_service.web.schemas import Contact, Id, Name, PersonName, Phone, Prefix, Text
from microwish.events import Role
from microwish.events.adoption import MemberRole


class NewManager(BaseModel):
    """Who manages it: a member to whom a manager hands the role on, or who staff name by phone, with a reason."""

    person_id: Id | None = None
    phone: Phone | None = None
    name: PersonName | None = Field(None, description="As the resident will read it; with `phone`.")
    reason: Text | None = Field(None, description="Why staff name somebody; with `phone`.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.person_id is None) == (self.phone is None):
            raise ValueError("field.person_or_phone")
        if self.phone is not None and self.reason is None:
            raise ValueError("field.reason_of_staff")
        return self


class Facts(BaseModel):
    """What is to be different; what is left out stays."""

    name: Name | None = None
    scope: Prefix | None = None
    contact: Contact | None = None


class LiftedLimit(BaseModel):
    """How many adoptions past half their term it may have and still claim, until when, and why."""

    allowed: int = Field(ge=0, le=1000)
    until: AwareDatetime
    reason: Text


class TimelineLine(BaseModel):
    """What was done with the organisation, in which capacity, when and why. who: the member it is about, by name."""

    at: datetime
    what: str
    by: Role
    who: str | None = None
    role: MemberRole | None = None
    why: str | None = None
    fields: list[str] | None = None
    allowed: int | None = None
    recorded_at: datetime | None = None


class TimelineOut(BaseModel):
    """Everything that was done with it, the oldest first."""

    items: list[TimelineLine]
