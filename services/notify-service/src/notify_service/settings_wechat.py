"""The knobs of WeChat and WeCom, read from `MICROWISH_WECHAT_…` and `MICROWISH_WECOM_…`."""

import re
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from typing_extensions import override

from microwish.settings import ServiceSettings

_PREFIX = re.compile(r"[0-9]{2,12}")
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")
_NONE = SecretStr("")


class WechatSettings(ServiceSettings):
    """The account with WeChat, needed only if `wechat_provider` names one, and the robots of WeCom's groups."""

    wechat_provider: Literal["", "official", "mini"] = Field(
        default="", description="How WeChat is reached: by the official account's or the mini program's messages."
    )
    wechat_url: str = Field(default="https://api.weixin.qq.com", description="Where WeChat's server API answers.")
    wechat_app_id: str = Field(default="", description="AppID of the official account or the mini program.")
    wechat_app_secret: SecretStr = Field(default=_NONE, description="Its AppSecret.")
    wechat_callback_token: SecretStr = Field(
        default=_NONE, description="Token with which WeChat signs what it pushes to /callbacks/wechat."
    )
    wechat_encoding_aes_key: SecretStr = Field(
        default=_NONE,
        description="EncodingAESKey of safe mode, the last one behind a comma; with it only sealed pushes count.",
    )
    wechat_mini_page: str = Field(default="", description="Page of the mini program that a message opens; none: none.")
    wecom_url: str = Field(default="https://qyapi.weixin.qq.com", description="Where WeCom's group robots answer.")
    wecom_robots: dict[str, SecretStr] = Field(
        default_factory=dict,
        description='Keys of the robots of staff groups by prefix of division codes: {"310117": "key"}.',
    )
    wecom_alert_robot: SecretStr = Field(default=_NONE, description="Key of the robot that tells of alerts.")

    @field_validator("wecom_robots")
    @classmethod
    def _robots_are_of_divisions(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        if not all(_PREFIX.fullmatch(prefix) for prefix in value):
            raise ValueError("a robot is named by the first 2 to 12 digits of division codes")
        return value

    @field_validator("wechat_encoding_aes_key")
    @classmethod
    def _keys_are_whole(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not all(_AES_KEY.fullmatch(key) for key in encoding_aes_keys(value)):
            raise ValueError("an EncodingAESKey has 43 letters and digits")
        return value

    @model_validator(mode="after")
    def _wechat_is_whole(self) -> Self:
        named = {
            "MICROWISH_WECHAT_APP_ID": self.wechat_app_id,
            "MICROWISH_WECHAT_APP_SECRET": self.wechat_app_secret.get_secret_value(),
            "MICROWISH_WECHAT_CALLBACK_TOKEN": self.wechat_callback_token.get_secret_value(),
        }
        missing = [name for name, value in named.items() if not value]
        if self.wechat_provider and missing:
            raise ValueError(f"MICROWISH_WECHAT_PROVIDER needs {', '.join(missing)}")
        return self

    @override
    def production_faults(self) -> list[str]:
        """The common ones, and those of WeChat."""
        faults = super().production_faults()
        if self.wechat_provider and not self.wechat_encoding_aes_key.get_secret_value():
            faults.append("MICROWISH_WECHAT_ENCODING_AES_KEY is not set (WeChat signs no body but a sealed one)")
        return faults


def encoding_aes_keys(setting: SecretStr) -> list[str]:
    """The keys of safe mode, the newest first."""
    keys = (key.strip() for key in setting.get_secret_value().split(","))
    return [key for key in keys if key]
