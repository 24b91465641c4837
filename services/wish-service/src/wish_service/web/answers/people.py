"""Answers about who signs in, and who serves which divisions."""

from pydantic import Field

from microwish.identity.people import Role
from wish_service.web.answers.base import Answer, Listed, Place


class Challenge(Answer):
    """A code is on its way to the phone."""

    challenge_id: str
    expires_in: int = Field(description="Seconds.")


class SignedIn(Answer):
    """Who signed in."""

    id: str
    phone_masked: str
    roles: list[Role]


class Session(Answer):
    """A token, to be sent as `Authorization: Bearer`."""

    token: str
    person: SignedIn


class Me(SignedIn):
    """Who the token names; the divisions that they serve as staff."""

    communities: list[str]


class KeySet(Answer):
    """The public keys that sign sessions (RFC 7517)."""

    keys: list[dict[str, str]]


class Member(Answer):
    """Who serves which divisions."""

    id: str
    phone_masked: str
    name: str | None
    communities: list[Place]


class Staff(Listed):
    """Everybody who serves some division."""

    items: list[Member]
