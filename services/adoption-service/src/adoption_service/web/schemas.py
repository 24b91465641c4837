"""What requests and answers look like. Texts are trimmed and cleaned; times are RFC 3339 in UTC."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints, model_validator

from adoption_service.domain.adoption import AdoptionState
from adoption_service.domain.organisation import OrganisationState, Verdict
from microwish.events import Category
from microwish.events.adoption import FollowNotice, MemberRole, OrganisationKind, RevocationCause
from microwish.privacy.phones import normalise_phone
from microwish.privacy.uscc import check_uscc, scope_of
from microwish.web.cleaning import cleaned, one_line, printable


def area(code: str) -> str:
    """A division code as a prefix: without the zeros that stand for "all of it".

    `310117000000` → `310117`, `310000` → `31`.
    """
    while len(code) in {9, 12} and code.endswith("000"):
        code = code[:-3]
    while len(code) in {4, 6} and code.endswith("00"):
        code = code[:-2]
    return code


Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Prefix = Annotated[
    str, StringConstraints(pattern=r"^[1-9][0-9]([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?$"), AfterValidator(area)
]
Name = Annotated[str, BeforeValidator(cleaned(one_line)), StringConstraints(min_length=1, max_length=60)]
PersonName = Annotated[str, BeforeValidator(cleaned(one_line)), StringConstraints(min_length=1, max_length=30)]
Phone = Annotated[str, StringConstraints(max_length=40), AfterValidator(normalise_phone)]
Text = Annotated[str, BeforeValidator(cleaned(printable)), StringConstraints(min_length=1, max_length=500)]
BranchId = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9-]{4,40}$")]
Uscc = Annotated[str, StringConstraints(max_length=40), AfterValidator(check_uscc)]


class Contact(BaseModel):
    """Whom to call; the name is also the manager's."""

    name: PersonName
    phone: Phone


class Registration(BaseModel):
    """An organisation that wants to take part."""

    name: Name
    kind: OrganisationKind
    uscc: Uscc | None = None
    branch_id: BranchId | None = Field(None, description="For a Party branch without a credit code.")
    contact: Contact
    scope: Prefix | None = Field(None, description="Division-code prefix; by default that of the credit code.")

    @model_validator(mode="after")
    def _identified_once(self) -> Self:
        if (self.uscc is None) == (self.branch_id is None):
            raise ValueError("field.uscc_or_branch")
        if self.uscc is None and self.scope is None:
            raise ValueError("field.scope_needed")
        if not self.area:
            raise ValueError("field.scope_needed")
        return self

    @property
    def area(self) -> str:
        """The scope given, or that of the credit code."""
        return self.scope or (scope_of(self.uscc) if self.uscc else "")


class Verification(BaseModel):
    """What staff decide of an organisation."""

    decision: Verdict
    reason: Text | None = None


class NewMember(BaseModel):
    """A person who has signed in once, found by phone."""

    phone: Phone
    role: MemberRole
    name: PersonName | None = Field(None, description="As the resident will read it.")


class Following(BaseModel):
    """Which new wishes an organisation is told of. No categories: all of them."""

    communities: list[Prefix] = Field(max_length=50)
    categories: list[Category] = Field(default_factory=list, max_length=len(Category))
    notify: FollowNotice


class Claim(BaseModel):
    """Claim a wish for an organisation."""

    wish_id: Id
    organisation_id: Id
    handler: Id | None = Field(None, description="The member who will go there; by default who claims.")


class Progress(BaseModel):
    """How far it is."""

    note: Text


class Delivery(BaseModel):
    """It was brought."""

    note: Text | None = None


class Reason(BaseModel):
    """Why."""

    reason: Text


class MemberOut(BaseModel):
    """A member, as other members see it."""

    person_id: str
    role: MemberRole
    name: str


class OrganisationOut(BaseModel):
    """An organisation. The fields from `scope` on are there for its members and for staff only."""

    id: str
    name: str
    kind: OrganisationKind
    state: OrganisationState
    scope: str | None = None
    uscc: str | None = None
    branch_id: str | None = None
    contact: dict[str, str] | None = None
    following: Following | None = None
    members: list[MemberOut] | None = None
    role: MemberRole | None = None
    reason: str | None = Field(None, description="Why staff refused or suspended it, while they do.")


class OrganisationsOut(BaseModel):
    """One page of organisations."""

    items: list[OrganisationOut]
    next_cursor: str | None


class NoteOut(BaseModel):
    """A progress note."""

    at: datetime
    note: str


class AdoptionOut(BaseModel):
    """An adoption, as members of its organisation and staff of the community see it."""

    id: str
    wish_id: str
    organisation_id: str
    organisation: str
    state: AdoptionState
    claimed_at: datetime
    due_at: datetime
    extended: bool
    handler_id: str
    handler_name: str
    delivered_at: datetime | None = None
    delivery_note: str | None = None
    progress: list[NoteOut] = []
    ended_at: datetime | None = None
    cause: RevocationCause | None = Field(None, description="What took it back.")
    reason: str | None = Field(None, description="Why it was taken back, let go, or disputed last.")
    thanks: str | None = Field(None, description="The resident's word, once it came true.")
    needs_attention: bool = False


class AdoptionsOut(BaseModel):
    """One page of adoptions."""

    items: list[AdoptionOut]
    next_cursor: str | None


class ContactOut(BaseModel):
    """How to reach the resident, and the code to say at the door."""

    name: str | None
    phone: str | None
    address: str | None
    door_code: str


class CommunityOut(BaseModel):
    """Where it is."""

    code: str
    name: str


class HolderOut(BaseModel):
    """Who holds a slot."""

    organisation_id: str
    name: str
    kind: str


class BoardWish(BaseModel):
    """A wish on the board."""

    id: str
    title: str
    detail: str
    category: Category
    community: CommunityOut
    status: str
    slots: int
    held: int
    free: int
    holders: list[HolderOut]
    posted_at: datetime


class BoardOut(BaseModel):
    """One page of the board."""

    items: list[BoardWish]
    next_cursor: str | None
