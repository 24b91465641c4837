"""What answers hold, for the API's documentation (design, section 8).

Nothing is checked or copied while the service answers, for speed: that every answer is as it says here is shown by
`tests/integration/test_contract.py`, which also refuses fields that aren't named here. Readers should bear more.
Times are RFC 3339 in UTC, days are `2026-02-17`, ids are UUIDs, money is in fen.
"""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from microwish.events import Category
from microwish.events.adoption import OrganisationKind
from microwish.events.base import Role as Capacity
from microwish.events.wish import CampaignColour, TaskKind
from microwish.identity.people import Role
from wish_service.domain.adoptions import AdoptionState
from wish_service.domain.campaign import CampaignState
from wish_service.domain.hints import Reason as HintReason
from wish_service.domain.photos import PhotoState
from wish_service.domain.reasons import ReasonFor
from wish_service.domain.states import Status


class Answer(BaseModel):
    """Base of answers."""


def answers(by_default: Any, status: int = 200, **others: Any) -> dict[str, Any]:
    """What a route's decorator takes to say what it answers: `status_code` and the model, or models that it may be.

    others: further statuses by name, such as `accepted_202=ImportAccepted`.
    """
    told = {status: {"model": by_default}}
    told |= {int(name.rpartition("_")[2]): {"model": model} for name, model in others.items()}
    return {"status_code": status, "response_model": None, "responses": told}


class Listed(Answer):
    """Base of lists: the cursor leads to the next page; null on the last."""

    next_cursor: str | None


class Place(Answer):
    """A division by its code; the name is null where it is not known any more."""

    code: str
    name: str | None


class Challenge(Answer):
    """A code is on its way to the phone."""

    challenge_id: str
    expires_in: int = Field(description="Seconds.")


class SignedIn(Answer):
    """Who signed in."""

    id: str
    phone_masked: str
    roles: list[Role]


class Session(Answer):
    """A token, to be sent as `Authorization: Bearer`."""

    token: str
    person: SignedIn


class Me(SignedIn):
    """Who the token names; the divisions that they serve as staff."""

    communities: list[str]


class KeySet(Answer):
    """The public keys that sign sessions (RFC 7517)."""

    keys: list[dict[str, str]]


class Holder(Answer):
    """An organisation that holds a slot."""

    organisation_id: str
    name: str
    kind: OrganisationKind


class PhotoLinks(Answer):
    """A photo and where it is."""

    id: str
    url: str
    thumbnail_url: str


class KnownPhoto(PhotoLinks):
    """A photo for its resident and staff; only approved ones are for everybody."""

    state: PhotoState
    width: int
    height: int


class _AnyWish(Answer):
    id: str
    title: str
    detail: str
    category: Category
    community: Place
    public_name: str
    status: Status
    slots: int
    held: int
    holders: list[Holder]
    ended_at: datetime | None
    campaign: str | None
    version: int


class PublicWish(_AnyWish):
    """A wish for everybody: no person, no id of one."""

    posted_at: datetime
    photos: list[PhotoLinks]


class PublicWishes(Listed):
    """A page of the wall."""

    items: list[PublicWish]


class Words(Answer):
    """The resident's own words."""

    title: str
    detail: str


class MaskedContact(Answer):
    """How to reach the resident, masked."""

    name: str
    phone: str
    address: str


class Adoption(Answer):
    """One organisation's hold on the wish."""

    id: str
    organisation_id: str
    organisation: str
    kind: OrganisationKind
    state: AdoptionState
    claimed_at: datetime
    due_at: datetime
    delivered_at: datetime | None
    confirmed_at: datetime | None
    handler: str | None
    office_phone: str | None
    note: str | None


class OwnAdoption(Adoption):
    """The same for the resident, with the code that who comes to the door must know."""

    door_code: str | None


class _KnownWish(_AnyWish):
    original: Words
    beneficiary: str | None
    relation: str | None
    under_14: bool
    without_account: bool
    estimated_value_fen: int | None
    on_behalf: bool
    contact_masked: MaskedContact
    submitted_at: datetime
    posted_at: datetime | None
    merged_into: str | None
    reason: str | None
    reason_code: str | None
    photos: list[KnownPhoto]


class OwnWish(_KnownWish):
    """A wish for its resident."""

    adoptions: list[OwnAdoption]


class ConsentsKnown(Answer):
    """What was agreed to, and how that is known."""

    publishing: bool | None
    sensitive: bool | None
    guardian: bool | None
    guardian_name_masked: str | None
    guardian_relation: str | None
    basis: str | None
    note: str | None
    recorded_by: str | None
    recorded_at: datetime | None


class Hint(Answer):
    """A phrase that could make somebody a target."""

    field: str
    reason: HintReason
    phrase: str


class Piece(Answer):
    """A piece of a text that staff changed, and what became of it."""

    fate: str
    text: str


Difference = dict[str, list[Piece]]


class StaffWish(_KnownWish):
    """A wish for staff of its community."""

    adoptions: list[Adoption]
    consents: ConsentsKnown
    hints: list[Hint]
    difference: Difference | None


KnownWish = OwnWish | StaffWish
AnyWish = PublicWish | OwnWish | StaffWish


class PublicLine(Answer):
    """What happened, without persons and reasons."""

    at: datetime
    what: str
    organisation: str | None


class KnownLine(PublicLine):
    """What happened, for the resident and staff. recorded_*: when the past was recorded later, and by whom."""

    role: Capacity
    why: str | None
    reason_code: str | None
    difference: Difference | None
    recorded_at: datetime | None
    recorded_by: str | None


class Timeline(Listed):
    """What happened, the first first."""

    items: list[PublicLine] | list[KnownLine]


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


class Reason(Answer):
    """A reason to choose, and what the resident reads."""

    decision: ReasonFor
    code: str
    zh: str
    en: str


class Reasons(Listed):
    """The catalogue of reasons."""

    items: list[Reason]


class TaskWish(Answer):
    """The wish of a task; its id alone once the wish is gone."""

    id: str
    title: str | None = None
    status: Status | None = None
    community: Place | None = None
    contact_masked: dict[Literal["name", "phone"], str] | None = None
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


class SimilarWish(Answer):
    """An open wish that says much the same."""

    id: str
    title: str
    detail: str
    category: Category
    status: Status
    score: float = Field(ge=0, le=1)
    published: bool
    own: bool


class SimilarWishes(Listed):
    """Similar wishes, the most similar first."""

    items: list[SimilarWish]


class Member(Answer):
    """Who serves which divisions."""

    id: str
    phone_masked: str
    name: str | None
    communities: list[Place]


class Staff(Listed):
    """Everybody who serves some division."""

    items: list[Member]


class Campaign(Answer):
    """A campaign; `state` is that of today."""

    id: str
    name: str
    colour: CampaignColour
    text: str
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    scope: Place
    state: CampaignState


class Campaigns(Listed):
    """Campaigns, the one that starts last first."""

    items: list[Campaign]
