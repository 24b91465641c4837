"""Identifiers: time-ordered for what happens now, derived for what a retry must meet again."""

from uuid import UUID, uuid5

import uuid_utils

_NAMESPACE = UUID("6d1c0b52-7f0e-5c0a-9d6e-3a1f7b2c9e44")
_SEPARATOR = "\x1f"


def uuid7() -> str:
    """A new UUIDv7 (RFC 9562) as text: unique, and ordered by the time of its making."""
    return str(uuid_utils.uuid7())


def derived_id(*parts: str) -> str:
    """The UUIDv5 of the given parts, the same in every process and for ever.

    Parts are kept apart by a unit separator (U+001F), so that ("ab", "c") and ("a", "bc") differ.

    Raises: ValueError when no part is given or a part holds the separator.
    """
    if not parts or any(_SEPARATOR in part for part in parts):
        raise ValueError("derived_id needs at least one part, none with a unit separator in it")
    return str(uuid5(_NAMESPACE, _SEPARATOR.join(parts)))
