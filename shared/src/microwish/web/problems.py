"""Errors as RFC 9457 `application/problem+json`, in the caller's language (invariant 9).

Who raises what:
    Problem                     web code that knows status and code itself
    a service's DomainError     listed in `domain_errors` with its status; its `code` names the texts
    RequestValidationError      422 `invalid` with fields, or 400 `unreadable`
    HTTPException               Starlette's own: 404, 405, 413, …
    anything else               500 `internal`, by web.frame, without details
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from microwish.logs import get_logger
from microwish.web.common_texts import COMMON_TEXTS
from microwish.web.texts import Catalogue, Language, language_of, page_language
from microwish.web.validation import FieldError, field_errors, is_unreadable

__all__ = ["DomainProblem", "FieldError", "Problem", "ProblemPage", "install", "respond"]

MEDIA_TYPE = "application/problem+json"
_CODES_BY_STATUS = {
    400: "unreadable",
    401: "signed_out",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    503: "unavailable",
}
_log = get_logger(__name__)
_DEFAULT_RETRY_SECONDS = {429: 10, 503: 5}


class Problem(Exception):
    """An answer that isn't a success.

    `title` and `detail` are texts, or None: then the catalogue's `problem.<code>` and `problem.<code>.detail`
    speak, filled with `values`. `extra` becomes further members of the answer (409 `already_held` has
    `adoption_id`).
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str | None = None,
        detail: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        *,
        extra: Mapping[str, Any] | None = None,
        values: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})
        self.values = dict(values or {})


@dataclass(frozen=True, slots=True)
class DomainProblem:
    """How a class of exceptions is answered when it has no `code` of its own (`StoreUnavailable`)."""

    status: int
    code: str
    retry_after_seconds: int | None = None


ProblemPage = Callable[[Request, int, Mapping[str, Any]], Response]
"""Renders a problem as a page: request, status, the members of the problem."""

_Handler = Callable[[Request, Exception], Awaitable[Response]]


def install(
    app: FastAPI,
    catalogue: Catalogue,
    domain_errors: Mapping[type[Exception], int | DomainProblem],
    *,
    page: ProblemPage | None = None,
) -> None:
    """Answer every error of this application as a problem.

    An exception in `domain_errors` gives its `code`, and may give `errors` (FieldError list), `extra`
    (members of the answer, also filled into texts) and `retry_after_seconds`. A subclass is answered like its
    nearest listed parent. With `page`, people who ask for HTML outside `/api` get a page instead of JSON.
    """
    app.state.catalogue = catalogue.with_base(COMMON_TEXTS)
    app.state.problem_page = page
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    for kind, how in domain_errors.items():
        app.add_exception_handler(kind, _domain_handler(how))


def respond(request: Request, problem: Problem) -> Response:
    """The problem as an answer to this request."""
    catalogue: Catalogue = getattr(request.app.state, "catalogue", COMMON_TEXTS)
    page: ProblemPage | None = getattr(request.app.state, "problem_page", None)
    wants_page = page is not None and prefers_html(request)
    language = page_language(request) if wants_page else language_of(request)
    members = _members(problem, catalogue, language)
    headers = {"Cache-Control": "no-store", "Content-Language": "en" if language == "en" else "zh-CN"}
    headers |= problem.headers
    if problem.status in _DEFAULT_RETRY_SECONDS and "Retry-After" not in headers:
        headers["Retry-After"] = str(_DEFAULT_RETRY_SECONDS[problem.status])
    if wants_page and page is not None:
        try:
            answer = page(request, problem.status, members)
        except Exception:  # noqa: BLE001 - a page that can't be rendered must not hide what it was to tell
            _log.exception("problem_page_failed", problem=problem.code)
        else:
            answer.headers.update(headers)
            return answer
    headers["Vary"] = "Accept-Language"
    return JSONResponse(members, problem.status, headers, media_type=MEDIA_TYPE)


def prefers_html(request: Request) -> bool:
    """Whether a person at a browser asks: HTML accepted, and not under `/api`."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def _members(problem: Problem, catalogue: Catalogue, language: Language) -> dict[str, Any]:
    values = {**problem.extra, **problem.values}
    key = f"problem.{problem.code}"
    fallback = f"problem.{_CODES_BY_STATUS.get(problem.status, 'http')}"
    title = problem.title or catalogue.text(key if key in catalogue else fallback, language, **values)
    detail = problem.detail
    if detail is None and f"{key}.detail" in catalogue:
        detail = catalogue.text(f"{key}.detail", language, **values)
    members: dict[str, Any] = {
        **problem.extra,
        "type": f"/problems/{problem.code}",
        "title": title,
        "status": problem.status,
        "code": problem.code,
    }
    if detail:
        members["detail"] = detail
    if problem.errors:
        members["errors"] = [error.told(catalogue, language) for error in problem.errors]
    return members


async def _answer_problem(request: Request, error: Exception) -> Response:
    return respond(request, cast(Problem, error))


async def _answer_invalid(request: Request, error: Exception) -> Response:
    findings = cast(RequestValidationError, error).errors()
    if is_unreadable(findings):
        return respond(request, Problem(400, "unreadable"))
    catalogue: Catalogue = request.app.state.catalogue
    page = getattr(request.app.state, "problem_page", None)
    language = page_language(request) if page and prefers_html(request) else language_of(request)
    return respond(request, Problem(422, "invalid", errors=field_errors(findings, catalogue, language)))


async def _answer_http(request: Request, error: Exception) -> Response:
    raised = cast(HTTPException, error)
    if raised.status_code < 400:
        return Response(status_code=raised.status_code, headers=raised.headers)
    code = _CODES_BY_STATUS.get(raised.status_code, "http")
    values = getattr(raised, "values", {})
    allowed = _allowed(request) if raised.status_code == 405 else ""
    headers = {"Allow": allowed} if allowed else raised.headers
    return respond(request, Problem(raised.status_code, code, headers=headers, values=values))


def _allowed(request: Request) -> str:
    """Every method of what this address names (RFC 9110, 15.5.6); the framework tells those of one route alone."""
    routes = [one for one in iter_route_contexts(request.app.routes) if one.methods]
    named = next((one.path for one in routes if one.path_regex.match(request.scope["path"])), None)
    return ", ".join(sorted({method for one in routes if one.path == named for method in one.methods or ()}))


def _domain_handler(how: int | DomainProblem) -> _Handler:
    async def answer(request: Request, error: Exception) -> Response:
        return respond(request, _from_domain(error, how))

    return answer


def _from_domain(error: Exception, how: int | DomainProblem) -> Problem:
    status = how if isinstance(how, int) else how.status
    code = how.code if isinstance(how, DomainProblem) else str(getattr(error, "code", _CODES_BY_STATUS.get(status)))
    wait = getattr(error, "retry_after_seconds", None)
    if wait is None and isinstance(how, DomainProblem):
        wait = how.retry_after_seconds
    headers = {"Retry-After": str(wait)} if wait is not None else {}
    return Problem(
        status,
        code,
        errors=getattr(error, "errors", None) or (),
        headers=headers,
        extra=getattr(error, "extra", None),
    )
