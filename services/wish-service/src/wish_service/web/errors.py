"""How refusals are answered: the status of each, and the texts of those that name fields or states."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from microwish.store.aggregate import AlreadyExists, Contended, KeyReused, NotFound, OutboxFull
from microwish.store.mongo import STORE_OUTAGES
from microwish.web.problems import DomainProblem, FieldError, Problem, prefers_html, respond
from microwish.web.texts import language_of, page_language
from wish_service.domain.errors import (
    AdoptionNotFound,
    AlreadyConfirmed,
    CannotMerge,
    CodeExpired,
    CodeWrong,
    Hidden,
    InvalidInput,
    NotAllowed,
    NotDelivered,
    TooManyCodes,
    WrongState,
)
from wish_service.web.texts import TEXTS

STATUSES: dict[type[Exception], int | DomainProblem] = {
    AdoptionNotFound: 404,
    Hidden: 404,
    NotFound: 404,
    NotAllowed: 403,
    NotDelivered: 409,
    AlreadyConfirmed: 409,
    CannotMerge: 409,
    AlreadyExists: DomainProblem(409, "conflict"),
    CodeWrong: 422,
    CodeExpired: 422,
    KeyReused: 422,
    TooManyCodes: 429,
    OutboxFull: 503,
    Contended: 503,
    **dict.fromkeys(STORE_OUTAGES, DomainProblem(503, "unavailable", 5)),
}


def install_own(app: FastAPI) -> None:
    """Answer the refusals that say more than a code: fields at fault, and states with their names."""
    app.add_exception_handler(InvalidInput, _answer_invalid)
    app.add_exception_handler(WrongState, _answer_wrong_state)


def problem_of(error: InvalidInput) -> Problem:
    """Fields at fault, each with what to do."""
    faults = [FieldError(fault.field, fault.problem, fault.values) for fault in error.faults]
    return Problem(422, error.code, errors=faults)


async def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, InvalidInput)
    return respond(request, problem_of(error))


async def _answer_wrong_state(request: Request, error: Exception) -> Response:
    assert isinstance(error, WrongState)
    language = page_language(request) if prefers_html(request) else language_of(request)
    catalogue = request.app.state.pages_catalogue
    status = catalogue.text(f"status.{error.status}", language)
    step = TEXTS.text(f"do.{error.command}", language)
    detail = TEXTS.text("problem.wrong_state.told", language, status=status, step=step)
    extra = {"wish_status": error.status, "command": error.command}
    return respond(request, Problem(409, "wrong_state", detail=detail, extra=extra))
