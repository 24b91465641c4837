"""From settings to the adapters of the SMS providers."""

from datetime import timedelta

from microwish.when import Clock
from notify_service.channels.alibaba import AlibabaAccount, AlibabaSms
from notify_service.channels.tencent import TencentAccount, TencentSms
from notify_service.domain.approved import Approved
from notify_service.domain.templates import Templates
from notify_service.settings import NotifySettings

_PART_OF_DEADLINE = 0.8
"""An adapter gives up before its caller does, so that it can say why."""


def alibaba_sms(settings: NotifySettings, templates: Templates, approved: Approved, clock: Clock) -> AlibabaSms:
    """Alibaba Cloud, as the settings have it."""
    account = AlibabaAccount(
        settings.alibaba_access_key_id,
        settings.alibaba_access_key_secret,
        settings.alibaba_sign_name,
        endpoint=settings.alibaba_endpoint,
        protocol=settings.alibaba_protocol,
        timeout=settings.send_deadline_seconds * _PART_OF_DEADLINE,
        settle=timedelta(seconds=settings.alibaba_settle_seconds),
    )
    return AlibabaSms(account, approved, templates.positions, clock)


def tencent_sms(settings: NotifySettings, templates: Templates, approved: Approved, clock: Clock) -> TencentSms:
    """Tencent Cloud, as the settings have it."""
    account = TencentAccount(
        settings.tencent_secret_id,
        settings.tencent_secret_key,
        settings.tencent_sdk_app_id,
        settings.tencent_sign_name,
        region=settings.tencent_region,
        endpoint=settings.tencent_endpoint,
        protocol=settings.tencent_protocol,
        timeout=settings.send_deadline_seconds * _PART_OF_DEADLINE,
    )
    return TencentSms(account, approved, templates.positions, clock)
