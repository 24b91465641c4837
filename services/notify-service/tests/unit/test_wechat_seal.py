"""WeChat's signature, and what it seals in safe mode."""

import base64
import os
import struct
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from notify_service.channels.wechat_seal import CallbackSeal, NotSealed, NotSigned, Signature, signed

# The example of WeChat's guide (developers.weixin.qq.com, "消息加解密说明", plain mode).
TOKEN, TIMESTAMP, NONCE = "AAAAA", "1714037059", "486452656"
EXAMPLE = Signature(TIMESTAMP, NONCE, "899cf89e464efb63f54ddac96b0a0a235f53aa78")
NOW = datetime.fromtimestamp(int(TIMESTAMP), UTC)

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLDER = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
APP_ID = "wxba5fad812f8e6fb9"


def sealed(message: bytes, *, key: str = KEY, app_id: str = APP_ID, padding: bytes | None = None) -> str:
    raw_key = base64.b64decode(key + "=")
    plain = os.urandom(16) + struct.pack(">I", len(message)) + message + app_id.encode()
    missing = 32 - len(plain) % 32
    cipher = Cipher(algorithms.AES(raw_key), modes.CBC(raw_key[:16])).encryptor()
    padded = plain + (bytes([missing]) * missing if padding is None else padding.rjust(missing, b"\0"))
    return base64.b64encode(cipher.update(padded) + cipher.finalize()).decode()


def signature_of(encrypted: str, token: str = TOKEN) -> Signature:
    return Signature(TIMESTAMP, NONCE, msg_signature=signed(token, TIMESTAMP, NONCE, encrypted))


def test_the_example_of_the_guide_is_signed() -> None:
    CallbackSeal(TOKEN, APP_ID).check(EXAMPLE, NOW)


@pytest.mark.parametrize(
    "given",
    [
        Signature(TIMESTAMP, NONCE),
        Signature(TIMESTAMP, NONCE, "899cf89e464efb63f54ddac96b0a0a235f53aa79"),
        Signature("1714037060", NONCE, EXAMPLE.signature),
        Signature("", NONCE, signed(TOKEN, "", NONCE)),
        Signature("１７１４０３７０５９", NONCE, signed(TOKEN, "１７１４０３７０５９", NONCE)),
        Signature("9" * 400, NONCE, signed(TOKEN, "9" * 400, NONCE)),
        Signature(TIMESTAMP, NONCE, "é"),
    ],
)
def test_another_signature_is_refused(given: Signature) -> None:
    with pytest.raises(NotSigned):
        CallbackSeal(TOKEN, APP_ID).check(given, NOW)


@pytest.mark.parametrize("apart", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_a_signature_of_another_time_is_refused(apart: timedelta) -> None:
    with pytest.raises(NotSigned):
        CallbackSeal(TOKEN, APP_ID).check(EXAMPLE, NOW + apart)


@pytest.mark.parametrize("key", [KEY, OLDER], ids=["key", "older"])
def test_what_is_sealed_is_opened_with_either_key(key: str) -> None:
    seal = CallbackSeal(TOKEN, APP_ID, [KEY, OLDER])
    encrypted = sealed("<xml>心愿</xml>".encode(), key=key)
    assert seal.opened(signature_of(encrypted), encrypted, NOW).decode() == "<xml>心愿</xml>"


def test_what_is_sealed_has_a_signature_of_its_own() -> None:
    encrypted = sealed(b"{}")
    for given in (EXAMPLE, signature_of(encrypted, "BBBBB"), signature_of(sealed(b"{}"))):
        with pytest.raises(NotSigned):
            CallbackSeal(TOKEN, APP_ID, [KEY]).opened(given, encrypted, NOW)


@pytest.mark.parametrize(
    "encrypted",
    [
        sealed(b"{}", key=OLDER),
        sealed(b"{}", app_id="wx0000000000000000"),
        sealed(b"{}", padding=b"\x00"),
        sealed(b"{}", padding=b"\x21"),
        base64.b64encode(b"x" * 17).decode(),
        "",
        "no base64!",
        base64.b64encode(os.urandom(16)).decode(),
    ],
    # Sealing is never twice the same, and names of tests must be.
    ids=["other key", "other app", "no padding", "long padding", "odd length", "empty", "no base64", "noise"],
)
def test_what_does_not_open_is_refused(encrypted: str) -> None:
    with pytest.raises(NotSealed):
        CallbackSeal(TOKEN, APP_ID, [KEY]).opened(signature_of(encrypted), encrypted, NOW)


@pytest.mark.parametrize("key", ["", "short", KEY + "H", "*" * 43])
def test_a_key_that_is_none_is_found_at_once(key: str) -> None:
    with pytest.raises(ValueError, match="43"):
        CallbackSeal(TOKEN, APP_ID, [key])
