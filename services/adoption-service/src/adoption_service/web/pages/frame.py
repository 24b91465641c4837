"""What every page of this service shares: for whom the reader acts, and notices in place of error pages."""

import re
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from adoption_service.domain.errors import Conflict, ContactNotHere, Forbidden, Invalid
from adoption_service.domain.organisation import OrganisationState
from adoption_service.views.organisations import listed
from adoption_service.web.parts import Parts
from adoption_service.web.present_organisation import own_organisation_out
from adoption_service.web.schemas import OrganisationOut
from microwish.identity.people import Person, Role
from microwish.store.refusals import KeyReused
from microwish.web.pages.kit import put_notice, see_other
from microwish.web.texts import page_language
from microwish.web.validation import field_errors

Body = TypeVar("Body", bound=BaseModel)
TOLD = (Conflict, Forbidden, ContactNotHere, KeyReused)
"""Refusals that a notice on the page explains."""
ACTING_COOKIE = "microwish_acting"
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_YEAR_SECONDS = 366 * 24 * 3600


class ActingRoute(APIRoute):
    """A page that remembers, in a cookie, for which organisation its reader chose to act (`?as=`).

    It is a preference only: whether the reader is a member is looked up each time.
    """

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The usual handler, and the cookie on its answer."""
        handle = super().get_route_handler()

        async def remembering(request: Request) -> Response:
            answer = await handle(request)
            chosen = request.query_params.get("as", "")
            if answer.status_code < 400 and _ID.fullmatch(chosen) and chosen != request.cookies.get(ACTING_COOKIE):
                answer.set_cookie(
                    ACTING_COOKIE,
                    chosen,
                    max_age=_YEAR_SECONDS,
                    path="/adopt",
                    secure=request.app.state.settings.cookie_secure,
                    httponly=True,
                    samesite="lax",
                )
            return answer

        return remembering


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
    """For whom the reader acts: what `?as=` names, else what they chose last, else their first verified organisation,
    else their first.
    """
    documents = await parts.organisations.of_member(person.id)
    own = [own_organisation_out(one, parts.sealer, person.id) for one in documents]
    wanted = request.query_params.get("as") or request.cookies.get(ACTING_COOKIE)
    chosen = next((one for one in own if one.id == wanted), None)
    chosen = chosen or next((one for one in own if one.state is OrganisationState.VERIFIED), None)
    is_staff = person.has(Role.STAFF) or person.has(Role.ADMIN)
    waiting = 0
    if is_staff:
        rows, _ = await listed(parts.organisations, to_verify=True, scopes=staff_scopes(person), limit=99)
        waiting = len(rows)
    return Acting(own, chosen or (own[0] if own else None), is_staff, waiting)


def staff_scopes(person: Person) -> list[str] | None:
    """The prefixes that a person serves; None for all of them."""
    return None if person.has(Role.ADMIN) else list(person.communities)


def labelled(request: Request, parts: Parts, fault: dict[str, str]) -> str:
    """What is wrong, after the name of the field; a fault of several fields together speaks for itself."""
    key = f"adopt.f.{fault['field'].replace('.', '_').removesuffix('_id')}"
    label = parts.pages.text(request, key) + "：" if key in parts.pages.catalogue else ""
    return f"{label}{fault['message']}"


def wrong(request: Request, parts: Parts, url: str, fault: dict[str, str] | str) -> Response:
    """Lead back to a page, saying what is wrong with the form: one of its faults, or a text of the catalogue."""
    answer = see_other(url)
    said = parts.pages.text(request, fault) if isinstance(fault, str) else labelled(request, parts, fault)
    put_notice(request, answer, said, "problem")
    return answer


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
