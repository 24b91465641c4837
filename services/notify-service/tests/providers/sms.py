"""Our adapters over the SMS providers' own SDKs, towards providers that the tests play."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from providers.alibaba import KEY_ID, KEY_SECRET
from providers.server import (
    ANSWER_TWICE,
    DROP_AFTER,
    DROP_BEFORE,
    MALFORMED,
    SERVER_ERROR,
    Fault,
    HttpServer,
)
from providers.tencent import APP_ID, SECRET_ID, SECRET_KEY
from pydantic import SecretStr

from microwish.when import Clock
from notify_service.channels.alibaba import AlibabaAccount, AlibabaSms
from notify_service.channels.conformance import Mishap
from notify_service.channels.port import ChannelAdapter
from notify_service.channels.tencent import TencentAccount, TencentSms
from notify_service.domain.approved import needs
from notify_service.domain.texts import TEMPLATES

SIGN = "微心愿"
POSITIONS = {"wish_posted.v1": ("number", "title"), "signin_code.v1": ("code",)}
IDS = {
    ("alibaba", "wish_posted.v1", "zh"): "SMS_10001",
    ("alibaba", "wish_posted.v1", "en"): "SMS_10002",
    ("alibaba", "wish_posted.v1", "zh-large"): "SMS_10003",
    ("tencent", "wish_posted.v1", "zh"): "20001",
    ("tencent", "wish_posted.v1", "en"): "20002",
}
VALUES = {"title": "想要一台 /?+%&=~*收音机", "number": "K7Q2", "due": "只在微信卡片上"}

FAULTS = {
    Mishap.DROP_BEFORE: DROP_BEFORE,
    Mishap.DROP_AFTER: DROP_AFTER,
    Mishap.LATE: Fault(seconds=30.0),
    Mishap.SERVER_ERROR: SERVER_ERROR,
    Mishap.MALFORMED: MALFORMED,
    Mishap.TWICE: ANSWER_TWICE,
}


def approved(provider: str, template: str, language: str, *, large: bool = False) -> str:
    """The ids of this installation."""
    return IDS[provider, template, f"{language}-large" if large else language]


@dataclass(frozen=True)
class Played:
    """A provider that is played, and our adapter to it."""

    provider: Any
    server: HttpServer
    adapter: ChannelAdapter

    async def count(self, out_id: str) -> int:
        return len(self.provider.of(out_id))

    def spoil(self, mishap: Mishap) -> None:
        self.provider.next(FAULTS[mishap])


def adapter_to(name: str, address: str, *, secret: str, timeout: float, settle: timedelta, clock: Clock) -> Any:
    """One with test credentials; the secret may be wrong."""
    where: dict[str, Any] = {"endpoint": address, "protocol": "http", "timeout": timeout}
    if name == "alibaba":
        account = AlibabaAccount(KEY_ID, SecretStr(secret), SIGN, settle=settle, **where)
        return AlibabaSms(account, approved, POSITIONS.__getitem__, clock)
    return TencentSms(
        TencentAccount(SECRET_ID, SecretStr(secret), APP_ID, SIGN, **where), approved, POSITIONS.__getitem__, clock
    )


SECRETS = {"alibaba": "alibaba-pushes-here", "tencent": "tencent-pushes-here"}
"""What the addresses of their callbacks hold."""
_ACCOUNTS: dict[str, dict[str, Any]] = {
    "alibaba": {"alibaba_access_key_id": KEY_ID, "alibaba_access_key_secret": KEY_SECRET, "alibaba_settle_seconds": 0},
    "tencent": {"tencent_secret_id": SECRET_ID, "tencent_secret_key": SECRET_KEY, "tencent_sdk_app_id": APP_ID},
}


def settings_of(directory: Path, **servers: HttpServer) -> dict[str, Any]:
    """Settings of a service that sends by these providers, by name and in order; every template is approved."""
    ids = {"alibaba": "SMS_10001", "tencent": "20001"}
    known = {
        name: {one.id: dict.fromkeys(("zh", "en"), ids[name]) for one in TEMPLATES if needs(name, one)}
        for name in servers
    }
    approved_file = directory / "approved.json"
    approved_file.write_text(json.dumps(known))
    settings: dict[str, Any] = {"sms_providers": tuple(servers), "approved_templates": approved_file}
    for name, server in servers.items():
        where = {"endpoint": server.address, "protocol": "http", "callback_token": SECRETS[name]}
        settings |= _ACCOUNTS[name] | {f"{name}_{key}": value for key, value in where.items()}
    return settings
