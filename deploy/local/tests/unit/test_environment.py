"""Each service is told what it needs, and only wish-service gets the private signing key."""

import json
from pathlib import Path

import pytest

from microwish_local.environment import Addresses, gateway_environment, service_environment
from microwish_local.keys import Keys, load_or_make
from microwish_local.routes import Service

ADDRESSES = Addresses(8000, "mongodb://127.0.0.1:1/?replicaSet=rs0", "127.0.0.1:2")


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return load_or_make(tmp_path / "keys.json")


def environment(service: Service, keys: Keys) -> dict[str, str]:
    return service_environment(service, ADDRESSES, keys, idempotence=False, fetch_wait_ms=20)


def test_services_stand_on_the_ports_after_the_gateways(keys: Keys) -> None:
    assert [environment(name, keys)["MICROWISH_PORT"] for name in ("wish", "adoption", "notify")] == [
        "8001",
        "8002",
        "8003",
    ]


def test_only_wish_service_holds_the_private_key(keys: Keys) -> None:
    assert json.loads(environment("wish", keys)["MICROWISH_SIGNING_KEYS"]) == keys["signing"]
    for name in ("adoption", "notify"):
        assert keys["signing"]["keys"][0]["d"] not in json.dumps(environment(name, keys))


def test_the_others_learn_the_public_keys_from_wish_service(keys: Keys) -> None:
    assert environment("notify", keys)["MICROWISH_JWKS_URL"] == "http://127.0.0.1:8001/.well-known/jwks.json"


def test_a_users_own_setting_comes_first_but_not_before_the_stacks_addresses(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MICROWISH_LEASE_SECONDS", "5")
    monkeypatch.setenv("MICROWISH_ADMIN_PHONES", "13900000000")
    monkeypatch.setenv("MICROWISH_PORT", "1")
    told = environment("wish", keys)
    assert told["MICROWISH_LEASE_SECONDS"] == "5"
    assert told["MICROWISH_ADMIN_PHONES"] == "13900000000"
    assert told["MICROWISH_PORT"] == "8001"


def test_messages_are_prompt_at_any_hour_unless_somebody_asks_for_quiet(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = environment("notify", keys)
    assert (told["MICROWISH_QUIET_HOURS"], told["MICROWISH_MERGE_SECONDS"]) == ("", "0")
    monkeypatch.setenv("MICROWISH_QUIET_HOURS", "22-7")
    monkeypatch.setenv("MICROWISH_MERGE_SECONDS", "30")
    told = environment("notify", keys)
    assert (told["MICROWISH_QUIET_HOURS"], told["MICROWISH_MERGE_SECONDS"]) == ("22-7", "30")


def test_the_gateway_knows_every_service() -> None:
    told = gateway_environment(ADDRESSES)
    assert told["MICROWISH_PORT"] == "8000"
    assert told["MICROWISH_UPSTREAM_ADOPTION"] == "http://127.0.0.1:8002"
