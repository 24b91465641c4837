import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from microwish.identity.people import Person, Role
from microwish.identity.tokens import (
    InvalidToken,
    StaticKeySet,
    TokenSigner,
    UnknownKey,
    generate_signing_keys,
    parse_jwks,
)

NOW = datetime(2026, 6, 12, 9, 30, tzinfo=UTC)
PRIVATE = generate_signing_keys()
SIGNER = TokenSigner.from_jwks(PRIVATE)
KEYS = SIGNER.key_set()


def token(lifetime_seconds: int = 60, now: datetime = NOW) -> str:
    return SIGNER.sign("p1", [Role.STAFF, Role.RESIDENT], ["310117001"], "139****5678", lifetime_seconds, now)


def forged(claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    """Signed with the true key, but saying something else."""
    key = jwt.algorithms.OKPAlgorithm.from_jwk(json.loads(PRIVATE)["keys"][0])
    full = {"iss": "microwish", "sub": "p1", "iat": NOW.timestamp(), "exp": NOW.timestamp() + 60, **claims}
    headers = {"kid": json.loads(PRIVATE)["keys"][0]["kid"]} if header is None else header
    return jwt.encode({name: value for name, value in full.items() if value is not None}, key, "EdDSA", headers)


def test_a_signed_token_names_its_person() -> None:
    expected = Person("p1", frozenset({Role.STAFF, Role.RESIDENT}), ("310117001",), "139****5678")
    assert KEYS.verify(token(), now=NOW) == expected


def test_the_token_has_the_promised_shape() -> None:
    header, claims = jwt.get_unverified_header(token()), jwt.decode(token(), options={"verify_signature": False})
    assert header["alg"] == "EdDSA"
    assert header["kid"] == SIGNER.public_jwks()["keys"][0]["kid"]
    assert claims["iss"] == "microwish"
    assert claims["exp"] - claims["iat"] == 60
    assert claims["jti"] != jwt.decode(token(), options={"verify_signature": False})["jti"]


def test_the_published_keys_are_public_only() -> None:
    assert "d" not in SIGNER.public_jwks()["keys"][0]
    assert json.loads(PRIVATE)["keys"][0]["d"] not in json.dumps(SIGNER.public_jwks())


@pytest.mark.parametrize("later", [60, 61, 86400])
def test_it_ends_when_it_said(later: int) -> None:
    assert KEYS.verify(token(), now=NOW + timedelta(seconds=59))
    with pytest.raises(InvalidToken):
        KEYS.verify(token(), now=NOW + timedelta(seconds=later))


def test_a_token_from_the_future_is_refused_beyond_the_skew_of_clocks() -> None:
    assert KEYS.verify(token(), now=NOW - timedelta(seconds=20))
    with pytest.raises(InvalidToken):
        KEYS.verify(token(), now=NOW - timedelta(minutes=5))


@given(st.data())
def test_any_changed_character_is_noticed(data: st.DataObject) -> None:
    good = token()
    place = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.sampled_from("ABCxyz019_-.=é").filter(lambda character: character != good[place]))
    changed = good[:place] + other + good[place + 1 :]
    # The last character of a base64url signature carries unused bits: the same bytes are the same token.
    try:
        same = base64.urlsafe_b64decode(changed.rsplit(".", 1)[1] + "==") == base64.urlsafe_b64decode(
            good.rsplit(".", 1)[1] + "=="
        )
    except ValueError:
        same = False
    if same and changed.rsplit(".", 1)[0] == good.rsplit(".", 1)[0]:
        return
    with pytest.raises(InvalidToken):
        KEYS.verify(changed, now=NOW)


def test_another_signer_with_the_same_kid_is_refused() -> None:
    other = json.loads(generate_signing_keys())
    other["keys"][0]["kid"] = json.loads(PRIVATE)["keys"][0]["kid"]
    stranger = TokenSigner.from_jwks(json.dumps(other))
    with pytest.raises(InvalidToken):
        KEYS.verify(stranger.sign("p1", [Role.ADMIN], [], "", 60, NOW), now=NOW)


def test_an_unknown_kid_is_told_apart() -> None:
    stranger = TokenSigner.from_jwks(generate_signing_keys())
    with pytest.raises(UnknownKey) as error:
        KEYS.verify(stranger.sign("p1", [], [], "", 60, NOW), now=NOW)
    assert error.value.kid == stranger.public_jwks()["keys"][0]["kid"]


def test_unsigned_and_otherwise_signed_tokens_are_refused() -> None:
    claims = {"iss": "microwish", "sub": "p1", "iat": NOW.timestamp(), "exp": NOW.timestamp() + 60, "roles": ["admin"]}
    kid = SIGNER.public_jwks()["keys"][0]["kid"]
    public = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    for bad in (
        jwt.encode(claims, None, "none", {"kid": kid}),
        jwt.encode(claims, public, "HS256", {"kid": kid}),
    ):
        with pytest.raises(InvalidToken):
            KEYS.verify(bad, now=NOW)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "other"},
        {"iss": None},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"exp": "soon"},
        {"roles": 5},
        {"communities": 5},
    ],
)
def test_claims_of_a_wrong_shape_are_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(InvalidToken):
        KEYS.verify(forged(claims), now=NOW)


def test_a_role_of_a_later_version_is_passed_over() -> None:
    assert KEYS.verify(forged({"roles": ["resident", "auditor"]}), now=NOW).roles == {Role.RESIDENT}


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "é.é.é", "." * 10, "e30.e30.e30", "x" * 100_000])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(InvalidToken):
        KEYS.verify(text, now=NOW)


def test_a_token_without_kid_is_refused() -> None:
    with pytest.raises(InvalidToken):
        KEYS.verify(forged({}, header={}), now=NOW)


def test_rotation_signs_with_the_first_and_verifies_with_all() -> None:
    both = {"keys": json.loads(generate_signing_keys())["keys"] + json.loads(PRIVATE)["keys"]}
    rotated = TokenSigner.from_jwks(json.dumps(both))
    assert rotated.key_set().verify(token(), now=NOW).id == "p1"
    with pytest.raises(UnknownKey):
        KEYS.verify(rotated.sign("p1", [], [], "", 60, NOW), now=NOW)


PUBLIC_ONLY = json.dumps(SIGNER.public_jwks())
TWICE = json.dumps({"keys": json.loads(PRIVATE)["keys"] * 2})


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"keys": []}', '{"keys": [{}]}', '{"keys": 5}', PUBLIC_ONLY, TWICE])
def test_unusable_signing_keys_are_refused_without_showing_them(text: str) -> None:
    with pytest.raises(ValueError, match="key") as error:
        TokenSigner.from_jwks(text)
    assert json.loads(PRIVATE)["keys"][0]["d"] not in str(error.value)


def test_a_key_set_passes_over_keys_of_other_kinds() -> None:
    entries = [{"kty": "RSA", "kid": "r"}, {"kty": "OKP", "crv": "X25519", "kid": "x", "x": "AAAA"}, 5, {"kty": "OKP"}]
    assert set(parse_jwks({"keys": [*entries, *SIGNER.public_jwks()["keys"]]})) == {
        SIGNER.public_jwks()["keys"][0]["kid"]
    }
    assert not StaticKeySet({"keys": []}).ready
    with pytest.raises(ValueError, match="JWKS"):
        parse_jwks({})


@pytest.mark.parametrize(
    ("roles", "communities", "code", "serves"),
    [
        ({Role.STAFF}, ("310117",), "310117001000", True),
        ({Role.STAFF}, ("310117001",), "310117005000", False),
        ({Role.STAFF}, (), "310117001000", False),
        ({Role.STAFF}, ("",), "310117001000", False),
        ({Role.STAFF}, ("*",), "310117001000", False),
        ({Role.RESIDENT}, ("310117",), "310117001000", False),
        ({Role.OPS}, ("310117",), "310117001000", False),
        ({Role.ADMIN}, (), "310117001000", True),
    ],
)
def test_whom_a_person_serves(roles: set[Role], communities: tuple[str, ...], code: str, serves: bool) -> None:
    assert Person("p", frozenset(roles), communities).serves(code) is serves
