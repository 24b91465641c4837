"""Answers about a wish: for everybody, for its resident, for staff; and what happened to it."""

from datetime import datetime

from pydantic import Field

from microwish.events import Category
from microwish.events.adoption import OrganisationKind
from microwish.events.base import Role as Capacity
from wish_service.domain.adoptions import AdoptionState
from wish_service.domain.hints import Reason as HintReason
from wish_service.domain.photos import PhotoState
from wish_service.domain.states import Status
from wish_service.web.answers.base import Answer, Listed, Place


class Partner(Answer):
    """An organisation that holds a slot together with another."""

    organisation_id: str
    name: str
    kind: OrganisationKind


class Holder(Answer):
    """An organisation that holds a slot, alone or as the one that leads."""

    organisation_id: str
    name: str
    kind: OrganisationKind
    partners: list[Partner] = Field(description="Who holds the same slot together with it.")


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
    erased: bool = Field(description="Its resident asked to be forgotten.")
    review_due_at: datetime | None = Field(description="By when its review is promised, while it waits for it.")
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
    recommended: list[str] = Field(description="The organisations that it was recommended to, the first first.")


KnownWish = OwnWish | StaffWish
AnyWish = PublicWish | OwnWish | StaffWish


class PublicLine(Answer):
    """What happened, without persons and reasons."""

    at: datetime
    what: str
    organisation: str | None


class KnownLine(PublicLine):
    """What happened, for the resident and staff. recorded_*: when the past was recorded later, and by whom.

    organisation_id: whom the wish was recommended to; `organisation` is its name where it has held the wish.
    """

    role: Capacity
    organisation_id: str | None
    why: str | None
    reason_code: str | None
    difference: Difference | None
    recorded_at: datetime | None
    recorded_by: str | None


class Timeline(Listed):
    """What happened, the first first."""

    items: list[PublicLine] | list[KnownLine]


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
