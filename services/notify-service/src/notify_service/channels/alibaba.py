"""Alibaba Cloud SMS (国内短信) through the official SDK: SendSms and QuerySendDetails of 2017-05-25.

The provider does not drop an OutId that comes again (help.aliyun.com, SendSms: no idempotence), so nothing is ever
sent twice from here; what a lost answer meant is read from its list of the day, by our out id.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import aiohttp
from alibabacloud_dysmsapi20170525 import models
from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.exceptions import DaraException, UnretryableException
from darabonba.runtime import RuntimeOptions
from pydantic import SecretStr

from microwish.events.notify import Channel
from microwish.privacy.phones import is_mobile
from microwish.when import Clock
from notify_service.channels import alibaba_transport
from notify_service.channels.calls import CONNECT_SECONDS, UNREACHED, NotLeft
from notify_service.channels.port import Fate, Outgoing, ProviderAway, Receipt, Sent
from notify_service.channels.sms_codes import ALIBABA_RECEIPTS, SHANGHAI, refused, shanghai_time
from notify_service.channels.sms_templates import NotApproved, Positions, filled
from notify_service.domain.approved import Approved

PROVIDER = "alibaba"
PAGE = 50
"""The most that one page of the provider's list holds."""
PAGES_MAX = 20
LIST_REACHES = timedelta(days=29)
"""How far back the provider's list is asked; it keeps 30 days."""
CLOCKS_APART = timedelta(minutes=10)
"""A message handed over so close to midnight may stand in the list of the other day."""

_ACCEPTED = "OK"
_DELIVERED, _WAITING, _FAILED = 3, 1, 2
_BEST_FIRST = (_DELIVERED, _WAITING, _FAILED)
_NO_CARRIER_YET = "REQUEST_SUCCESS"
"""The platform's own word that no carrier has answered: no news."""


@dataclass(frozen=True)
class AlibabaAccount:
    """Where and as whom it is asked.

    endpoint: host[:port]. protocol: https; http only towards a provider that tests play. timeout: seconds, less than
    the caller's deadline. settle: how long after a call the provider's list is taken to be whole.
    """

    key_id: str
    key_secret: SecretStr
    sign_name: str
    endpoint: str = "dysmsapi.aliyuncs.com"
    protocol: str = "https"
    timeout: float = 8.0
    settle: timedelta = timedelta(minutes=2)


@dataclass(frozen=True)
class _Told:
    """An answer: its code, the text beside it, and its body where it has one."""

    code: str
    text: str
    body: Any = None
    retry_after: timedelta | None = None


class AlibabaSms:
    """The adapter (`channels/port.py`)."""

    channel = Channel.SMS
    provider = PROVIDER
    repeats_for = timedelta(0)

    def __init__(self, account: AlibabaAccount, approved: Approved, positions: Positions, clock: Clock) -> None:
        self._account = account
        self._approved = approved
        self._positions = positions
        self._clock = clock
        secret = account.key_secret.get_secret_value()
        config = Config(access_key_id=account.key_id, access_key_secret=secret)
        config.endpoint, config.protocol = account.endpoint, account.protocol.upper()
        self._client = Client(config)
        self._once = RuntimeOptions(
            autoretry=False,
            max_attempts=1,
            connect_timeout=int(min(account.timeout, CONNECT_SECONDS) * 1000),
            read_timeout=int(account.timeout * 1000),
        )
        self._session: aiohttp.ClientSession | None = None

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand it over, once. Raises: ProviderAway."""
        try:
            template, values = filled(PROVIDER, outgoing, self._approved, self._positions)
        except NotApproved as not_approved:
            return not_approved.receipt
        request = models.SendSmsRequest(
            phone_numbers=outgoing.to,
            sign_name=self._account.sign_name,
            template_code=template,
            template_param=json.dumps(values, ensure_ascii=False),
            out_id=outgoing.out_id,
        )
        try:
            told = await self._ask(self._client.send_sms_with_options_async, request)
        except NotLeft:
            return UNREACHED
        if told.code == _ACCEPTED and told.body is not None:
            return Receipt(Fate.ACCEPTED, reference=told.body.biz_id)
        return refused(PROVIDER, told.code, told.text, self._clock(), retry_after=told.retry_after)

    async def lookup(self, sent: Sent) -> Receipt:
        """What became of it, from the provider's list of that day. Raises: ProviderAway.

        NEVER_ACCEPTED only of a list that was read whole and long enough after the call for it to be there.
        """
        if not is_mobile(sent.to):
            raise ProviderAway("the phone that it went to is not known")
        age = self._clock() - sent.at
        if age > LIST_REACHES:
            raise ProviderAway("older than the provider's list")
        rows = [row for day in _days(sent.at) for row in await self._list(sent.to, day)]
        ours = [row for row in rows if row.out_id == sent.out_id and row.send_status in _BEST_FIRST]
        if ours:
            return _receipt(min(ours, key=lambda row: _BEST_FIRST.index(row.send_status)))
        if age < self._account.settle:
            raise ProviderAway("too early: the list may lag behind")
        return Receipt(Fate.NEVER_ACCEPTED)

    async def close(self) -> None:
        """End its connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _list(self, phone: str, day: date) -> list[Any]:
        """All that went to this phone on this day (Shanghai). Raises: ProviderAway, also if it is not whole."""
        rows: list[Any] = []
        for page in range(1, PAGES_MAX + 1):
            request = models.QuerySendDetailsRequest(
                phone_number=phone, send_date=day.strftime("%Y%m%d"), page_size=PAGE, current_page=page
            )
            try:
                told = await self._ask(self._client.query_send_details_with_options_async, request)
            except NotLeft as not_left:
                raise ProviderAway("unreached") from not_left
            if told.code != _ACCEPTED or told.body is None:
                raise ProviderAway(f"{PROVIDER} answered {told.code[:80]}")
            shown, total = told.body.sms_send_detail_dtos, int(told.body.total_count or 0)
            rows += (shown.sms_send_detail_dto if shown else None) or []
            if len(rows) >= total:
                return rows
            if len(rows) < page * PAGE:
                break
        raise ProviderAway("the provider's list is not whole")

    async def _ask(self, call: Callable[[Any, RuntimeOptions], Awaitable[Any]], request: object) -> _Told:
        """One request, one answer. Raises: NotLeft, ProviderAway."""
        if self._session is None:
            self._session = alibaba_transport.open_session()
        kept = alibaba_transport.session.set(self._session)
        try:
            async with asyncio.timeout(self._account.timeout):
                body = (await call(request, self._once)).body
        except AlibabaCloudException as error:
            return _error(error)
        except (UnretryableException, DaraException, TimeoutError) as error:
            if isinstance(getattr(error, "inner_exception", None), alibaba_transport.Unreached):
                raise NotLeft from None
            raise ProviderAway(type(error).__name__) from None
        finally:
            alibaba_transport.session.reset(kept)
        if body is None or not body.code:
            raise ProviderAway("an answer without a code")
        return _Told(body.code, body.message or "", body)


def carrier_said(delivered: bool, code: str, at: datetime | None) -> Receipt:
    """A carrier's word on something accepted: from SmsReport, or from the list. at: UTC."""
    if delivered:
        return Receipt(Fate.DELIVERED, at=at)
    if code == _NO_CARRIER_YET:
        return Receipt(Fate.ACCEPTED)
    meaning = ALIBABA_RECEIPTS.get(code)
    return Receipt(
        Fate.UNDELIVERED, cause=code[:80] or "undelivered", refusal=meaning.refusal if meaning else None, at=at
    )


def _days(at: datetime) -> Sequence[date]:
    """The days in whose list it may stand."""
    return sorted({(at + apart).astimezone(SHANGHAI).date() for apart in (-CLOCKS_APART, CLOCKS_APART)})


def _receipt(row: Any) -> Receipt:
    if row.send_status == _WAITING:
        return Receipt(Fate.ACCEPTED)
    return carrier_said(row.send_status == _DELIVERED, row.err_code or "", shanghai_time(row.receive_date))


def _error(error: AlibabaCloudException) -> _Told:
    """What the gateway answered with an HTTP status of its own. Raises: ProviderAway, where that is no word of ours."""
    code = str(error.code or "")
    if (error.status_code or 500) >= 500 or code in {"", "None"}:
        raise ProviderAway(f"HTTP {error.status_code} {code[:80]}") from None
    wait = timedelta(milliseconds=error.retry_after) if error.retry_after else None
    return _Told(code, str(error.message or ""), retry_after=wait)
