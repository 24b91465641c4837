"""What every page of this service shares: for whom the reader acts, and notices in place of error pages."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from adoption_service.domain.errors import Conflict, ContactNotHere, Forbidden, Invalid
from adoption_service.domain.organisation import OrganisationState
from adoption_service.views.organisations import listed
from adoption_service.web.parts import Parts
from adoption_service.web.present import own_organisation_out
from adoption_service.web.schemas import OrganisationOut
from microwish.identity.people import Person, Role
from microwish.store.refusals import KeyReused
from microwish.web.pages.kit import put_notice, see_other
from microwish.web.texts import page_language
from microwish.web.validation import field_errors

Body = TypeVar("Body", bound=BaseModel)
TOLD = (Conflict, Forbidden, ContactNotHere, KeyReused)
"""Refusals that a notice on the page explains."""


@dataclass(frozen=True)
class Acting:
    """The reader, the organisations they act for, the one chosen, and how many organisations wait for them as staff."""

    organisations: list[OrganisationOut]
    chosen: OrganisationOut | None
    is_staff: bool
    to_verify: int

    @property
    def may_claim(self) -> bool:
        """Whether the chosen organisation is verified."""
        return self.chosen is not None and self.chosen.state is OrganisationState.VERIFIED


async def acting(request: Request, person: Person, parts: Parts) -> Acting:
    """For whom the reader acts: what `?as=` names, else their first verified organisation, else their first."""
    documents = await parts.organisations.of_member(person.id)
    own = [own_organisation_out(one, parts.sealer, person.id) for one in documents]
    wanted = request.query_params.get("as")
    chosen = next((one for one in own if one.id == wanted), None)
    chosen = chosen or next((one for one in own if one.state is OrganisationState.VERIFIED), None)
    is_staff = person.has(Role.STAFF) or person.has(Role.ADMIN)
    waiting = 0
    if is_staff:
        rows, _ = await listed(
            parts.organisations, state=OrganisationState.PENDING, scopes=staff_scopes(person), limit=99
        )
        waiting = len(rows)
    return Acting(own, chosen or (own[0] if own else None), is_staff, waiting)


def staff_scopes(person: Person) -> list[str] | None:
    """The prefixes that a person serves; None for all of them."""
    return None if person.has(Role.ADMIN) else list(person.communities)


async def done_or_told(request: Request, parts: Parts, work: Awaitable[Any], url: str, done: str) -> Response:
    """Do it and lead to `url`, saying that it is done, or why it could not be."""
    answer = see_other(url)
    try:
        await work
    except TOLD as refused:
        put_notice(request, answer, told(request, parts, refused.code), "problem")
    except Invalid as invalid:
        put_notice(request, answer, parts.pages.text(request, invalid.message), "problem")
    else:
        put_notice(request, answer, parts.pages.text(request, done))
    return answer


def told(request: Request, parts: Parts, code: str) -> str:
    """A refusal in one or two sentences."""
    if f"problem.{code}" not in parts.pages.catalogue:
        return parts.pages.text(request, "problem.conflict")
    return parts.pages.text(request, f"problem.{code}")


@dataclass(frozen=True)
class Form:
    """A submitted form: its texts as they were typed, and what is wrong with them."""

    values: dict[str, str]
    errors: list[dict[str, str]]

    def error(self, field: str) -> str:
        """What is wrong with a field, or nothing."""
        return next((one["message"] for one in self.errors if one["field"] == field), "")


EMPTY = Form({}, [])


async def form_values(request: Request) -> dict[str, str]:
    """The texts of a form; empty ones are left out."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str) and value.strip()}


def checked(request: Request, parts: Parts, model: type[Body], body: object) -> Body | list[dict[str, str]]:
    """The body, or its faults in the reader's language."""
    try:
        return model.model_validate(body)
    except ValidationError as invalid:
        language = page_language(request)
        findings = [dict(one) | {"loc": ("body", *one["loc"])} for one in invalid.errors()]
        errors = field_errors(findings, parts.pages.catalogue, language)
        return [error.told(parts.pages.catalogue, language) for error in errors]
