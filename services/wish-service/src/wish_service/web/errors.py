"""How refusals are answered: the status of each, and the texts of those that name fields or states."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from microwish.store.mongo import STORE_OUTAGES
from microwish.store.refusals import AlreadyExists, Contended, KeyReused, NotFound, OutboxFull
from microwish.web.problems import DomainProblem, FieldError, Problem, prefers_html, respond
from microwish.web.texts import language_of, page_language
from wish_service.domain.errors import (
    AdoptionNotFound,
    AlreadyConfirmed,
    AlreadyImported,
    AlreadyMoved,
    AskedTooOften,
    CannotMerge,
    ChangedMeanwhile,
    CodeExpired,
    CodeWrong,
    CommunityTaken,
    ContactErased,
    Hidden,
    InReview,
    InvalidInput,
    NotAllowed,
    NotDelivered,
    PhotoNotFound,
    PhotoPlaceLost,
    ScopeElsewhere,
    TaskAlreadyDone,
    TooManyCodes,
    TooManyPhotos,
    TooMuchText,
    WrongState,
)
from wish_service.domain.states import Status
from wish_service.domain.wish import steps_from
from wish_service.store.photos.port import PhotoStoreAway
from wish_service.web.parts import Parts
from wish_service.web.present import rfc3339
from wish_service.web.reviewing import name_of
from wish_service.web.tables import TablesBusy
from wish_service.web.texts import TEXTS

STATUSES: dict[type[Exception], int | DomainProblem] = {
    AdoptionNotFound: 404,
    Hidden: 404,
    NotFound: 404,
    NotAllowed: 403,
    PhotoNotFound: 404,
    NotDelivered: 409,
    TooManyPhotos: 409,
    AlreadyConfirmed: 409,
    TaskAlreadyDone: 409,
    CannotMerge: 409,
    ChangedMeanwhile: 409,
    AlreadyMoved: 409,
    AlreadyImported: 409,
    CommunityTaken: 409,
    ContactErased: 409,
    AlreadyExists: DomainProblem(409, "conflict"),
    CodeWrong: 422,
    CodeExpired: 422,
    KeyReused: 422,
    TooMuchText: 413,
    TooManyCodes: 429,
    AskedTooOften: 429,
    PhotoPlaceLost: 503,
    PhotoStoreAway: 503,
    TablesBusy: 503,
    OutboxFull: 503,
    Contended: 503,
    **dict.fromkeys(STORE_OUTAGES, DomainProblem(503, "unavailable", 5)),
}


def install_own(app: FastAPI) -> None:
    """Answer the refusals that say more than a code: fields at fault, and states with their names."""
    app.add_exception_handler(InvalidInput, _answer_invalid)
    app.add_exception_handler(WrongState, _answer_wrong_state)
    app.add_exception_handler(InReview, _answer_in_review)
    app.add_exception_handler(ScopeElsewhere, _answer_scope)


def problem_of(error: InvalidInput) -> Problem:
    """Fields at fault, each with what to do."""
    faults = [FieldError(fault.field, fault.problem, fault.values) for fault in error.faults]
    return Problem(422, error.code, errors=faults)


async def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, InvalidInput)
    return respond(request, problem_of(error))


async def _answer_scope(request: Request, error: Exception) -> Response:
    assert isinstance(error, ScopeElsewhere)
    faults = [FieldError(fault.field, fault.problem) for fault in error.faults]
    return respond(request, Problem(403, error.code, errors=faults))


async def _answer_wrong_state(request: Request, error: Exception) -> Response:
    assert isinstance(error, WrongState)
    language = page_language(request) if prefers_html(request) else language_of(request)
    catalogue = request.app.state.pages_catalogue
    status = catalogue.text(f"status.{error.status}", language)
    step = TEXTS.text(f"do.{error.command}", language)
    detail = TEXTS.text("problem.wrong_state.told", language, status=status, step=step)
    possible = sorted(steps_from(Status(error.status)))
    extra = {"wish_status": error.status, "command": error.command, "possible": possible}
    return respond(request, Problem(409, "wrong_state", detail=detail, extra=extra))


async def _answer_in_review(request: Request, error: Exception) -> Response:
    assert isinstance(error, InReview)
    parts: Parts = request.app.state.parts
    language = page_language(request) if prefers_html(request) else language_of(request)
    name = await name_of(error.by, parts)
    until = f"{error.until.astimezone(parts.settings.zone):%H:%M}"
    reviewer = name or TEXTS.text("review.colleague", language)
    detail = TEXTS.text("problem.in_review.told", language, reviewer=reviewer, until=until)
    extra = {"reviewer": name, "until": rfc3339(error.until)}
    return respond(request, Problem(409, "in_review", detail=detail, extra=extra))
