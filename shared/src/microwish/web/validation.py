"""From pydantic's findings to what a person can act on: field paths and messages in their language."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from microwish.web.texts import Catalogue, Language, UnknownText

_PLACES = frozenset({"body", "query", "path", "header", "cookie"})
_UNREADABLE = frozenset({"json_invalid", "json_type"})
_MAX_ERRORS = 50


@dataclasses.dataclass(frozen=True, slots=True)
class FieldError:
    """One field at fault. `message` is a text for the person, or a key of the catalogue with its `values`."""

    field: str
    message: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def told(self, catalogue: Catalogue, language: Language) -> dict[str, str]:
        """The form it has in the answer."""
        text = self.message
        if text in catalogue:
            text = catalogue.text(text, language, **self.values)
        return {"field": self.field, "message": text}


def is_unreadable(findings: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the body wasn't JSON at all, so that no field can be named."""
    return any(finding.get("type") in _UNREADABLE for finding in findings)


def field_errors(findings: Sequence[Mapping[str, Any]], catalogue: Catalogue, language: Language) -> list[FieldError]:
    """Pydantic's findings (`errors()`) as field errors, at most 50; the input itself is never repeated."""
    return [_field_error(finding, catalogue, language) for finding in findings[:_MAX_ERRORS]]


def field_path(location: Sequence[str | int]) -> str:
    """`("body", "contact", "phone")` → `contact.phone`; the whole body is `body`."""
    inner = location[1:] if location and location[0] in _PLACES else location
    return ".".join(str(part) for part in inner) or "body"


def _field_error(finding: Mapping[str, Any], catalogue: Catalogue, language: Language) -> FieldError:
    context = dict(finding.get("ctx") or {})
    key = _message_key(str(finding.get("type", "")), context.get("error"), catalogue)
    try:
        message = catalogue.text(key, language, **context) if context else catalogue.text(key, language)
    except UnknownText:
        message = catalogue.text("field.invalid", language)
    return FieldError(field_path(finding.get("loc", ())), message)


def _message_key(kind: str, error: object, catalogue: Catalogue) -> str:
    own = getattr(error, "code", None)
    for key in (f"field.{own}", f"field.{error}", str(error), f"field.{kind}"):
        if error is None and key != f"field.{kind}":
            continue
        if key in catalogue:
            return key
    return "field.invalid"
