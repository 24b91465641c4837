"""Tencent Cloud SMS (国内短信) through the official SDK's httpx client: version 2021-01-11.

The provider knows no idempotence, and its status list shows only what a carrier has reported on: silence there proves
nothing, so a look-up of ours never says NEVER_ACCEPTED. It finds a message by the SessionContext (our out id), which
Tencent puts into that list for accounts that ask for it, or by the SerialNo of the answer where that was not lost.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111 import models
from tencentcloud.sms.v20210111.sms_client_async import SmsClient

from microwish.events.notify import Channel
from microwish.privacy.phones import is_mobile
from microwish.when import Clock
from notify_service.channels.calls import CONNECT_SECONDS, UNREACHED
from notify_service.channels.port import Fate, Outgoing, ProviderAway, Receipt, Refusal, Sent
from notify_service.channels.sms_codes import refused
from notify_service.channels.sms_templates import NotApproved, Positions, filled
from notify_service.domain.approved import Approved

# At DEBUG the SDK logs whole requests, and with them phones and what people are told.
logging.getLogger("tencentcloud_sdk_common").setLevel(logging.WARNING)

PROVIDER = "tencent"
COUNTRY = "+86"
STATUSES_MAX = 100
"""The most that one look at the status list brings; it has no second page."""
LIST_REACHES = timedelta(days=7)
CLOCKS_APART = timedelta(minutes=10)

_ACCEPTED = "Ok"
_BLACKLISTED = ("黑名单", "免打扰", "退订", "BLACK")
"""Words by which a carrier's report says that the person wants none (短信回执状态码 has hundreds of codes for it)."""


@dataclass(frozen=True)
class TencentAccount:
    """Where and as whom it is asked.

    endpoint: host[:port]. protocol: https; http only towards a provider that tests play. timeout: seconds, less than
    the caller's deadline.
    """

    secret_id: str
    secret_key: SecretStr
    sdk_app_id: str
    sign_name: str
    region: str = "ap-guangzhou"
    endpoint: str = "sms.tencentcloudapi.com"
    protocol: str = "https"
    timeout: float = 8.0


class TencentSms:
    """The adapter (`channels/port.py`)."""

    channel = Channel.SMS
    provider = PROVIDER
    repeats_for = timedelta(0)

    def __init__(self, account: TencentAccount, approved: Approved, positions: Positions, clock: Clock) -> None:
        self._account = account
        self._approved = approved
        self._positions = positions
        self._clock = clock
        self._client = _client(account)
        self._left: list[SmsClient] = []

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand it over, once. Raises: ProviderAway."""
        try:
            template, values = filled(PROVIDER, outgoing, self._approved, self._positions)
        except NotApproved as not_approved:
            return not_approved.receipt
        request = models.SendSmsRequest()
        request.PhoneNumberSet = [COUNTRY + outgoing.to]
        request.SmsSdkAppId = self._account.sdk_app_id
        request.SignName = self._account.sign_name
        request.TemplateId = template
        request.TemplateParamSet = list(values.values())
        request.SessionContext = outgoing.out_id
        client = self._client
        try:
            answer = await self._ask(client.SendSms, request)
        except TencentCloudSDKException as error:
            return self._refused(error.code, error.message)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return UNREACHED
        statuses = answer.SendStatusSet or []
        if len(statuses) != 1 or not statuses[0].Code or not _answers(statuses[0], outgoing):
            await self._leave(client)
            raise ProviderAway("an answer that does not speak of what was asked")
        if statuses[0].Code == _ACCEPTED:
            return Receipt(Fate.ACCEPTED, reference=statuses[0].SerialNo or None)
        return self._refused(statuses[0].Code, statuses[0].Message)

    async def lookup(self, sent: Sent) -> Receipt:
        """What a carrier has reported of it. Raises: ProviderAway, also while nothing was reported."""
        now = self._clock()
        if not is_mobile(sent.to) or now - sent.at > LIST_REACHES:
            raise ProviderAway("the phone is not known, or it is older than the provider's list")
        request = models.PullSmsSendStatusByPhoneNumberRequest()
        request.PhoneNumber = COUNTRY + sent.to
        request.SmsSdkAppId = self._account.sdk_app_id
        request.BeginTime = int((sent.at - CLOCKS_APART).timestamp())
        request.EndTime = int(now.timestamp())
        request.Offset, request.Limit = 0, STATUSES_MAX
        try:
            answer = await self._ask(self._client.PullSmsSendStatusByPhoneNumber, request)
        except (TencentCloudSDKException, httpx.HTTPError) as error:
            code = getattr(error, "code", None) or type(error).__name__
            raise ProviderAway(f"{PROVIDER} answered {str(code)[:80]}") from None
        ours = [status for status in answer.PullSmsSendStatusSet or [] if _is_of(status, sent)]
        said = [_receipt(status) for status in ours]
        if not said:
            raise ProviderAway("no carrier has reported on it yet")
        return next((one for one in said if one.fate is Fate.DELIVERED), said[0])

    async def close(self) -> None:
        """End its connections."""
        for client in (self._client, *self._left):
            await client.close()

    async def _leave(self, client: SmsClient) -> None:
        """Ask nothing more over these connections: what was answered twice to one request stands before the next one's.

        Requests still under way there end as they may; those left before have long ended.
        """
        if client is not self._client:
            return
        ended, self._left, self._client = self._left, [client], _client(self._account)
        for one in ended:
            await one.close()

    async def _ask(self, call: Callable[[Any], Awaitable[Any]], request: object) -> Any:
        """One request, one answer.

        Raises: TencentCloudSDKException, a code; httpx's errors of a connection that was never there; ProviderAway.
        """
        try:
            async with asyncio.timeout(self._account.timeout):
                return await call(request)
        except (TencentCloudSDKException, httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise
        except (httpx.HTTPError, TimeoutError, ValueError, KeyError, TypeError, AttributeError) as error:
            # The latter are what the SDK raises over an answer that is none.
            raise ProviderAway(type(error).__name__) from None

    def _refused(self, code: object, told: object) -> Receipt:
        return refused(PROVIDER, str(code), str(told), self._clock())


def _client(account: TencentAccount) -> SmsClient:
    # No retryer: the SDK then asks once. Its breaker of regions is off unless asked for, and ours is beside it.
    patience = httpx.Timeout(account.timeout, connect=min(account.timeout, CONNECT_SECONDS))
    http = HttpProfile(protocol=account.protocol, endpoint=account.endpoint, reqTimeout=patience, keepAlive=True)
    credential = Credential(account.secret_id, account.secret_key.get_secret_value())
    return SmsClient(credential, account.region, ClientProfile(httpProfile=http))


def carrier_said(delivered: bool, code: str, description: str, at: datetime | None) -> Receipt:
    """A carrier's word on something accepted: from a callback, or from the status list. at: UTC."""
    if delivered:
        return Receipt(Fate.DELIVERED, at=at)
    unwanted = any(word in text.upper() for word in _BLACKLISTED for text in (code, description))
    refusal = Refusal.OPTED_OUT if unwanted else None
    return Receipt(Fate.UNDELIVERED, cause=code[:80] or "undelivered", refusal=refusal, at=at)


def _answers(status: Any, outgoing: Outgoing) -> bool:
    if status.SessionContext:
        return bool(status.SessionContext == outgoing.out_id)
    return bool(status.PhoneNumber == COUNTRY + outgoing.to)


def _is_of(status: Any, sent: Sent) -> bool:
    if status.ReportStatus not in {"SUCCESS", "FAIL"}:
        return False
    return status.SessionContext == sent.out_id or (sent.reference is not None and status.SerialNo == sent.reference)


def _receipt(status: Any) -> Receipt:
    at = datetime.fromtimestamp(status.UserReceiveTime, UTC) if status.UserReceiveTime else None
    return carrier_said(status.ReportStatus == "SUCCESS", "", status.Description or "", at)
