"""Tencent Cloud SMS as the tests play it: SendSms and PullSmsSendStatusByPhoneNumber (version 2021-01-11), TC3 signed.

It does not drop a SessionContext that comes again, and its status list holds only what a carrier has reported.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from providers.server import Accepted, Chances, PlayedProvider, Reply, Request, json_reply, main

SECRET_ID = "AKID-tests"
SECRET_KEY = "not-a-secret"
APP_ID = "1400006666"
SIGN_NAME = "微心愿"
TOLERANCE_SECONDS = 300
_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/]+)/(\d{4}-\d\d-\d\d)/sms/tc3_request, "
    r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})"
)
_MOBILE = re.compile(r"\+861[3-9]\d{9}")


@dataclass
class Status:
    """What became of one message. reported: the carrier's word, epoch seconds and code, once there is one."""

    session: str
    serial: str
    phone: str
    sent: float
    reported: tuple[float, str] | None = None

    def shown(self, *, sessions: bool) -> dict[str, Any]:
        """As the status list shows it."""
        assert self.reported is not None
        at, code = self.reported
        return {
            "UserReceiveTime": int(at),
            "CountryCode": "86",
            "SubscriberNumber": self.phone[3:],
            "PhoneNumber": self.phone,
            "SerialNo": self.serial,
            "ReportStatus": "SUCCESS" if code == "DELIVRD" else "FAIL",
            "Description": "用户短信接收成功" if code == "DELIVRD" else code,
            "SessionContext": self.session if sessions else "",
        }


class Tencent(PlayedProvider):
    """The provider.

    templates: how many parameters each approved one has; None approves all. reports_at_once: carriers answer as soon
    as something is accepted. sessions: the account's status list names sessions, as one has to ask for.
    """

    fail_code = "RequestLimitExceeded"

    def __init__(
        self,
        chances: Chances | None = None,
        *,
        templates: Mapping[str, int] | None = None,
        reports_at_once: bool = True,
        sessions: bool = True,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(chances)
        self.templates = templates
        self.reports_at_once = reports_at_once
        self.sessions = sessions
        self.clock = clock
        self._statuses: dict[str, list[Status]] = {}
        self._numbers = count(1)

    async def answer(self, request: Request) -> Reply:
        """SendSms or PullSmsSendStatusByPhoneNumber, if the request is signed."""
        action = request.headers.get("x-tc-action", "")
        self.requests[action] += 1
        if (fault := _fault_of_signature(request)) is not None:
            self.requests["unsigned"] += 1
            return self._error(fault)
        asked = json.loads(request.body)
        if asked.get("SmsSdkAppId") != APP_ID:
            return self._error("UnauthorizedOperation.SmsSdkAppIdVerifyFail")
        if action == "SendSms":
            return await self._send(asked)
        if action == "PullSmsSendStatusByPhoneNumber":
            return self._pull(asked)
        return self._error("InvalidAction")

    def report(self, session: str, code: str = "DELIVRD") -> dict[str, Any]:
        """The carrier's word on what was accepted last under a session, as the callback would bring it."""
        status = [one for kept in self._statuses.values() for one in kept if one.session == session][-1]
        status.reported = (self.clock().timestamp(), code)
        return {
            "user_receive_time": datetime.fromtimestamp(status.reported[0]).strftime("%Y-%m-%d %H:%M:%S"),  # noqa: DTZ006
            "nationcode": "86",
            "mobile": status.phone[3:],
            "report_status": "SUCCESS" if code == "DELIVRD" else "FAIL",
            "errmsg": code,
            "description": "用户短信送达成功" if code == "DELIVRD" else code,
            "sid": status.serial,
        }

    async def _send(self, asked: dict[str, Any]) -> Reply:
        fault = self._fault_of(asked)
        if fault:
            return self._status(asked, fault)
        return await self.take(lambda: self._accept(asked), lambda code: self._refuse(asked, code))

    def _fault_of(self, asked: dict[str, Any]) -> str | None:
        if not all(_MOBILE.fullmatch(phone) for phone in asked["PhoneNumberSet"]):
            return "InvalidParameterValue.IncorrectPhoneNumber"
        if asked.get("SignName") != SIGN_NAME:
            return "FailedOperation.SignatureIncorrectOrUnapproved"
        if self.templates is None:
            return None
        if asked["TemplateId"] not in self.templates:
            return "FailedOperation.TemplateUnapprovedOrNotExist"
        if len(asked.get("TemplateParamSet") or []) != self.templates[asked["TemplateId"]]:
            return "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
        return None

    def _accept(self, asked: dict[str, Any]) -> Reply:
        now = self.clock().timestamp()
        phone, session = asked["PhoneNumberSet"][0], asked.get("SessionContext", "")
        status = Status(session, f"2:{next(self._numbers):020d}", phone, now)
        if self.reports_at_once:
            status.reported = (now, "DELIVRD")
        self._statuses.setdefault(phone, []).append(status)
        self.keep(Accepted(session, phone, asked["TemplateId"], asked.get("TemplateParamSet") or [], status.serial))
        return self._status(asked, "Ok", status.serial)

    def _refuse(self, asked: dict[str, Any], code: str) -> Reply:
        """Faults of the request as a whole are errors, those of one number stand beside it."""
        whole = code.startswith(("AuthFailure", "RequestLimitExceeded", "InternalError", "Unauthorized", "Missing"))
        return self._error(code) if whole else self._status(asked, code)

    def _pull(self, asked: dict[str, Any]) -> Reply:
        if not 0 < asked["Limit"] <= 100 or asked["Offset"] != 0:
            return self._error("InvalidParameterValue.LimitVerifyFail")
        kept = self._statuses.get(asked["PhoneNumber"], [])
        within = [one for one in kept if asked["BeginTime"] <= one.sent <= asked.get("EndTime", time.time()) + 1]
        shown = [one.shown(sessions=self.sessions) for one in within if one.reported][-asked["Limit"] :]
        return self._answer({"PullSmsSendStatusSet": shown})

    def _status(self, asked: dict[str, Any], code: str, serial: str = "") -> Reply:
        status = {
            "SerialNo": serial,
            "PhoneNumber": asked["PhoneNumberSet"][0],
            "Fee": 1 if serial else 0,
            "SessionContext": asked.get("SessionContext", ""),
            "Code": code,
            "Message": "send success" if serial else code,
            "IsoCode": "CN",
        }
        return self._answer({"SendStatusSet": [status]})

    def _error(self, code: str) -> Reply:
        return self._answer({"Error": {"Code": code, "Message": code}})

    def _answer(self, response: dict[str, Any]) -> Reply:
        return json_reply({"Response": {**response, "RequestId": f"RQ-{next(self._numbers):012d}"}})


def _fault_of_signature(request: Request) -> str | None:
    """Signature method v3 (cloud.tencent.com/document/api/382/52072)."""
    found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if found is None:
        return "AuthFailure.InvalidAuthorization"
    key_id, date, signed, signature = found.groups()
    if key_id != SECRET_ID:
        return "AuthFailure.SecretIdNotFound"
    timestamp = int(request.headers["x-tc-timestamp"])
    if abs(time.time() - timestamp) > TOLERANCE_SECONDS:
        return "AuthFailure.SignatureExpire"
    same_day = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d") == date
    right = same_day and {"content-type", "host"} <= set(signed.split(";"))
    if not right or not hmac.compare_digest(signature, _signature(request, signed, date)):
        return "AuthFailure.SignatureFailure"
    return None


def _signature(request: Request, signed: str, date: str) -> str:
    headers = "".join(f"{name}:{request.headers[name].lower()}\n" for name in signed.split(";"))
    payload = hashlib.sha256(request.body).hexdigest()
    canonical = "\n".join((request.method, request.path, request.raw_query, headers, signed, payload))
    scope = f"{date}/sms/tc3_request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = "\n".join(("TC3-HMAC-SHA256", request.headers["x-tc-timestamp"], scope, hashed))
    key = ("TC3" + SECRET_KEY).encode()
    for part in (date, "sms", "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


if __name__ == "__main__":
    main(Tencent)
