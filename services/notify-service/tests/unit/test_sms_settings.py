"""What the SMS providers need to be set, and what a production refuses."""

from typing import Any

import pytest
from pydantic import ValidationError

from microwish.privacy.sealing import generate_blind_key, generate_sealing_keys
from notify_service.settings import NotifySettings

TOKEN = "0123456789abcdef"
ALIBABA = {"alibaba_access_key_id": "id", "alibaba_access_key_secret": "secret", "alibaba_callback_token": TOKEN}
TENCENT = {
    "tencent_secret_id": "id",
    "tencent_secret_key": "secret",
    "tencent_sdk_app_id": "1400006666",
    "tencent_callback_token": TOKEN,
}


def settings(**own: Any) -> NotifySettings:
    return NotifySettings(sealing_keys=generate_sealing_keys(), blind_key=generate_blind_key(), **own)


@pytest.mark.parametrize(("provider", "account"), [("alibaba", ALIBABA), ("tencent", TENCENT)])
def test_a_provider_in_use_needs_its_account_whole(provider: str, account: dict[str, str]) -> None:
    assert settings(sms_providers=provider, **account).sms_providers == (provider,)
    with pytest.raises(ValidationError) as refused:
        settings(sms_providers=provider)
    assert all(f"MICROWISH_{name.upper()}" in str(refused.value) for name in account)


@pytest.mark.parametrize("token", ["short", "has a space in it, and is long", "slash/slash/slash/slash"])
def test_a_callback_token_is_hard_to_guess_and_fits_an_address(token: str) -> None:
    with pytest.raises(ValidationError, match="callback token"):
        settings(alibaba_callback_token=token)


@pytest.mark.parametrize("provider", ["alibaba", "tencent"])
def test_production_speaks_to_no_provider_in_clear(provider: str) -> None:
    in_clear = settings(**{f"{provider}_protocol": "http"})
    assert [fault for fault in in_clear.production_faults() if f"MICROWISH_{provider.upper()}_PROTOCOL" in fault]
    assert not [fault for fault in settings().production_faults() if "_PROTOCOL" in fault]


def test_secrets_are_not_shown() -> None:
    assert "secret" not in repr(settings(sms_providers="alibaba", **ALIBABA).alibaba_access_key_secret)
