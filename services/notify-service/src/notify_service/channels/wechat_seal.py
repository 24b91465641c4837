"""How WeChat signs what it pushes, and seals it in safe mode.

Plain mode: `signature` = SHA-1 of token, timestamp and nonce, sorted. It does not cover the body, so only its
freshness keeps somebody who saw an address from using it again. Safe mode: the body holds `Encrypt`, which
`msg_signature` covers beside the three, AES-256-CBC with the first 16 bytes of the key as vector, PKCS#7 to blocks of
32: 16 random bytes, 4 of length, the message, the app id. Where a key is configured nothing but safe mode is taken.
(developers.weixin.qq.com: "消息加解密说明", Message encryption and decryption instructions)
"""

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

FRESH_FOR = timedelta(minutes=5)
"""WeChat tries again within 15 seconds; the rest is for clocks that differ."""

_KEY_CHARACTERS = 43
_AES_BLOCK = 16
_PADDED_TO = 32
_RANDOM_BYTES = 16
_HEAD = _RANDOM_BYTES + 4


class NotSigned(Exception):
    """Not WeChat's signature for this account, or one of another time."""


class NotSealed(Exception):
    """Signed, but not readable with this account's key."""


@dataclass(frozen=True)
class Signature:
    """What the address of a push says. timestamp: seconds, epoch."""

    timestamp: str
    nonce: str
    signature: str = ""
    msg_signature: str = ""


class CallbackSeal:
    """The token and, in safe mode, the keys of one account: the newest, and the last, which WeChat may still use.

    Raises at making: ValueError for a key that is none.
    """

    def __init__(self, token: str, app_id: str, encoding_aes_keys: Sequence[str] = ()) -> None:
        self._token = token
        self._app_id = app_id.encode()
        self._keys = [_decoded(key) for key in encoding_aes_keys]

    @property
    def is_safe_mode(self) -> bool:
        """Whether only sealed bodies are taken."""
        return bool(self._keys)

    def check(self, given: Signature, now: datetime) -> None:
        """Whether WeChat signed an address a moment ago. Raises: NotSigned."""
        self._check(given, given.signature, now)

    def opened(self, given: Signature, encrypted: str, now: datetime) -> bytes:
        """What WeChat has sealed. Raises: NotSigned, NotSealed."""
        self._check(given, given.msg_signature, now, encrypted)
        for key in self._keys:
            with suppress(NotSealed):
                return self._decrypted(key, encrypted)
        raise NotSealed("no key opens it")

    def _check(self, given: Signature, signature: str, now: datetime, *more: str) -> None:
        if not (given.timestamp.isascii() and given.timestamp.isdecimal() and len(given.timestamp) <= 12):
            raise NotSigned("no timestamp")
        expected = signed(self._token, given.timestamp, given.nonce, *more)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise NotSigned("another signature")
        if abs(now.timestamp() - int(given.timestamp)) > FRESH_FOR.total_seconds():
            raise NotSigned("of another time")

    def _decrypted(self, key: bytes, encrypted: str) -> bytes:
        try:
            raw = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError):
            raise NotSealed("not base64") from None
        if not raw or len(raw) % _AES_BLOCK:
            raise NotSealed("not whole blocks")
        cipher = Cipher(algorithms.AES(key), modes.CBC(key[:_AES_BLOCK])).decryptor()
        plain = _unpadded(cipher.update(raw) + cipher.finalize())
        if len(plain) < _HEAD:
            raise NotSealed("too short")
        (length,) = struct.unpack(">I", plain[_RANDOM_BYTES:_HEAD])
        message, app_id = plain[_HEAD : _HEAD + length], plain[_HEAD + length :]
        if not hmac.compare_digest(app_id, self._app_id):
            raise NotSealed("for another account")
        return message


def signed(*parts: str) -> str:
    """The signature of these parts, in any order."""
    # SHA-1 is WeChat's choice; what it signs holds a secret token.
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def _decoded(encoding_aes_key: str) -> bytes:
    if len(encoding_aes_key) != _KEY_CHARACTERS or not encoding_aes_key.isalnum():
        raise ValueError("an EncodingAESKey has 43 letters and digits")
    return base64.b64decode(encoding_aes_key + "=")


def _unpadded(plain: bytes) -> bytes:
    count = plain[-1]
    if not 1 <= count <= _PADDED_TO or plain[-count:] != bytes([count]) * count:
        raise NotSealed("padding")
    return plain[:-count]
