"""What the codes of the SMS providers ask of us: one table each, and what to make of a code that no table has.

Sources: Alibaba Cloud, 国内消息API错误码 (help.aliyun.com/document_detail/101346.html), receipts 回执错误码
(help.aliyun.com/document_detail/101347.html); Tencent Cloud, the SDK's own `tencentcloud/sms/v20210111/errorcodes.py`
and 公共错误码 (cloud.tencent.com/document/api/382/52075).

A code of ours (isv., InvalidParameter…) is a definite refusal: nothing was accepted. A code by which the provider
says that it failed itself (isp., InternalError…) leaves open whether it had accepted already, so it tells nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from microwish.logs import get_logger
from microwish.telemetry import counter
from notify_service.channels.port import Fate, ProviderAway, Receipt, Refusal

_log = get_logger(__name__)
_unknown = counter("sms_unknown_codes", "Refusals whose code no table has", ("provider",))

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""The providers' days and months, whatever zone the installation reads."""


def shanghai_time(text: str | None) -> datetime | None:
    """`2017-01-01 00:00:00`, as the provider writes it, in UTC; None if it isn't one."""
    try:
        return datetime.strptime(text or "", "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI).astimezone(UTC)
    except ValueError:
        return None


class Until(Enum):
    """When a limit is over."""

    HALF_MINUTE = timedelta(seconds=30)
    MINUTE = timedelta(minutes=1)
    HOUR = timedelta(hours=1)
    TOMORROW = "tomorrow"
    """The next midnight in Shanghai: daily limits count calendar days (自然日)."""
    NEXT_MONTH = "next month"

    def after(self, now: datetime) -> timedelta:
        """How long that is from now."""
        if isinstance(self.value, timedelta):
            return self.value
        midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        if self is Until.TOMORROW:
            return midnight + timedelta(days=1) - now
        return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1) - now


@dataclass(frozen=True)
class Meaning:
    """What a code asks of us. refusal: None where it does not say whether the message was accepted."""

    refusal: Refusal | None
    until: Until | None = None


AWAY = Meaning(None)
OURS = Meaning(Refusal.CONFIGURATION)
PERSON = Meaning(Refusal.PERSON)
OPTED_OUT = Meaning(Refusal.OPTED_OUT)
SOON = Meaning(Refusal.LATER)
NO_MONEY = Meaning(Refusal.QUOTA)
QUOTA_OF_DAY = Meaning(Refusal.QUOTA, Until.TOMORROW)


def _later(until: Until) -> Meaning:
    return Meaning(Refusal.LATER, until)


ALIBABA: dict[str, Meaning] = {
    # One number too often, in a minute, an hour or a day: the text beside the code says which (`LEVELS`).
    "isv.BUSINESS_LIMIT_CONTROL": _later(Until.MINUTE),
    "isv.DAY_LIMIT_CONTROL": QUOTA_OF_DAY,
    "isv.MONTH_LIMIT_CONTROL": Meaning(Refusal.QUOTA, Until.NEXT_MONTH),
    "isv.AMOUNT_NOT_ENOUGH": NO_MONEY,
    "isv.OUT_OF_SERVICE": NO_MONEY,
    # 黑名单管控: the number once unsubscribed or complained (before 2020 the same code spoke of forbidden words).
    "isv.BLACK_KEY_CONTROL_LIMIT": OPTED_OUT,
    "isv.CUSTOMER_REFUSED": OPTED_OUT,
    "isv.MOBILE_NUMBER_ILLEGAL": PERSON,
    **dict.fromkeys(
        (
            "isv.SMS_SIGNATURE_ILLEGAL",
            "isv.SMS_SIGN_ILLEGAL",
            "isv.SIGN_NAME_ILLEGAL",
            "isv.SIGN_STATE_ILLEGAL",
            "isv.SMS_SIGNATURE_SCENE_ILLEGAL",
            "isv.SMS_TEMPLATE_ILLEGAL",
            "isv.TEMPLATE_MISSING_PARAMETERS",
            "isv.TEMPLATE_PARAMS_ILLEGAL",
            "isv.INVALID_JSON_PARAM",
            "isv.INVALID_PARAMETERS",
            "isv.PARAM_LENGTH_LIMIT",
            "isv.PARAM_NOT_SUPPORT_URL",
            "isv.SMS_CONTENT_ILLEGAL",
            "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE",
            "isv.UNSUPPORTED_CONTENT",
            "isv.EXTEND_CODE_ERROR",
            "isv.MOBILE_COUNT_OVER_LIMIT",
            "isv.DOMESTIC_NUMBER_NOT_SUPPORTED",
            "isv.DENY_IP_RANGE",
            "isv.PRODUCT_UN_SUBSCRIPT",
            "isv.PRODUCT_UNSUBSCRIBE",
            "isv.ACCOUNT_NOT_EXISTS",
            "isv.ACCOUNT_ABNORMAL",
            "isv.SECURITY_FROZEN_ACCOUNT",
            "isv.SMS_TEST_NUMBER_LIMIT",
            "isv.SMS_TEST_SIGN_TEMPLATE_LIMIT",
            "isv.SMS_TEST_TEMPLATE_PARAMS_ILLEGAL",
            "isp.RAM_PERMISSION_DENY",
            "SignatureDoesNotMatch",
            "IncompleteSignature",
            "InvalidAccessKeyId.NotFound",
            "InvalidAccessKeyId.Inactive",
            "InvalidTimeStamp.Expired",
            "InvalidVersion",
            "InvalidAction.NotFound",
            "Forbidden.RAM",
            "NoPermission",
        ),
        OURS,
    ),
    "Throttling": SOON,
    "Throttling.User": SOON,
    "Throttling.Api": SOON,
    "isp.SYSTEM_ERROR": AWAY,
    "isp.GATEWAY_ERROR": AWAY,
    "ServiceUnavailable": AWAY,
    "InternalError": AWAY,
    # Somebody on the way sent our request twice: what became of the first copy is not said.
    "SignatureNonceUsed": AWAY,
}
"""Answers of SendSms."""

LEVELS: tuple[tuple[str, Until], ...] = (
    ("天级", Until.TOMORROW),
    ("小时级", Until.HOUR),
    ("分钟级", Until.MINUTE),
)
"""触发小时级流控Permits:5 and the like, beside isv.BUSINESS_LIMIT_CONTROL."""

ALIBABA_RECEIPTS: dict[str, Meaning] = {
    "MOBILE_IN_BLACK": OPTED_OUT,
    "USER_REJECT": OPTED_OUT,
    "isv.BLACK_KEY_CONTROL_LIMIT": OPTED_OUT,
    "isv.CUSTOMER_REFUSED": OPTED_OUT,
    "MOBILE_NOT_ON_SERVICE": PERSON,
    "MOBILE_ACCOUNT_ABNORMAL": PERSON,
    "MOBLLE_TERMINAL_ERROR": PERSON,  # sic: the provider's spelling
    "INVALID_NUMBER": PERSON,
    "isv.MOBILE_NUMBER_ILLEGAL": PERSON,
    "MOBILE_SEND_LIMIT": _later(Until.TOMORROW),
    "IS_CLOSE": SOON,
    "CONTENT_KEYWORD": OURS,
    "CONTENT_ERROR": OURS,
    "PARAMS_ILLEGAL": OURS,
    "NO_ROUTE": OURS,
}
"""Why something accepted did not arrive; codes of single carriers are not listed and only told on."""

TENCENT: dict[str, Meaning] = {
    "LimitExceeded.PhoneNumberThirtySecondLimit": _later(Until.HALF_MINUTE),
    "LimitExceeded.DeliveryFrequencyLimit": _later(Until.MINUTE),
    "LimitExceeded.PhoneNumberOneHourLimit": _later(Until.HOUR),
    "LimitExceeded.PhoneNumberDailyLimit": _later(Until.TOMORROW),
    "LimitExceeded.PhoneNumberSameContentDailyLimit": _later(Until.TOMORROW),
    "LimitExceeded.AppDailyLimit": QUOTA_OF_DAY,
    "LimitExceeded.AppMainlandChinaDailyLimit": QUOTA_OF_DAY,
    "LimitExceeded.DailyLimit": QUOTA_OF_DAY,
    "FailedOperation.InsufficientBalanceInSmsPackage": NO_MONEY,
    "UnauthorizedOperation.ServiceSuspendDueToArrears": NO_MONEY,
    "FailedOperation.PhoneNumberInBlacklist": OPTED_OUT,
    "InvalidParameterValue.IncorrectPhoneNumber": PERSON,
    "FailedOperation.PhoneNumberParseFail": PERSON,
    **dict.fromkeys(
        (
            "FailedOperation.SignatureIncorrectOrUnapproved",
            "FailedOperation.TemplateIncorrectOrUnapproved",
            "FailedOperation.TemplateUnapprovedOrNotExist",
            "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
            "FailedOperation.TemplateIdNotExist",
            "FailedOperation.MissingSignature",
            "FailedOperation.ContainSensitiveWord",
            "FailedOperation.MarketingSendTimeConstraint",
            "FailedOperation.FailResolvePacket",
            "FailedOperation.JsonParseFail",
            "FailedOperation.OtherError",
            "InvalidParameter",
            "InvalidParameter.AppidAndBizId",
            "InvalidParameter.DirtyWordFound",
            "InvalidParameter.InvalidParameters",
            "InvalidParameterValue.ContentLengthLimit",
            "InvalidParameterValue.TemplateParameterFormatError",
            "InvalidParameterValue.TemplateParameterLengthLimit",
            "InvalidParameterValue.UnsupportedTemplateVariable",
            "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter",
            "InvalidParameterValue.SdkAppIdNotExist",
            "LimitExceeded.PhoneNumberCountLimit",
            "MissingParameter",
            "MissingParameter.EmptyPhoneNumberSet",
            "UnauthorizedOperation.IndividualUserMarketingSmsPermissionDeny",
            "UnauthorizedOperation.RequestIpNotInWhitelist",
            "UnauthorizedOperation.RequestPermissionDeny",
            "UnauthorizedOperation.SdkAppIdIsDisabled",
            "UnauthorizedOperation.SmsSdkAppIdVerifyFail",
            "UnsupportedOperation",
            "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone",
            "UnsupportedOperation.UnsupportedRegion",
            "AuthFailure.InvalidAuthorization",
            "AuthFailure.InvalidSecretId",
            "AuthFailure.SecretIdNotFound",
            "AuthFailure.SignatureExpire",
            "AuthFailure.SignatureFailure",
            "AuthFailure.TokenFailure",
            "AuthFailure.UnauthorizedOperation",
            # Refused before anything was read, though their names begin like a failure of the provider's own.
            "InternalError.RequestTimeException",
            "InternalError.RestApiInterfaceNotExist",
            "InternalError.SigFieldMissing",
            "InternalError.SigVerificationFail",
        ),
        OURS,
    ),
    "RequestLimitExceeded": SOON,
    "RequestLimitExceeded.IPLimitExceeded": SOON,
    "RequestLimitExceeded.UinLimitExceeded": SOON,
    "RequestLimitExceeded.GlobalRegionUinLimitExceeded": SOON,
    "InternalError": AWAY,
    "InternalError.JsonParseFail": AWAY,
    "InternalError.OtherError": AWAY,
    "InternalError.ParseBackendResponseFail": AWAY,
    "InternalError.SendAndRecvFail": AWAY,
    "InternalError.Timeout": AWAY,
    "InternalError.UnknownError": AWAY,
    "ServiceUnavailable": AWAY,
    "FailedOperation.ParametersOtherError": AWAY,
    # The SDK's own words for a connection that failed or an answer that was none.
    "ClientNetworkError": AWAY,
    "ServerNetworkError": AWAY,
}
"""Answers of SendSms, of the request as a whole and of its one number alike."""

_FAMILIES: Mapping[str, Sequence[tuple[str, Meaning]]] = {
    "alibaba": (("Throttling", SOON), ("isp.", AWAY), ("ServiceUnavailable", AWAY), ("InternalError", AWAY)),
    "tencent": (("RequestLimitExceeded", SOON), ("LimitExceeded", SOON), ("InternalError", AWAY)),
}
_TABLES: Mapping[str, Mapping[str, Meaning]] = {"alibaba": ALIBABA, "tencent": TENCENT}


def meaning_of(provider: str, code: str, told: str = "") -> Meaning:
    """What this answer to a sending asks of us; `told` is the text beside the code.

    A code of no table is judged by the family that it begins with. One of no family either is a refusal that ops look
    at while another provider may do: it is counted, and never taken for a word on the person.
    """
    known = _TABLES[provider].get(code)
    if known is not None:
        level = next((until for word, until in LEVELS if word in told), None)
        return Meaning(known.refusal, level) if code == "isv.BUSINESS_LIMIT_CONTROL" and level else known
    _unknown.labels(provider).inc()
    _log.warning("unknown_sms_code", provider=provider, cause=code[:80])
    return next((meaning for start, meaning in _FAMILIES[provider] if code.startswith(start)), OURS)


def refused(provider: str, code: str, told: str, now: datetime, *, retry_after: timedelta | None = None) -> Receipt:
    """The refusal that the provider answered. retry_after: as it said itself.

    Raises: ProviderAway, where the code leaves open whether the message was accepted.
    """
    meaning = meaning_of(provider, code, told)
    if meaning.refusal is None:
        raise ProviderAway(f"{provider} answered {code[:80]}")
    wait = retry_after or (meaning.until.after(now) if meaning.until else None)
    return Receipt(Fate.REFUSED, cause=code[:80], refusal=meaning.refusal, retry_after=wait)
