"""The knobs of the SMS providers, read from `MICROWISH_ALIBABA_…` and `MICROWISH_TENCENT_…`."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode
from typing_extensions import override

from microwish.settings import ServiceSettings

_CALLBACK_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")


class SmsSettings(ServiceSettings):
    """Accounts with the providers of SMS; each is needed only if `sms_providers` names it. Durations are in seconds."""

    sms_providers: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Providers of SMS, the first choice first: alibaba, tencent."
    )
    alibaba_access_key_id: str = Field(default="", description="AccessKey ID of a RAM user that may send SMS.")
    alibaba_access_key_secret: SecretStr = Field(default=SecretStr(""), description="Its AccessKey secret.")
    alibaba_sign_name: str = Field(default="微心愿", description="The approved signature (签名), without 【】.")
    alibaba_endpoint: str = Field(default="dysmsapi.aliyuncs.com", description="host[:port] of Alibaba Cloud SMS.")
    alibaba_protocol: Literal["https", "http"] = Field(default="https", description="http only for trying out.")
    alibaba_settle_seconds: float = Field(
        default=120, ge=0, description="How long after a call its list of sent messages may still lack one."
    )
    alibaba_callback_token: SecretStr = Field(
        default=SecretStr(""),
        description="Secret in /callbacks/alibaba/<token>/reports and …/replies, which Alibaba Cloud does not sign.",
    )
    tencent_secret_id: str = Field(default="", description="SecretId of a CAM user that may send SMS.")
    tencent_secret_key: SecretStr = Field(default=SecretStr(""), description="Its SecretKey.")
    tencent_sdk_app_id: str = Field(default="", description="SdkAppId of the SMS application.")
    tencent_sign_name: str = Field(default="微心愿", description="The approved signature (签名), without 【】.")
    tencent_region: str = Field(default="ap-guangzhou", description="Region that requests name.")
    tencent_endpoint: str = Field(default="sms.tencentcloudapi.com", description="host[:port] of Tencent Cloud SMS.")
    tencent_protocol: Literal["https", "http"] = Field(default="https", description="http only for trying out.")
    tencent_callback_token: SecretStr = Field(
        default=SecretStr(""),
        description="Secret in /callbacks/tencent/<token>/reports and …/replies, which Tencent Cloud does not sign.",
    )

    @field_validator("sms_providers", mode="before")
    @classmethod
    def _names_with_commas(cls, value: object) -> object:
        return tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value

    @field_validator("alibaba_callback_token", "tencent_callback_token")
    @classmethod
    def _tokens_are_hard_to_guess(cls, value: SecretStr) -> SecretStr:
        secret = value.get_secret_value()
        if secret and not _CALLBACK_TOKEN.fullmatch(secret):
            raise ValueError("a callback token is 16 to 128 letters, digits, - or _")
        return value

    @model_validator(mode="after")
    def _accounts_are_whole(self) -> Self:
        if missing := self._missing():
            raise ValueError(f"MICROWISH_SMS_PROVIDERS needs {', '.join(missing)}")
        return self

    def _missing(self) -> list[str]:
        needed = {
            "alibaba": {
                "MICROWISH_ALIBABA_ACCESS_KEY_ID": self.alibaba_access_key_id,
                "MICROWISH_ALIBABA_ACCESS_KEY_SECRET": self.alibaba_access_key_secret.get_secret_value(),
                "MICROWISH_ALIBABA_CALLBACK_TOKEN": self.alibaba_callback_token.get_secret_value(),
            },
            "tencent": {
                "MICROWISH_TENCENT_SECRET_ID": self.tencent_secret_id,
                "MICROWISH_TENCENT_SECRET_KEY": self.tencent_secret_key.get_secret_value(),
                "MICROWISH_TENCENT_SDK_APP_ID": self.tencent_sdk_app_id,
                "MICROWISH_TENCENT_CALLBACK_TOKEN": self.tencent_callback_token.get_secret_value(),
            },
        }
        return [name for one in self.sms_providers for name, value in needed.get(one, {}).items() if not value]

    @override
    def production_faults(self) -> list[str]:
        """The common ones, and providers that would be spoken to in clear."""
        in_clear = [name for name in ("alibaba", "tencent") if getattr(self, f"{name}_protocol") == "http"]
        faults = [f"MICROWISH_{name.upper()}_PROTOCOL is http (phones would travel in clear)" for name in in_clear]
        return [*super().production_faults(), *faults]
