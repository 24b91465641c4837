"""Keyset cursors: where a page ended, opaque to the caller."""

import base64
import binascii
import json
from datetime import UTC, datetime

from microwish.web.problems import FieldError, Problem

Position = tuple[datetime, str]


def cursor_of(position: Position) -> str:
    """The cursor that goes on after this position."""
    moment, last = position
    raw = json.dumps([round(moment.timestamp() * 1000), last]).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def position_of(cursor: str | None) -> Position | None:
    """The position in a cursor. Raises: Problem 422 for one that isn't ours."""
    if not cursor:
        return None
    try:
        milliseconds, last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(last, str) or not isinstance(milliseconds, int):
            raise ValueError("not a position")
        last.encode()  # JSON may escape half of a character, which no text that is stored can hold
        return datetime.fromtimestamp(milliseconds / 1000, UTC), last
    except (binascii.Error, ValueError, TypeError, OverflowError, OSError, RecursionError):
        raise Problem(422, "invalid", errors=[FieldError("cursor", "field.invalid")]) from None
