"""What requests hold. Texts are trimmed; phones are normalised; money is in fen (1/100 yuan)."""

import re
from dataclasses import replace
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from microwish.events import Category
from microwish.privacy.phones import is_mobile, normalise_phone
from microwish.web.cleaning import cleaned, one_line, printable
from wish_service.domain.consents import NOT_RECORDED, ConsentBasis, Consents
from wish_service.domain.wish import ANONYMOUS
from wish_service.store.seals import OpenContact
from wish_service.use_cases.review_wish import ReviewDecision


def _text(longest: int, *, shortest: int = 1) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=shortest, max_length=longest)


class MobileNeeded(ValueError):
    """A landline, where an SMS has to arrive."""

    code = "mobile_needed"


def _mobile(digits: str) -> str:
    if not is_mobile(digits):
        raise MobileNeeded(digits)
    return digits


_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _as_written(value: object) -> object:
    # Numbers would be taken for seconds since 1970.
    if (isinstance(value, str) and not _ISO_DAY.fullmatch(value)) or isinstance(value, int | float):
        raise ValueError("field.date_parsing")
    return value


IsoDay = Annotated[date, BeforeValidator(_as_written)]
"""A day as RFC 3339 writes it, such as 2026-02-17."""
Phone = Annotated[str, StringConstraints(min_length=1, max_length=32), AfterValidator(normalise_phone)]
Mobile = Annotated[Phone, AfterValidator(_mobile)]
Title = Annotated[str, BeforeValidator(cleaned(one_line)), _text(60)]
Detail = Annotated[str, BeforeValidator(cleaned(printable)), _text(600, shortest=0)]
Reason = Annotated[str, BeforeValidator(cleaned(printable)), _text(300)]
Words = Annotated[str, BeforeValidator(cleaned(one_line)), _text(40)]
ReasonCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
AdoptionId = Annotated[str, _text(64)]
Version = Annotated[int, Field(ge=1, le=2**31)]
"""How many events had told of the wish when it was read."""
CampaignOfWish = Annotated[str, _text(64)]
Division = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$")]
CommunityOfWish = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
Name = Annotated[str, BeforeValidator(cleaned(one_line)), _text(30)]
Address = Annotated[str, BeforeValidator(cleaned(one_line)), _text(120)]
Relation = Annotated[str, BeforeValidator(cleaned(one_line)), _text(20)]
PublicName = Annotated[str, BeforeValidator(cleaned(one_line)), _text(12)]
Slots = Annotated[int, Field(ge=1, le=200)]
Fen = Annotated[int, Field(ge=0, le=100_000_000)]


class Body(BaseModel):
    """Base of request bodies."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class AskCode(Body):
    """A phone that wants to sign in."""

    phone: Mobile


class OpenSession(Body):
    """A code, as it came to the phone."""

    challenge_id: Annotated[str, _text(64)]
    code: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{6}$")]


class ContactIn(Body):
    """How to reach the resident: a mobile, or a landline with its area code."""

    name: Name
    phone: Phone
    address: Address

    def opened(self) -> OpenContact:
        """The contact as the use cases take it."""
        return OpenContact(self.name, self.phone, self.address)


class Beneficiary(Body):
    """For whom the wish is, if not for the resident: a code of the catalogue (`Relation`), or a word or two."""

    relation: Relation
    under_14: bool = False


class GuardianIn(Body):
    """Who agrees for a child under 14, or for whom somebody else decides: name, and relation to them."""

    name: Name
    relation: Relation


class ConsentsIn(Body):
    """What the resident agreed to, each by itself: publishing, sensitive data, and for a child under 14 a guardian."""

    publishing: bool
    sensitive: bool
    guardian: bool = False


class OnBehalf(Body):
    """Staff write for somebody who has agreed to it. basis: how they know; absent, it is to be asked before review."""

    basis: ConsentBasis | None = None
    note: Annotated[str, BeforeValidator(cleaned(printable)), _text(200, shortest=0)] = ""


class NewWish(Body):
    """A wish as a resident, or staff on their behalf, writes it."""

    title: Title
    detail: Detail = ""
    category: Category
    community: CommunityOfWish
    contact: ContactIn
    beneficiary: Beneficiary | None = None
    slots: Slots = 1
    estimated_value_fen: Fen | None = None
    on_behalf: OnBehalf | bool | None = None
    consents: ConsentsIn | None = None
    guardian: GuardianIn | None = None
    public_name: PublicName = ANONYMOUS
    campaign: CampaignOfWish | None = None

    @property
    def is_on_behalf(self) -> bool:
        """Whether staff write for somebody else."""
        return self.on_behalf is not None and self.on_behalf is not False

    def agreed(self) -> Consents:
        """What was agreed to and how that is known, texts in clear."""
        given, told, guardian = self.consents, self.on_behalf, self.guardian
        consents = Consents(given.publishing, given.sensitive, given.guardian) if given else NOT_RECORDED
        if isinstance(told, OnBehalf):
            consents = replace(consents, basis=told.basis.value if told.basis else None, note=told.note or None)
        if guardian:
            consents = replace(consents, guardian_name=guardian.name, guardian_relation=guardian.relation)
        return consents


class WishChange(Body):
    """What its resident changes; absent fields stay."""

    title: Title | None = None
    detail: Detail | None = None
    category: Category | None = None
    slots: Slots | None = None
    estimated_value_fen: Fen | None = None
    contact: ContactIn | None = None
    campaign: CampaignOfWish | None = None


class Review(Body):
    """A decision of staff; a reason, of the catalogue or in words or both, is needed to return or reject.

    version: of the wish as it was read; 409 `changed_meanwhile` if it was revised since.
    """

    decision: ReviewDecision
    reason: Reason | None = None
    reason_code: ReasonCode | None = None
    public_title: Title | None = None
    public_detail: Detail | None = None
    campaign: CampaignOfWish | None = None
    version: Version | None = None


class WithPerhapsReason(Body):
    """A reason that may be left out."""

    reason: Reason | None = None


class Confirmation(Body):
    """It has arrived. note: how staff know it, when they confirm on somebody's behalf."""

    adoption_id: AdoptionId
    thanks: Reason | None = None
    note: Reason | None = None


class Dispute(Body):
    """It has not arrived."""

    adoption_id: AdoptionId
    reason: Reason


class Merge(Body):
    """The wish that goes on."""

    into: Annotated[str, _text(64)]


class NewStaff(Body):
    """Whom to let serve which divisions; an empty list ends it."""

    phone: Mobile
    communities: Annotated[list[Division], Field(max_length=100)]
    name: Name | None = None
