"""Which providers an installation has: those its settings name, in order, and the sandbox where none is."""

from pathlib import Path
from typing import Any

import pytest
from bench.notify_stack import approved_file

from microwish.events.notify import Channel
from notify_service.channels.build import NoProvider
from notify_service.settings import NotifySettings
from notify_service.wiring import NotifyService

pytestmark = [pytest.mark.integration, pytest.mark.brokerless]
ALIBABA = {
    "alibaba_access_key_id": "LTAI-tests",
    "alibaba_access_key_secret": "not-a-secret",
    "alibaba_callback_token": "c" * 40,
}
TENCENT = {
    "tencent_secret_id": "AKID-tests",
    "tencent_secret_key": "not-a-secret",
    "tencent_sdk_app_id": "1400000001",
    "tencent_callback_token": "c" * 40,
}


def names(settings: dict[str, Any]) -> dict[Channel, list[str]]:
    service = NotifyService(NotifySettings(**settings))
    service.mongo.close()
    return {channel: [one.provider for one in adapters] for channel, adapters in service.adapters.items()}


async def test_the_sandbox_serves_what_has_no_provider(common: dict[str, Any], tmp_path: Path) -> None:
    approved = {"approved_templates": approved_file(tmp_path, "alibaba", "tencent")}
    assert names({**common, "sandbox": True}) == {Channel.SMS: ["sandbox"], Channel.WECHAT: ["sandbox"]}
    both = {**common, **ALIBABA, **TENCENT, **approved, "sms_providers": "tencent, alibaba"}
    assert names({**both, "sandbox": True}) == {Channel.SMS: ["tencent", "alibaba"], Channel.WECHAT: ["sandbox"]}
    assert names({**both, "sandbox": False}) == {Channel.SMS: ["tencent", "alibaba"], Channel.WECHAT: []}


async def test_who_could_reach_nobody_does_not_start(common: dict[str, Any]) -> None:
    with pytest.raises(NoProvider, match="MICROWISH_SMS_PROVIDERS"):
        names({**common, "sandbox": False})
    with pytest.raises((NoProvider, ValueError), match="pigeon"):
        names({**common, "sandbox": True, "sms_providers": "pigeon"})
