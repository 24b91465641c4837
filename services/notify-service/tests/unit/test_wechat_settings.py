"""The knobs of WeChat and WeCom are whole, or refused at start."""

from typing import Any

import pytest
from pydantic import ValidationError

from microwish.privacy.sealing import generate_blind_key, generate_sealing_keys
from notify_service.channels.wechat_build import alert_robot, group_robots, wechat_seal
from notify_service.settings import NotifySettings

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
WHOLE = {"wechat_provider": "mini", "wechat_app_id": "wx1", "wechat_app_secret": "s", "wechat_callback_token": "t"}


def settings(**own: Any) -> NotifySettings:
    return NotifySettings(sealing_keys=generate_sealing_keys(), blind_key=generate_blind_key(), **own)


def refused(**own: Any) -> str:
    with pytest.raises(ValidationError) as error:
        settings(**own)
    return str(error.value)


def test_an_account_needs_its_id_its_secret_and_its_token() -> None:
    told = refused(wechat_provider="official")
    for name in ("MICROWISH_WECHAT_APP_ID", "MICROWISH_WECHAT_APP_SECRET", "MICROWISH_WECHAT_CALLBACK_TOKEN"):
        assert name in told
    assert "43 letters" in refused(**WHOLE, wechat_encoding_aes_key="short")
    assert "wechat_provider" in refused(**{**WHOLE, "wechat_provider": "both"})


def test_production_takes_sealed_pushes_only() -> None:
    production = {"production": True, "public_url": "https://wish.example.org"}
    assert "MICROWISH_WECHAT_ENCODING_AES_KEY" in refused(**WHOLE, **production)
    made = settings(**WHOLE, **production, wechat_encoding_aes_key=f"{KEY}, {KEY[::-1]}")
    seal = wechat_seal(made)
    assert seal is not None
    assert seal.is_safe_mode
    assert "wechat_app_secret=SecretStr('**********')" in repr(made)


async def test_robots_are_of_divisions() -> None:
    assert "2 to 12 digits" in refused(wecom_robots={"龙潭": "key"})
    made = settings(wecom_robots={"310117": "key"}, wecom_alert_robot="key")
    groups, robot = group_robots(made, lambda: None), alert_robot(made, lambda: None)  # type: ignore[arg-type,return-value]
    assert groups is not None
    assert robot is not None
    await groups.close()
    await robot.close()
    assert (group_robots(settings(), lambda: None), alert_robot(settings(), lambda: None)) == (None, None)  # type: ignore[arg-type,return-value]
    assert wechat_seal(settings()) is None
