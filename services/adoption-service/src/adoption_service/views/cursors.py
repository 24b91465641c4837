"""Keyset cursors: opaque to callers, base64url of the last row's sort key."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adoption_service.domain.errors import Invalid


@dataclass(frozen=True)
class Page:
    """Rows of one page; next_cursor leads to the following one, None at the end."""

    items: list[dict[str, Any]]
    next_cursor: str | None


def encode(*key: str) -> str:
    """The cursor after a row with this sort key."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).rstrip(b"=").decode()


def decode(cursor: str | None, parts: int) -> list[str] | None:
    """The sort key in a cursor; None without one. Raises: Invalid for one that was not made here."""
    if cursor is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise Invalid("cursor", "field.cursor") from None
    if not isinstance(key, list) or len(key) != parts or not all(_is_text(part) for part in key):
        raise Invalid("cursor", "field.cursor")
    return key


def moment_in(part: str) -> datetime:
    """The moment that a part of a sort key says, in UTC. Raises: Invalid."""
    try:
        moment = datetime.fromisoformat(part)
        if moment.tzinfo is None:
            raise ValueError("which zone?")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("cursor", "field.cursor") from None


def _is_text(part: object) -> bool:
    """Whether it is a text that can be stored: JSON may escape half of a character, UTF-8 can't hold it."""
    if not isinstance(part, str):
        return False
    try:
        part.encode()
    except UnicodeEncodeError:
        return False
    return True
