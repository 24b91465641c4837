"""What requests and answers look like. Texts are trimmed and cleaned; times are RFC 3339 in UTC."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

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
    change_id: Id | None = Field(None, description="The change of name or area that the verdict is about.")


class NewMember(BaseModel):
    """A person, found by phone; one who has not signed in yet is invited, and then needs a name."""

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
    partners: list[Id] = Field(
        default_factory=list, max_length=10, description="Organisations asked to hold it together with this one."
    )

    @field_validator("partners")
    @classmethod
    def _each_another(cls, partners: list[str], info: ValidationInfo) -> list[str]:
        if len({*partners, info.data.get("organisation_id")}) <= len(partners):
            raise ValueError("field.partners_distinct")
        return partners


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


class InvitationOut(BaseModel):
    """An invitation that waits; managers alone see them."""

    id: str
    phone_masked: str
    name: str
    role: MemberRole
    invited_at: datetime
    expires_at: datetime


class LimitOut(BaseModel):
    """How many adoptions past half their term staff allow it, until when."""

    allowed: int
    until: datetime


class ChangeOut(BaseModel):
    """Another name or area that waits for staff."""

    id: str
    name: str
    scope: str


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
    change: ChangeOut | None = None
    change_refused: str | None = Field(None, description="Why staff refused its last change of name or area.")
    limit: LimitOut | None = None
    invitations: list[InvitationOut] | None = None
    without_manager: bool | None = Field(None, description="Nobody manages it any more: staff name somebody.")


class OrganisationsOut(BaseModel):
    """One page of organisations."""

    items: list[OrganisationOut]
    next_cursor: str | None


class NoteOut(BaseModel):
    """A progress note."""

    at: datetime
    note: str
    organisation: str | None = Field(None, description="The partner that wrote it; absent of the one that leads.")


class PartnerOut(BaseModel):
    """An organisation as the public knows it."""

    id: str
    name: str
    kind: OrganisationKind


class HandoverOut(BaseModel):
    """Staff ask another organisation to take the adoption over."""

    organisation_id: str
    organisation: str
    reason: str | None
    proposed_at: datetime


class AdoptionOut(BaseModel):
    """An adoption, as members of the organisations that hold it and staff of the community see it."""

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
    partners: list[PartnerOut] = Field([], description="Who holds it together with the organisation, which leads.")
    asked: list[PartnerOut] = Field([], description="Who was asked to join in and has not answered.")
    handover: HandoverOut | None = Field(None, description="The open question whether another takes it over.")


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
