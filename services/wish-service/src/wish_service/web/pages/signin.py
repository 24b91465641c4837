"""Sign in: a phone, then the code that it got. Works without JavaScript."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from microwish.identity.guards import close_session, csrf_protect, open_session
from microwish.privacy.masking import mask_phone
from microwish.web.pages.kit import local_url, put_notice, see_other
from wish_service.domain.errors import CodeExpired, CodeWrong, TooManyCodes
from wish_service.web.api.signin import issue_code, redeem
from wish_service.web.pages.frame import Errors, Visitor, checked, form_of, page
from wish_service.web.parts import Parts, PartsHere
from wish_service.web.schemas import AskCode, OpenSession

router = APIRouter(include_in_schema=False, dependencies=[Depends(csrf_protect)])


@router.get("/signin")
async def ask_phone(
    request: Request, parts: PartsHere, visitor: Visitor, next: Annotated[str, Query(max_length=500)] = "/mine"
) -> Response:
    """Ask for the phone; who is signed in already goes on."""
    if visitor is not None:
        return see_other(local_url(next, "/mine"))
    return _phone_page(request, parts, {"next": next}, {})


@router.post("/signin")
async def send_code(request: Request, parts: PartsHere) -> Response:
    """Send the code and ask for it."""
    values = await form_of(request)
    asked, errors = checked(AskCode, values, request, parts)
    if asked is None:
        return _phone_page(request, parts, values, errors)
    try:
        challenge_id, _ = await issue_code(request, parts, asked.phone)
    except TooManyCodes:
        errors = {"phone": parts.pages.text(request, "problem.too_many_codes.detail")}
        return _phone_page(request, parts, values, errors, status_code=429)
    shown = {**values, "challenge_id": challenge_id, "phone_masked": mask_phone(asked.phone)}
    return _code_page(request, parts, shown, {})


@router.post("/signin/code")
async def enter(request: Request, parts: PartsHere) -> Response:
    """Open the session if the code is right."""
    values = await form_of(request)
    given, errors = checked(OpenSession, values, request, parts)
    if given is None:
        return _code_page(request, parts, values, errors)
    try:
        session = await redeem(parts, given.challenge_id, given.code)
    except CodeWrong as wrong:
        errors = {"code": parts.pages.text(request, "problem.code_wrong.detail", **wrong.extra)}
        return _code_page(request, parts, values, errors)
    except CodeExpired:
        errors = {"phone": parts.pages.text(request, "problem.code_expired.detail")}
        return _phone_page(request, parts, values, errors)
    answer = see_other(local_url(values.get("next"), "/mine"))
    open_session(request, answer, session.token, parts.settings.session_seconds)
    put_notice(request, answer, parts.pages.text(request, "signin.welcome"))
    return answer


@router.post("/signin/out")
async def leave(request: Request, parts: PartsHere) -> Response:
    """Remove the cookie."""
    answer = see_other("/")
    close_session(request, answer)
    put_notice(request, answer, parts.pages.text(request, "signin.gone"))
    return answer


def _phone_page(
    request: Request, parts: Parts, values: dict[str, str], errors: Errors, *, status_code: int | None = None
) -> HTMLResponse:
    status = status_code or (422 if errors else 200)
    return page(request, parts, "signin.html", None, status_code=status, step="phone", values=values, errors=errors)


def _code_page(request: Request, parts: Parts, values: dict[str, str], errors: Errors) -> HTMLResponse:
    status = 422 if errors else 200
    sandbox = parts.settings.sandbox
    return page(
        request,
        parts,
        "signin.html",
        None,
        status_code=status,
        step="code",
        values=values,
        errors=errors,
        sandbox=sandbox,
    )
