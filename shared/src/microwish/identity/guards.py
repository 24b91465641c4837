"""What a route puts before itself: who asks, whether they may, when it happened, which retry it is."""

import re
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any
from weakref import WeakSet

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from microwish.identity.people import Person, Role
from microwish.identity.tokens import InvalidToken, KeySet, UnknownKey
from microwish.web.problems import FieldError, Problem
from microwish.when import When, system_clock

SESSION_COOKIE = "microwish_session"
CSRF_COOKIE = "microwish_csrf"
CSRF_FIELD = "csrf"
CSRF_HEADER = "X-CSRF-Token"
AS_OF_HEADER = "Microwish-As-Of"
RECORDER_HEADER = "Microwish-Recorder"
IDEMPOTENCY_HEADER = "Idempotency-Key"

_role_guards: WeakSet[object] = WeakSet()
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_CSRF_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,64}")
_PRINTABLE_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)")


async def _nobody_is_gone(_person_id: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Identity:
    """What guards need; kept in `app.state.identity`.

    gone: whether the person of this id asked to be forgotten: a token outlives its person. Only who owns the people
    knows it.
    """

    keys: KeySet
    as_of_allowed: bool = False
    cookie_secure: bool = True
    clock: Callable[[], datetime] = system_clock
    gone: Callable[[str], Awaitable[bool]] = field(default=_nobody_is_gone)


async def current_person(request: Request) -> Person:
    """The signed-in person, from a Bearer token or the session cookie.

    Raises: Problem 401 `signed_out`; 403 `csrf` when the cookie alone authenticates an unsafe request
    that doesn't prove it comes from our own page.
    """
    person = await optional_person(request)
    if person is None:
        raise _signed_out()
    return person


async def optional_person(request: Request) -> Person | None:
    """Like `current_person`, but None for someone who isn't signed in or whose cookie has expired.

    A Bearer token that isn't valid is still 401: a program should know.
    """
    known: Person | None = getattr(request.state, "person", None)
    if known is not None:
        return known
    person = await _authenticated(request)
    request.state.person = person
    return person


def require(*roles: Role) -> Callable[[Request], Coroutine[Any, Any, Person]]:
    """A dependency that gives the signed-in person if they have any of these roles, else 403 `forbidden`."""

    async def guard(request: Request) -> Person:
        person = await current_person(request)
        if not any(person.has(role) for role in roles):
            raise Problem(403, "forbidden")
        return person

    _role_guards.add(guard)
    return guard


def needs_person(dependency: object) -> bool:
    """Whether this dependency lets nobody pass who isn't signed in: for the API's documentation."""
    return dependency is current_person or dependency in _role_guards


async def csrf_protect(request: Request) -> None:
    """Refuse an unsafe request that doesn't carry the CSRF cookie's value in its form or header.

    `current_person` calls it for cookie sessions; put it before forms of people who are not signed in yet.

    Raises: Problem 403 `csrf`.
    """
    if request.method in _SAFE_METHODS:
        return
    if request.headers.get("sec-fetch-site") == "cross-site":
        raise Problem(403, "csrf")
    expected = request.cookies.get(CSRF_COOKIE, "")
    given = request.headers.get(CSRF_HEADER) or await _csrf_field(request)
    if not _CSRF_TOKEN.fullmatch(expected) or not compare_digest(expected.encode(), given.encode()):
        await request.close()  # no route comes to close the files of the form
        raise Problem(403, "csrf")


def csrf_token(request: Request) -> str:
    """The value for this browser's forms: that of its cookie, or a new one that `keep_csrf_cookie` sets."""
    given = request.cookies.get(CSRF_COOKIE, "")
    if _CSRF_TOKEN.fullmatch(given):
        return given
    fresh: str | None = getattr(request.state, "fresh_csrf", None)
    if fresh is None:
        fresh = request.state.fresh_csrf = secrets.token_urlsafe(32)
    return fresh


def keep_csrf_cookie(request: Request, response: Response) -> None:
    """Set the CSRF cookie if `csrf_token` had to make a new value."""
    fresh: str | None = getattr(request.state, "fresh_csrf", None)
    if fresh is not None:
        secure = _identity(request).cookie_secure
        response.set_cookie(CSRF_COOKIE, fresh, httponly=True, samesite="lax", secure=secure, path="/")


def open_session(request: Request, response: Response, token: str, lifetime_seconds: int) -> None:
    """Put a session token into the browser's HttpOnly cookie."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=lifetime_seconds,
        httponly=True,
        samesite="lax",
        secure=_identity(request).cookie_secure,
        path="/",
    )


def close_session(request: Request, response: Response) -> None:
    """Remove the session cookie."""
    secure = _identity(request).cookie_secure
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax", secure=secure)


async def commanded_at(request: Request) -> When:
    """When this command happened: now, or what `Microwish-As-Of` says (补录).

    The header is honoured where the setting allows it, for an admin, or when an admin vouches for the
    request of another person by a second header, `Microwish-Recorder: <the admin's token>`.

    Raises: Problem 403 `as_of_refused`; 422 for a malformed or future time.
    """
    identity = _identity(request)
    now = identity.clock()
    text = request.headers.get(AS_OF_HEADER)
    if text is None:
        return When(at=now, recorded_at=now)
    recorder = await _recorder(request) if identity.as_of_allowed else None
    if recorder is None or not recorder.has(Role.ADMIN):
        raise Problem(403, "as_of_refused")
    return When(at=_past_time(text, now), recorded_at=now, recorded_by=recorder.id)


async def idempotency_key(request: Request) -> str | None:
    """The `Idempotency-Key` of the request, if any: 1-200 printable ASCII characters, else 400 `key_invalid`."""
    key = request.headers.get(IDEMPOTENCY_HEADER)
    if key is not None and not _PRINTABLE_KEY.fullmatch(key):
        raise Problem(400, "key_invalid")
    return key


async def _authenticated(request: Request) -> Person | None:
    bearer = _bearer(request)
    if bearer is not None:
        person = await _verified(request, bearer)
        if person is None:
            raise _signed_out()
        return person
    cookie = request.cookies.get(SESSION_COOKIE)
    person = await _verified(request, cookie) if cookie else None
    if person is not None:
        await csrf_protect(request)
    return person


async def _verified(request: Request, token: str) -> Person | None:
    person = await _signed(request, token)
    return None if person is None or await _identity(request).gone(person.id) else person


async def _signed(request: Request, token: str) -> Person | None:
    identity = _identity(request)
    try:
        return identity.keys.verify(token, now=identity.clock())
    except UnknownKey as unknown:
        if not await identity.keys.learn(unknown.kid):
            return None
    except InvalidToken:
        return None
    try:
        return identity.keys.verify(token, now=identity.clock())
    except InvalidToken:
        return None


async def _recorder(request: Request) -> Person | None:
    vouching = request.headers.get(RECORDER_HEADER)
    if vouching is None:
        return await optional_person(request)
    return await _verified(request, vouching.removeprefix("Bearer ").strip())


async def _csrf_field(request: Request) -> str:
    content_type = request.headers.get("content-type", "")
    if not content_type.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        return ""
    # Starlette keeps the parsed form on the request, so the route's own reading of it still works.
    form: FormData = await request.form()
    value = form.get(CSRF_FIELD)
    return value if isinstance(value, str) else ""


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _past_time(text: str, now: datetime) -> datetime:
    try:
        if not _RFC3339.fullmatch(text):
            raise ValueError("not RFC 3339")
        at = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _as_of_problem("field.as_of_invalid") from None
    if at > now:
        raise _as_of_problem("field.as_of_future")
    return at


def _as_of_problem(message: str) -> Problem:
    return Problem(422, "invalid", errors=[FieldError(AS_OF_HEADER, message)])


def _signed_out() -> Problem:
    return Problem(401, "signed_out", headers={"WWW-Authenticate": "Bearer"})


def _identity(request: Request) -> Identity:
    identity: Identity = request.app.state.identity
    return identity
