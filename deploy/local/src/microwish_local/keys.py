"""The keys of a local stack, made once per state directory and kept in a file only its owner can read."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path
from typing import TypedDict

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Keys(TypedDict):
    """What `keys.json` holds; each value is handed on as the setting of the same meaning."""

    signing: dict[str, list[dict[str, str]]]
    """A JWKS with one private Ed25519 key (MICROWISH_SIGNING_KEYS)."""
    sealing: str
    """`kid:base64url` of 32 bytes for AES-GCM (MICROWISH_SEALING_KEYS)."""
    blind: str
    """base64url of 32 bytes, the HMAC key of the phone index (MICROWISH_BLIND_KEY)."""


def load_or_make(file: Path) -> Keys:
    """The keys in `file`; made and written with mode 0600 when there is no such file."""
    if file.is_file():
        kept: Keys = json.loads(file.read_text())
        return kept
    keys = Keys(signing={"keys": [_signing_key()]}, sealing=f"s1:{_random_key()}", blind=_random_key())
    part = file.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
        json.dump(keys, output, indent=2)
    part.rename(file)
    return keys


def _signing_key() -> dict[str, str]:
    key = Ed25519PrivateKey.generate()
    public, private = key.public_key().public_bytes_raw(), key.private_bytes_raw()
    kid = f"k{secrets.token_hex(4)}"
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "kid": kid,
        "alg": "EdDSA",
        "use": "sig",
        "x": _b64(public),
        "d": _b64(private),
    }


def _random_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _b64(raw: bytes) -> str:
    """Base64url without padding, as RFC 7517 wants it."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
