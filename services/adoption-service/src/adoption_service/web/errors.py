"""Which error is answered with which status."""

from typing import cast

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from adoption_service.domain import errors
from microwish.store import refusals
from microwish.store.mongo import STORE_OUTAGES
from microwish.web.problems import DomainProblem, FieldError, Problem, respond

DOMAIN_ERRORS: dict[type[Exception], int | DomainProblem] = {
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Conflict: 409,
    errors.ContactNotHere: 503,
    refusals.NotFound: 404,
    refusals.KeyReused: 422,
    refusals.OutboxFull: DomainProblem(503, "busy", 5),
    refusals.Contended: DomainProblem(503, "busy", 1),
    **{outage: DomainProblem(503, "unavailable", 5) for outage in STORE_OUTAGES},
}


def problem_of(invalid: errors.Invalid) -> Problem:
    """A field that the domain found at fault, as an answer."""
    return Problem(422, invalid.code, errors=[FieldError(invalid.field, invalid.message)])


def answer_invalid(app: FastAPI) -> None:
    """Answer `Invalid` with its field: the domain can't speak of HTTP itself."""

    async def answer(request: Request, error: Exception) -> Response:
        return respond(request, problem_of(cast(errors.Invalid, error)))

    app.add_exception_handler(errors.Invalid, answer)
