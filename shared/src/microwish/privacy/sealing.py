"""Sealed text (AES-256-GCM under a key with an id) and blind indexes (HMAC-SHA256).

Sealed text may travel on topics and rest in databases; it opens only where the key is and only
for the purpose it was sealed for: `about` is bound to it as additional authenticated data, so a
phone sealed for one wish can't be pasted into another document and opened there.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = "v1"
_NONCE_BYTES = 12
_KEY_BYTES = 32
_KID = re.compile(r"[A-Za-z0-9_-]{1,32}")


class CannotOpen(Exception):
    """The sealed text is damaged, was sealed for something else, or under a key that isn't known here."""


class Sealer:
    """Seals with the first key, opens with any: put a new key first to rotate, keep the old behind it."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise ValueError("at least one sealing key is needed")
        self._ciphers = {kid: AESGCM(key) for kid, key in keys.items()}
        self.current_kid = next(iter(keys))

    @classmethod
    def from_keys(cls, text: str) -> "Sealer":
        """Read `kid:base64url32[,kid:base64url32…]`; the first is current.

        Raises: ValueError, whose text names the key id but never a key.
        """
        keys: dict[str, bytes] = {}
        for entry in (part.strip() for part in text.split(",")):
            kid, _, encoded = entry.partition(":")
            if not _KID.fullmatch(kid):
                raise ValueError("each sealing key is written kid:base64url, kid of 1-32 letters, digits, _ or -")
            if kid in keys:
                raise ValueError(f"sealing key id {kid} is given twice")
            keys[kid] = _decode_key(kid, encoded)
        return cls(keys)

    def seal(self, plain: str, *, about: str) -> str:
        """Text of the form `v1.<kid>.<base64url(nonce + ciphertext + tag)>`; twice sealed is never twice the same."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self.current_kid].encrypt(nonce, plain.encode(), about.encode())
        return f"{_VERSION}.{self.current_kid}.{_encode(nonce + sealed)}"

    def open(self, token: str, *, about: str) -> str:
        """The text that `seal` was given with the same `about`.

        Raises: CannotOpen.
        """
        version, kid, body = _parts(token)
        cipher = self._ciphers.get(kid)
        if version != _VERSION or cipher is None:
            raise CannotOpen("sealed under a key or version that is not known here")
        raw = _decode(body)
        try:
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], about.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise CannotOpen("damaged, or sealed for something else") from error


class BlindIndex:
    """Finds equal texts without keeping them: the same phone gives the same index, which tells nothing of it."""

    def __init__(self, key: str | bytes) -> None:
        material = key.encode() if isinstance(key, str) else key
        if len(material) < _KEY_BYTES:
            raise ValueError(f"the blind index key needs at least {_KEY_BYTES} bytes")
        self._key = material

    def of(self, text: str) -> str:
        """HMAC-SHA256 in hex of the NFKC form of the text; callers normalise phones first."""
        normal = unicodedata.normalize("NFKC", text).strip()
        return hmac.new(self._key, normal.encode(), hashlib.sha256).hexdigest()


def generate_sealing_keys(kid: str = "k1") -> str:
    """One new random key in the form that `Sealer.from_keys` reads."""
    return f"{kid}:{_encode(secrets.token_bytes(_KEY_BYTES))}"


def generate_blind_key() -> str:
    """A new random key for `BlindIndex`."""
    return _encode(secrets.token_bytes(_KEY_BYTES))


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode_key(kid: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError(f"sealing key {kid} is not {_KEY_BYTES} bytes in base64url")
    return key


def _parts(token: str) -> tuple[str, str, str]:
    parts = token.split(".")
    if len(parts) != 3:
        raise CannotOpen("not a sealed text")
    return parts[0], parts[1], parts[2]


def _decode(body: str) -> bytes:
    try:
        raw = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise CannotOpen("not base64url") from error
    if len(raw) <= _NONCE_BYTES:
        raise CannotOpen("too short")
    # Unused low bits of the last character must be zero: one sealed text has one spelling.
    if _encode(raw) != body:
        raise CannotOpen("not in canonical base64url")
    return raw
