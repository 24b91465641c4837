"""Alibaba Cloud SMS as the tests play it: SendSms and QuerySendDetails (version 2017-05-25), signed ACS3-HMAC-SHA256.

It does not drop an OutId that comes again: two requests are two messages, as with the real one.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from providers.server import Accepted, Chances, PlayedProvider, Reply, Request, json_reply, main

KEY_ID = "LTAI-tests"
KEY_SECRET = "not-a-secret"
SIGN_NAME = "微心愿"
SHANGHAI = ZoneInfo("Asia/Shanghai")
TOLERANCE = timedelta(minutes=15)
_AUTHORIZATION = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})")
_MOBILE = re.compile(r"1[3-9]\d{9}")
WAITING, FAILED, DELIVERED = 1, 2, 3


@dataclass
class Row:
    """A line of the list of what was sent."""

    out_id: str
    biz_id: str
    phone: str
    template: str
    sent: datetime
    status: int = WAITING
    err_code: str = ""
    received: datetime | None = None

    def shown(self) -> dict[str, Any]:
        """As QuerySendDetails shows it."""
        return {
            "OutId": self.out_id,
            "PhoneNum": self.phone,
            "TemplateCode": self.template,
            "Content": "【微心愿】…",
            "SendDate": _local(self.sent),
            "ReceiveDate": _local(self.received) if self.received else "",
            "SendStatus": self.status,
            "ErrCode": self.err_code,
        }

    def report(self) -> dict[str, Any]:
        """As SmsReport pushes it."""
        return {
            "phone_number": self.phone,
            "send_time": _local(self.sent),
            "report_time": _local(self.received or self.sent),
            "success": self.status == DELIVERED,
            "err_code": self.err_code,
            "err_msg": "用户接收成功" if self.status == DELIVERED else "发送失败",
            "sms_size": "1",
            "biz_id": self.biz_id,
            "out_id": self.out_id,
        }


@dataclass(frozen=True)
class _Refused(Exception):
    status: int
    code: str


@dataclass
class _Books:
    of_out_id: dict[str, list[Row]] = field(default_factory=dict)
    of_day: dict[tuple[str, str], list[Row]] = field(default_factory=dict)


class Alibaba(PlayedProvider):
    """The provider. templates: the variables of each approved one; None approves all. messages: texts beside codes."""

    fail_code = "isv.BUSINESS_LIMIT_CONTROL"

    def __init__(
        self,
        chances: Chances | None = None,
        *,
        templates: Mapping[str, frozenset[str]] | None = None,
        messages: Mapping[str, str] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(chances)
        self.templates = templates
        self.messages = messages or {"isv.BUSINESS_LIMIT_CONTROL": "触发分钟级流控Permits:1"}
        self.clock = clock
        self.withheld = 0
        """Messages that the list of what was sent counts but does not show."""
        self._books = _Books()
        self._nonces: set[str] = set()
        self._numbers = count(1)

    async def answer(self, request: Request) -> Reply:
        """SendSms or QuerySendDetails, if the request is signed."""
        action = request.headers.get("x-acs-action", "")
        self.requests[action] += 1
        try:
            self._check_signature(request)
        except _Refused as refused:
            self.requests["unsigned"] += 1
            return self._refusal(refused.code, refused.status)
        if action == "SendSms":
            return await self._send(request.query)
        if action == "QuerySendDetails":
            return self._details(request.query)
        return self._refusal("InvalidAction.NotFound", 404)

    def report(self, out_id: str, code: str = "DELIVERED") -> dict[str, Any]:
        """The carrier's word on what was accepted last under an out id, as SmsReport would push it now."""
        row = self._books.of_out_id[out_id][-1]
        row.status = DELIVERED if code == "DELIVERED" else FAILED
        row.err_code, row.received = code, self.clock()
        return row.report()

    async def _send(self, asked: dict[str, str]) -> Reply:
        fault = self._fault_of(asked)
        if fault:
            return self._refusal(fault)
        return await self.take(lambda: self._accept(asked), self._refusal)

    def _fault_of(self, asked: dict[str, str]) -> str | None:
        template, params = asked.get("TemplateCode", ""), json.loads(asked.get("TemplateParam", "{}"))
        if not _MOBILE.fullmatch(asked.get("PhoneNumbers", "")):
            return "isv.MOBILE_NUMBER_ILLEGAL"
        if asked.get("SignName") != SIGN_NAME:
            return "isv.SMS_SIGNATURE_ILLEGAL"
        if self.templates is not None and template not in self.templates:
            return "isv.SMS_TEMPLATE_ILLEGAL"
        if self.templates is not None and self.templates[template] - params.keys():
            return "isv.TEMPLATE_MISSING_PARAMETERS"
        return None

    def _accept(self, asked: dict[str, str]) -> Reply:
        biz_id = f"{next(self._numbers):018d}^0"
        row = Row(asked.get("OutId", ""), biz_id, asked["PhoneNumbers"], asked["TemplateCode"], self.clock())
        self._books.of_out_id.setdefault(row.out_id, []).append(row)
        self._books.of_day.setdefault((row.phone, _day(row.sent)), []).append(row)
        values = json.loads(asked.get("TemplateParam", "{}"))
        self.keep(Accepted(row.out_id, row.phone, row.template, values, biz_id))
        return json_reply({"Code": "OK", "Message": "OK", "BizId": biz_id, "RequestId": self._request_id()})

    def _details(self, asked: dict[str, str]) -> Reply:
        size, page = int(asked["PageSize"]), int(asked["CurrentPage"])
        if not 1 <= size <= 50:
            return self._refusal("isv.PAGE_SIZE_ILLEGAL")
        rows = self._books.of_day.get((asked["PhoneNumber"], asked["SendDate"]), [])[::-1]
        total, rows = len(rows), rows[self.withheld :]
        shown = [row.shown() for row in rows[(page - 1) * size : page * size]]
        return json_reply(
            {
                "Code": "OK",
                "Message": "OK",
                "RequestId": self._request_id(),
                "TotalCount": str(total),
                "SmsSendDetailDTOs": {"SmsSendDetailDTO": shown},
            }
        )

    def _check_signature(self, request: Request) -> None:
        headers = request.headers
        found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if found is None:
            raise _Refused(400, "MissingAuthorization")
        key_id, signed, signature = found.groups()
        if key_id != KEY_ID:
            raise _Refused(404, "InvalidAccessKeyId.NotFound")
        if headers.get("x-acs-content-sha256") != hashlib.sha256(request.body).hexdigest():
            raise _Refused(400, "ContentSha256DoesNotMatch")
        if not hmac.compare_digest(signature, _signature(request, signed.split(";"))):
            raise _Refused(400, "SignatureDoesNotMatch")
        if abs(datetime.now(UTC) - datetime.fromisoformat(headers["x-acs-date"])) > TOLERANCE:
            raise _Refused(400, "InvalidTimeStamp.Expired")
        if headers["x-acs-signature-nonce"] in self._nonces:
            raise _Refused(400, "SignatureNonceUsed")
        self._nonces.add(headers["x-acs-signature-nonce"])

    def _refusal(self, code: str, status: int = 200) -> Reply:
        """Faults of the business are HTTP 200 with a code, those of the request itself have an HTTP status too."""
        if not code.startswith(("isv.", "isp.")) and status == 200:
            status = _STATUSES.get(code, 400)
        return json_reply(
            {"Code": code, "Message": self.messages.get(code, code), "RequestId": self._request_id()}, status
        )

    def _request_id(self) -> str:
        return f"RQ-{next(self._numbers):012d}"


_STATUSES = {"ServiceUnavailable": 503, "InternalError": 500}


def _signature(request: Request, signed: list[str]) -> str:
    """What Authorization must say (help.aliyun.com/document_detail/2593177.html: V3 request body and signature)."""
    must = {"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"}
    if must - set(signed) or signed != sorted(signed):
        return ""
    query = "&".join(
        f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(request.query.items())
    )
    headers = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in signed)
    payload = hashlib.sha256(request.body).hexdigest()
    canonical = "\n".join((request.method, request.path, query, headers, ";".join(signed), payload))
    to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    return hmac.new(KEY_SECRET.encode(), to_sign.encode(), hashlib.sha256).hexdigest()


def _day(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y%m%d")


def _local(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


if __name__ == "__main__":
    main(Alibaba)
