"""Session tokens: Ed25519 JWTs, signed by wish-service alone, verified by all.

Errors:
    InvalidToken          damaged, forged, expired, or not ours
    └── UnknownKey        signed under a key that isn't known here (yet)
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, Protocol

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.algorithms import OKPAlgorithm

from microwish.identity.people import Person, Role
from microwish.ids import uuid7

__all__ = [
    "InvalidToken",
    "KeySet",
    "Person",
    "Role",
    "StaticKeySet",
    "TokenSigner",
    "UnknownKey",
    "generate_signing_keys",
]

ISSUER = "microwish"
_ALGORITHM = "EdDSA"
_MAX_TOKEN_CHARACTERS = 4096
_CLOCK_SKEW_SECONDS = 30
TOKENS_REMEMBERED = 4096


class InvalidToken(Exception):
    """The token proves nothing: damaged, forged, expired, or not issued here."""


class UnknownKey(InvalidToken):
    """The token names a key that this key set doesn't hold."""

    def __init__(self, kid: str) -> None:
        super().__init__("signed under an unknown key")
        self.kid = kid


class KeySet(Protocol):
    """What guards need: verify now, and learn a key that is new."""

    @property
    def ready(self) -> bool:
        """Whether at least one key is held; a service without one isn't ready."""
        ...

    def verify(self, token: str, *, now: datetime | None = None) -> Person:
        """The person that the token names. Raises: InvalidToken, UnknownKey."""
        ...

    async def learn(self, kid: str) -> bool:
        """Look for an unknown key; whether it is held afterwards. Rate limited, never raises."""
        ...


class StaticKeySet:
    """A fixed set of public keys: wish-service's own, or a test's."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:
        self._keys = parse_jwks(jwks)
        # A signature that was good stays good, as these keys never change; checking it costs more than anything else.
        self._claims = lru_cache(TOKENS_REMEMBERED)(partial(_claims, self._keys))

    @property
    def ready(self) -> bool:
        """Whether it holds any key."""
        return bool(self._keys)

    def __contains__(self, kid: str) -> bool:
        return kid in self._keys

    def verify(self, token: str, *, now: datetime | None = None) -> Person:
        """The person that the token names. Raises: InvalidToken, UnknownKey."""
        return _person(self._claims(token), now or datetime.now(UTC))

    async def learn(self, kid: str) -> bool:
        """Nothing to learn: what it holds is fixed."""
        return kid in self


class TokenSigner:
    """The private half: signs under the first key of its set, publishes all public halves."""

    def __init__(self, keys: Sequence[tuple[str, Ed25519PrivateKey]]) -> None:
        if not keys:
            raise ValueError("at least one signing key is needed")
        self._keys = list(keys)

    @classmethod
    def from_jwks(cls, private_jwks_json: str) -> "TokenSigner":
        """Read a private JWKS (RFC 7517, OKP keys of RFC 8037), as `generate_signing_keys` writes it.

        Raises: ValueError, whose text never shows key material.
        """
        try:
            entries = json.loads(private_jwks_json)["keys"]
            loaded = [(str(entry["kid"]), OKPAlgorithm.from_jwk(entry)) for entry in entries]
        except (ValueError, KeyError, TypeError, jwt.InvalidKeyError):
            raise ValueError("the signing keys are not a JWKS of Ed25519 keys, each with a kid") from None
        keys = [(kid, key) for kid, key in loaded if isinstance(key, Ed25519PrivateKey)]
        if len(keys) != len(loaded) or len({kid for kid, _ in keys}) != len(keys):
            raise ValueError("signing keys must be private Ed25519 keys with distinct kids")
        return cls(keys)

    def sign(
        self,
        person_id: str,
        roles: Sequence[Role] | frozenset[Role],
        communities: Sequence[str],
        phone_masked: str,
        lifetime_seconds: int,
        now: datetime,
    ) -> str:
        """A token for this person, valid from `now` (aware) for `lifetime_seconds`."""
        kid, key = self._keys[0]
        issued = int(now.timestamp())
        claims = {
            "iss": ISSUER,
            "sub": person_id,
            "iat": issued,
            "exp": issued + lifetime_seconds,
            "jti": uuid7(),
            "roles": sorted(roles),
            "communities": list(communities),
            "phone_masked": phone_masked,
        }
        return jwt.encode(claims, key, algorithm=_ALGORITHM, headers={"kid": kid})

    def public_jwks(self) -> dict[str, Any]:
        """The JWKS to publish: public halves only."""
        return {"keys": [_public_jwk(kid, key.public_key()) for kid, key in self._keys]}

    def key_set(self) -> StaticKeySet:
        """A key set that verifies what this signer signs."""
        return StaticKeySet(self.public_jwks())


def generate_signing_keys() -> str:
    """A private JWKS with one new Ed25519 key, as JSON text for the setting."""
    key = Ed25519PrivateKey.generate()
    entry = json.loads(OKPAlgorithm.to_jwk(key))
    return json.dumps({"keys": [{**entry, "kid": uuid7()[-12:], "use": "sig", "alg": _ALGORITHM}]})


def parse_jwks(jwks: Mapping[str, Any]) -> dict[str, Ed25519PublicKey]:
    """Public Ed25519 keys by kid; entries of other kinds are passed over.

    Raises: ValueError when it isn't a JWKS at all.
    """
    entries = jwks.get("keys")
    if not isinstance(entries, list):
        raise ValueError("not a JWKS")
    keys: dict[str, Ed25519PublicKey] = {}
    for entry in entries:
        key = _public_key(entry)
        if key is not None:
            keys[str(entry["kid"])] = key
    return keys


def _claims(keys: Mapping[str, Ed25519PublicKey], token: str) -> Mapping[str, Any]:
    if len(token) > _MAX_TOKEN_CHARACTERS:
        raise InvalidToken("too long for a token")
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        if not isinstance(kid, str):
            raise InvalidToken("names no key")
        if kid not in keys:
            raise UnknownKey(kid)
        # Times are checked by `_person` against the service's clock, which tests can set.
        options: Any = {"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "sub"]}
        claims = jwt.decode(token, keys[kid], algorithms=[_ALGORITHM], issuer=ISSUER, options=options)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise InvalidToken("damaged or not issued here") from error
    return claims


def _person(claims: Mapping[str, Any], now: datetime) -> Person:
    try:
        issued, expires = float(claims["iat"]), float(claims["exp"])
        communities = tuple(str(prefix) for prefix in claims.get("communities", ()))
        roles = frozenset(Role(role) for role in claims.get("roles", ()) if role in set(Role))
        person = Person(str(claims["sub"]), roles, communities, str(claims.get("phone_masked", "")))
    except (TypeError, ValueError) as error:
        raise InvalidToken("claims of a wrong shape") from error
    if not issued - _CLOCK_SKEW_SECONDS <= now.timestamp() < expires:
        raise InvalidToken("expired, or not valid yet")
    return person


def _public_jwk(kid: str, key: Ed25519PublicKey) -> dict[str, Any]:
    entry = json.loads(OKPAlgorithm.to_jwk(key))
    return {**entry, "kid": kid, "use": "sig", "alg": _ALGORITHM}


def _public_key(entry: object) -> Ed25519PublicKey | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str) or entry.get("kty") != "OKP":
        return None
    public_half = {name: value for name, value in entry.items() if name != "d"}
    try:
        key = OKPAlgorithm.from_jwk(public_half)
    except (jwt.InvalidKeyError, ValueError):
        return None
    return key if isinstance(key, Ed25519PublicKey) else None
