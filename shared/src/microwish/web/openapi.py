"""What the OpenAPI document says of every operation without its saying so: how it refuses, and who may ask.

Every error is an RFC 9457 problem (`web.problems`), so routes declare none of them; whether one has to sign in is read
from the guards that stand before the route.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from typing_extensions import override

from microwish.identity.guards import SESSION_COOKIE, needs_person, optional_person
from microwish.web.problems import MEDIA_TYPE

WRITING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PROBLEMS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("Unreadable", "Not JSON, not UTF-8, or a malformed Idempotency-Key."),
    401: ("SignedOut", "Not signed in, or the session has ended."),
    403: ("Forbidden", "Signed in, but somebody else has to do this."),
    404: ("NotFound", "It doesn't exist, or isn't for the caller to see."),
    409: ("Conflict", "The situation has changed; `code` says how."),
    413: ("TooLarge", "More than is taken."),
    422: ("Invalid", "`errors` names each field at fault; or `code` says what is wrong."),
    429: ("TooMany", "Too many requests; Retry-After says how long to wait."),
    503: ("Unavailable", "Busy or away for some seconds; nothing was changed."),
}
"""Name and meaning of every status with which an operation may refuse."""
_ONLY_WRITING = frozenset({400, 409, 413})
_RETRY = {"Retry-After": {"description": "Seconds to wait.", "required": True, "schema": {"type": "integer"}}}
PROBLEM: Final[dict[str, Any]] = {
    "title": "Problem",
    "description": "RFC 9457. `code` is stable; texts are in the caller's language. Some codes add members.",
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_SCHEMES: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "The pages' cookie. Writing by it needs X-CSRF-Token as well.",
    },
}
_SIGNED_IN: list[dict[str, list[str]]] = [{name: []} for name in _SCHEMES]
_EVENT: dict[str, Any] = {
    "type": "object",
    "description": "A server-sent event (WHATWG HTML); `data` is JSON.",
    "properties": {name: {"type": "string"} for name in ("event", "data", "id")} | {"retry": {"type": "integer"}},
}
_UNUSED = ("HTTPValidationError", "ValidationError")


class DocumentedApp(FastAPI):
    """An application whose document declares its problems and its sign-in."""

    @override
    def openapi(self) -> dict[str, Any]:
        """The document, made once and again when a route was added."""
        document = super().openapi()
        if "Problem" not in document.setdefault("components", {}).setdefault("schemas", {}):
            _complete(document, self)
        return document


def operations(app: FastAPI) -> Iterator[tuple[str, str, Dependant]]:
    """Every documented operation: method, path, what stands before it."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute) and context.include_in_schema:
            for method in context.methods or ():
                yield method, str(context.path_format), context.dependant


def dependencies(dependant: Dependant) -> Iterator[object]:
    """What is called before it, and before that."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from dependencies(inner)


def _complete(document: dict[str, Any], app: FastAPI) -> None:
    components = document["components"]
    components["schemas"]["Problem"] = PROBLEM
    for unused in _UNUSED:
        components["schemas"].pop(unused, None)
    components["responses"] = {name: _response(status, meaning) for status, (name, meaning) in PROBLEMS.items()}
    components["securitySchemes"] = _SCHEMES
    for method, path, dependant in operations(app):
        operation = document["paths"][path][method.lower()]
        _complete_answers(operation, method)
        if any(needs_person(call) for call in dependencies(dependant)):
            operation["security"] = _SIGNED_IN
        elif any(call is optional_person for call in dependencies(dependant)):
            operation["security"] = [{}, *_SIGNED_IN]


def _response(status: int, meaning: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": meaning, "content": content, **({"headers": _RETRY} if status in {429, 503} else {})}


def _complete_answers(operation: dict[str, Any], method: str) -> None:
    answers = operation["responses"]
    if _is_frameworks_own(answers.get("422")):
        del answers["422"]
    for answer in answers.values():
        if "text/event-stream" in answer.get("content", {}):
            answer["content"]["text/event-stream"] = {"itemSchema": _EVENT}
    for status, (name, _) in PROBLEMS.items():
        if method in WRITING or status not in _ONLY_WRITING:
            answers.setdefault(str(status), {"$ref": f"#/components/responses/{name}"})


def _is_frameworks_own(answer: dict[str, Any] | None) -> bool:
    return answer is not None and "HTTPValidationError" in str(answer)
