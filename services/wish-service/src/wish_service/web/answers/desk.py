"""Answers for staff: whom a wish is for, who read that, what waits for review, and what there is to do."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from microwish.events import Category
from microwish.events.base import Role as Capacity
from microwish.events.wish import TaskKind
from wish_service.domain.reasons import ReasonFor
from wish_service.domain.states import Status
from wish_service.web.answers.base import Answer, Listed, Place


class Guardian(Answer):
    """Who agreed for a child."""

    name: str
    relation: str


class Contact(Answer):
    """How to reach the resident."""

    name: str
    phone: str
    address: str
    guardian: Guardian | None = None


class Visitor(Answer):
    """Who comes to the door."""

    handler: str | None
    office_phone: str | None
    door_code: str | None


class WhomToCall(Answer):
    """Whom to call for a task, and who comes where that is what they have to be told."""

    name: str
    phone: str
    address: str
    visitor: Visitor | None


class Reader(Answer):
    """Who read a contact."""

    role: Capacity
    name: str | None
    organisation: str | None


class Reading(Answer):
    """One reading of a contact."""

    at: datetime
    reader: Reader
    adoption_id: str | None


class AccessLog(Listed):
    """Every reading, the newest first."""

    items: list[Reading]


class Reviewer(Answer):
    """Who has a wish for review, and until when."""

    name: str | None
    until: datetime
    mine: bool


class WaitingWish(Answer):
    """A wish that waits for review."""

    id: str
    title: str
    category: Category
    community: Place
    on_behalf: bool
    submitted_at: datetime
    due_at: datetime
    overdue: bool
    version: int
    review: Reviewer | None


class ReviewQueue(Listed):
    """What waits for review, the longest waiting first."""

    items: list[WaitingWish]


class NextReview(Answer):
    """What to review next, if anything."""

    item: WaitingWish | None


class Approval(Answer):
    """What became of one of several approvals."""

    wish_id: str
    outcome: Literal["approved", "refused"]
    code: str | None


class ApprovalsDone(Answer):
    """What became of each."""

    items: list[Approval]


class ReasonToChoose(Answer):
    """A reason to choose, and what the resident reads."""

    decision: ReasonFor
    code: str
    zh: str
    en: str


class Reasons(Listed):
    """The catalogue of reasons."""

    items: list[ReasonToChoose]


class TaskWish(Answer):
    """The wish of a task; its id alone once the wish is gone."""

    id: str
    title: str | None = None
    status: Status | None = None
    community: Place | None = None
    contact_masked: dict[Literal["name", "phone"], str] | None = None
    erased: bool | None = Field(default=None, description="Its resident was forgotten: there is nobody to call.")
    adoption_id: str | None = None
    organisation: str | None = None


class Task(Answer):
    """Something for staff to do."""

    id: str
    kind: TaskKind
    state: Literal["open", "done"]
    about: str | None
    community: Place
    wish: TaskWish
    opened_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    note: str | None


class Tasks(Listed):
    """Open tasks, the oldest first."""

    items: list[Task]
