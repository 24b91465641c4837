"""Keyset positions as opaque base64url: (moment, id) of the last row seen."""

import base64
import binascii
import json
from datetime import UTC, datetime

from microwish.web.problems import FieldError, Problem


def to_cursor(at: datetime, id: str) -> str:
    """The position behind this row."""
    raw = json.dumps([at.astimezone(UTC).isoformat(), id]).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_cursor(cursor: str | None) -> tuple[datetime, str] | None:
    """The position again; None for none. Raises: Problem 422."""
    if not cursor:
        return None
    try:
        at, last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not isinstance(last, str):
            raise ValueError("not a position")
        last.encode()  # JSON may escape half of a character, which no text that is stored can hold
        moment = moment.astimezone(UTC)
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError):
        raise Problem(422, "invalid", errors=[FieldError("cursor", "field.cursor")]) from None
    return moment, last
