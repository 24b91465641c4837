"""What callbacks of providers that sign nothing have in common: the secret in the address, and a body read after it."""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from fastapi import Depends
from fastapi.exceptions import RequestValidationError
from pydantic import SecretStr, TypeAdapter, ValidationError
from starlette.requests import Request

from microwish.web.problems import Problem
from notify_service.settings import NotifySettings
from notify_service.web.deps import Rooms, rooms

Shape = TypeVar("Shape")

MOST = 1000
"""Reports or replies that one request may bring; bodies are bounded besides, as all of this service's."""


def secret_of(which: Callable[[NotifySettings], SecretStr]) -> Callable[..., None]:
    """A dependency that lets a request in whose address holds the secret; to any other there is nothing here."""

    def check(token: str, room: Annotated[Rooms, Depends(rooms)]) -> None:
        secret = which(room.settings).get_secret_value()
        if not hmac.compare_digest(token.encode(), secret.encode()) or not secret:
            raise Problem(404, "not_found")

    return check


async def read(request: Request, shape: TypeAdapter[Shape]) -> Shape:
    """The body in this shape; whoever calls it has let the request in before. Raises: RequestValidationError."""
    try:
        return shape.validate_json(await request.body())
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in found]) from None


def not_ahead(said: datetime | None, now: datetime) -> datetime:
    """When it was said, but never later than now: the latest word of a person counts."""
    return min(said, now) if said else now


def from_epoch(seconds: int) -> datetime | None:
    """Seconds of the epoch as a time in UTC; None if there is no such time."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
