"""What every page has: who looks at it, forms that come back with their errors, and times."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import Depends
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse

from microwish.identity.guards import optional_person
from microwish.identity.people import Person, Role
from microwish.ids import uuid7
from microwish.web.problems import FieldError, Problem
from microwish.web.texts import page_language
from microwish.web.validation import field_errors
from wish_service.domain.errors import Fault
from wish_service.web.parts import Parts

Visitor = Annotated[Person | None, Depends(optional_person)]
Model = TypeVar("Model", bound=BaseModel)
Errors = dict[str, str]
"""What is wrong, by field."""


_UNREADABLE = "\ufffd"
"""What the reader of forms puts in place of bytes that are no character."""


class Filled(dict[str, Any]):
    """Values or errors of a form as templates read them: a field without any is empty."""

    def __missing__(self, _field: str) -> str:
        return ""


def page(
    request: Request, parts: Parts, template: str, person: Person | None, *, status_code: int = 200, **context: Any
) -> HTMLResponse:
    """The rendered page, with what its frame needs to know of the visitor."""
    is_staff = person is not None and (person.has(Role.STAFF) or person.has(Role.ADMIN))
    forms = {name: Filled(context[name]) for name in ("values", "errors") if name in context}
    seen: dict[str, Any] = {"person": person, "is_staff": is_staff, "fresh_key": uuid7}
    return parts.pages.render(request, template, status_code, **(seen | context | forms))


async def form_of(request: Request) -> dict[str, str]:
    """The text fields of the posted form. Raises: Problem 400 `unreadable` if it isn't UTF-8."""
    async with request.form() as form:  # files that nobody asked for are closed
        texts = {name: value for name, value in form.items() if isinstance(value, str)}
    if any(_UNREADABLE in value for value in texts.values()):
        raise Problem(400, "unreadable")
    return texts


def checked(
    model: type[Model], values: Mapping[str, Any], request: Request, parts: Parts
) -> tuple[Model | None, Errors]:
    """The form as a model, or what is wrong with it. Empty fields count as absent."""
    filled = {name: value for name, value in values.items() if value not in ("", None)}
    try:
        return model.model_validate(filled), {}
    except ValidationError as error:
        catalogue, language = parts.pages.catalogue, page_language(request)
        found = field_errors([dict(finding) for finding in error.errors()], catalogue, language)
        return None, told(found, request, parts)


def told(found: list[FieldError], request: Request, parts: Parts) -> Errors:
    """Field errors by field, in the reader's language; the first of each field."""
    errors: Errors = {}
    for one in found:
        message = one.told(parts.pages.catalogue, page_language(request))
        errors.setdefault(message["field"], message["message"])
    return errors


def told_faults(faults: list[Fault], request: Request, parts: Parts) -> Errors:
    """The domain's findings by field."""
    return told([FieldError(fault.field, fault.problem, fault.values) for fault in faults], request, parts)


_LABELS = {
    name: f"post.{name}" for name in ("title", "category", "detail", "name", "phone", "community", "address")
} | {
    "relation": "post.relation",
    "relation_words": "post.relation_words",
    "value_yuan": "post.value",
    "guardian_name": "post.guardian_name",
    "guardian_relation": "post.guardian_relation",
    "public_title": "desk.public_title",
    "public_detail": "desk.public_detail",
    "reason": "desk.reason_code",
}


def summary(
    errors: Errors, request: Request, parts: Parts, labels: Mapping[str, str] = _LABELS
) -> list[dict[str, str]]:
    """The errors as the kit's summary takes them, each with the name of its field where the message has none.

    labels: the text that names a field on this form.
    """
    text = partial(parts.pages.text, request)
    named = {field: text("form.fault", label=text(labels[field])) for field in errors if field in labels}
    return [{"field": field, "message": named.get(field, "") + message} for field, message in errors.items()]
