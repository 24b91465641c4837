"""Keys of a local stack are made once, readable by their owner alone, and usable."""

import base64
import json
import stat
from pathlib import Path

import jwt

from microwish_local.keys import load_or_make


def test_keys_are_made_once(tmp_path: Path) -> None:
    first = load_or_make(tmp_path / "keys.json")
    assert load_or_make(tmp_path / "keys.json") == first
    assert load_or_make(tmp_path / "other.json") != first


def test_only_the_owner_can_read_them(tmp_path: Path) -> None:
    load_or_make(tmp_path / "keys.json")
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_the_signing_key_signs_and_its_public_half_checks(tmp_path: Path) -> None:
    [key] = load_or_make(tmp_path / "keys.json")["signing"]["keys"]
    token = jwt.encode({"sub": "a"}, jwt.PyJWK(key).key, algorithm="EdDSA")
    public = {name: value for name, value in key.items() if name != "d"}
    assert jwt.decode(token, jwt.PyJWK.from_json(json.dumps(public)).key, algorithms=["EdDSA"]) == {"sub": "a"}


def test_the_other_keys_are_32_bytes(tmp_path: Path) -> None:
    keys = load_or_make(tmp_path / "keys.json")
    assert len(base64.urlsafe_b64decode(keys["blind"])) == 32
    assert len(base64.urlsafe_b64decode(keys["sealing"].partition(":")[2])) == 32
