"""Requests and answers of joint claims, hand-overs, another handler, and what stalls."""

from datetime import datetime

from pydantic import BaseModel, Field

from adoption_service.use_cases.join_claim import Answer
from adoption_service.views.proposed import Question
from adoption_service.web.schemas import AdoptionOut, Id, PartnerOut, Text


class AskedPartner(BaseModel):
    """The organisation to ask."""

    organisation_id: Id


class PartnershipAnswer(BaseModel):
    """What an organisation says that was asked to join in; a partner leaves by declining."""

    organisation_id: Id
    decision: Answer


class NamedHandler(BaseModel):
    """The member who goes there from now on."""

    person_id: Id


class HandoverProposal(BaseModel):
    """Which organisation is asked to take the adoption over, and why."""

    organisation_id: Id
    reason: Text


class HandoverAnswer(BaseModel):
    """What that organisation says."""

    organisation_id: Id
    decision: Answer
    handler: Id | None = Field(None, description="The member who will go there; by default who accepts.")


class Answered(BaseModel):
    """What was said, and the adoption that the organisation holds by it, where it accepted."""

    decision: Answer
    adoption: AdoptionOut | None = None


class ProposedOut(BaseModel):
    """A question that waits for the organisation's answer."""

    question: Question
    adoption_id: str
    wish_id: str
    title: str | None = Field(description="As on the board; null before it has arrived there.")
    organisation: PartnerOut = Field(description="Who holds it now, and would lead.")
    due_at: datetime
    reason: str | None = Field(None, description="Why staff ask for a hand-over.")


class ProposedList(BaseModel):
    """All questions that wait, hand-overs first."""

    items: list[ProposedOut]
    next_cursor: None = None


class StalledOut(BaseModel):
    """An active adoption past half its term without a progress note since."""

    adoption_id: str
    wish_id: str
    title: str | None = Field(description="As on the board; null before it has arrived there.")
    community: str
    organisation_id: str
    organisation: str
    office_phone: str
    handler_name: str
    half_at: datetime
    due_at: datetime
    days_past: int = Field(description="Whole days since the middle of its term.")
    last_note_at: datetime | None
    handover: PartnerOut | None = Field(description="Who was asked to take it over and has not answered.")


class StalledList(BaseModel):
    """One page of what stalls, the longest past half first."""

    items: list[StalledOut]
    next_cursor: str | None
