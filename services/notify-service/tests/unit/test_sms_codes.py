"""The tables of the SMS providers' codes."""

from datetime import UTC, datetime, timedelta

import pytest
from tencentcloud.sms.v20210111 import errorcodes

from notify_service.channels.port import Fate, ProviderAway, Refusal
from notify_service.channels.sms_codes import ALIBABA, TENCENT, Meaning, Until, meaning_of, refused, shanghai_time

EVENING = datetime(2026, 11, 30, 13, 30, tzinfo=UTC)
"""21:30 in Shanghai, on the last day of a month."""
OF_ANOTHER_INTERFACE = [
    "ForbidAddMarketingTemplates",
    "MissingSignatureList",
    "MissingSignatureToModify",
    "MissingTemplateList",
    "SignIdNotExist",
    "MissingTemplateToModify",
    "NotEnterpriseCertification",
    "ProhibitSubAccountUse",
    "QualificationIdNotApproved",
    "SignNumberLimit",
    "TemplateAlreadyPassedCheck",
    "TemplateNumberLimit",
    "BeginTimeVerifyFail",
    "EndTimeVerifyFail",
    "ImageInvalid",
    "InvalidDocumentType",
    "InvalidInternational",
    "InvalidSignPurpose",
    "InvalidSmsType",
    "InvalidStartTime",
    "InvalidTemplateFormat",
    "InvalidUsedMethod",
    "LimitVerifyFail",
    "MarketingTemplateWithoutUnsubscribe",
    "MultiSmsInfoSetEmpty",
    "OffsetVerifyFail",
    "QualificationIdNotFound",
    "SignAlreadyPassedCheck",
    "SignExistAndUnapproved",
    "SignNameLengthTooLong",
    "TemplateWithDirtyWords",
    "AppCountryOrRegionDailyLimit",
    "AppCountryOrRegionInBlacklist",
    "AppGlobalDailyLimit",
    "GlobalSmsSendingRateLimit",
    "ChineseMainlandTemplateToGlobalPhone",
    "ContainDomesticPhoneNumber",
    "ContainDomesticAndInternationalPhoneNumber",
]
"""Codes of signatures, templates, statistics, and of messages abroad."""

EVERY = [("alibaba", code, meaning) for code, meaning in ALIBABA.items()] + [
    ("tencent", code, meaning) for code, meaning in TENCENT.items()
]


@pytest.mark.parametrize(
    ("provider", "code", "meaning"), EVERY, ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_code_is_a_refusal_or_no_word(provider: str, code: str, meaning: Meaning) -> None:
    if meaning.refusal is None:
        with pytest.raises(ProviderAway):
            refused(provider, code, "", EVENING)
        return
    receipt = refused(provider, code, "", EVENING)
    assert (receipt.fate, receipt.cause, receipt.refusal) == (Fate.REFUSED, code, meaning.refusal)
    assert receipt.retry_after == (meaning.until.after(EVENING) if meaning.until else None)
    assert receipt.retry_after is None or receipt.retry_after > timedelta(0)


@pytest.mark.parametrize(
    ("provider", "code", "refusal"),
    [
        ("alibaba", "isv.BUSINESS_LIMIT_CONTROL", Refusal.LATER),
        ("alibaba", "isv.DAY_LIMIT_CONTROL", Refusal.QUOTA),
        ("alibaba", "isv.AMOUNT_NOT_ENOUGH", Refusal.QUOTA),
        ("alibaba", "isv.BLACK_KEY_CONTROL_LIMIT", Refusal.OPTED_OUT),
        ("alibaba", "isv.SMS_SIGNATURE_ILLEGAL", Refusal.CONFIGURATION),
        ("alibaba", "isv.SMS_TEMPLATE_ILLEGAL", Refusal.CONFIGURATION),
        ("alibaba", "isv.MOBILE_NUMBER_ILLEGAL", Refusal.PERSON),
        ("alibaba", "isp.SYSTEM_ERROR", None),
        ("tencent", "LimitExceeded.PhoneNumberOneHourLimit", Refusal.LATER),
        ("tencent", "LimitExceeded.AppDailyLimit", Refusal.QUOTA),
        ("tencent", "FailedOperation.InsufficientBalanceInSmsPackage", Refusal.QUOTA),
        ("tencent", "FailedOperation.PhoneNumberInBlacklist", Refusal.OPTED_OUT),
        ("tencent", "FailedOperation.SignatureIncorrectOrUnapproved", Refusal.CONFIGURATION),
        ("tencent", "FailedOperation.TemplateUnapprovedOrNotExist", Refusal.CONFIGURATION),
        ("tencent", "InvalidParameterValue.IncorrectPhoneNumber", Refusal.PERSON),
        ("tencent", "RequestLimitExceeded", Refusal.LATER),
        ("tencent", "InternalError.Timeout", None),
    ],
)
def test_what_the_main_codes_ask_of_us(provider: str, code: str, refusal: Refusal | None) -> None:
    assert meaning_of(provider, code).refusal is refusal


def test_the_table_knows_every_code_of_the_sdk_that_sending_may_answer() -> None:
    theirs = {value for name, value in vars(errorcodes).items() if name.isupper()}
    lacking = {code for code in theirs - TENCENT.keys() if code.rpartition(".")[2] not in OF_ANOTHER_INTERFACE}
    assert not lacking


@pytest.mark.parametrize(
    ("provider", "code", "refusal"),
    [
        ("alibaba", "isv.SOMETHING_NEW", Refusal.CONFIGURATION),
        ("alibaba", "Throttling.Something", Refusal.LATER),
        ("alibaba", "isp.SOMETHING_NEW", None),
        ("tencent", "FailedOperation.SomethingNew", Refusal.CONFIGURATION),
        ("tencent", "LimitExceeded.SomethingNew", Refusal.LATER),
        ("tencent", "InternalError.SomethingNew", None),
    ],
)
def test_an_unknown_code_is_judged_by_its_family_and_never_blames_the_person(
    provider: str, code: str, refusal: Refusal | None
) -> None:
    assert meaning_of(provider, code).refusal is refusal


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        ("触发分钟级流控Permits:1", timedelta(minutes=1)),
        ("触发小时级流控Permits:5", timedelta(hours=1)),
        ("触发天级流控Permits:10", timedelta(hours=2, minutes=30)),
        ("frequency", timedelta(minutes=1)),
    ],
)
def test_the_text_beside_a_business_limit_says_how_long(told: str, wait: timedelta) -> None:
    assert refused("alibaba", "isv.BUSINESS_LIMIT_CONTROL", told, EVENING).retry_after == wait


def test_days_and_months_end_in_shanghai() -> None:
    assert Until.TOMORROW.after(EVENING) == timedelta(hours=2, minutes=30)
    assert Until.NEXT_MONTH.after(EVENING) == timedelta(hours=2, minutes=30)
    assert Until.NEXT_MONTH.after(EVENING + timedelta(hours=3)) == timedelta(days=31) - timedelta(minutes=30)


def test_a_wait_that_the_provider_says_itself_counts() -> None:
    said = timedelta(seconds=7)
    assert refused("alibaba", "Throttling.User", "", EVENING, retry_after=said).retry_after == said


@pytest.mark.parametrize("text", ["", None, "yesterday", "2026-13-01 00:00:00"])
def test_a_time_that_is_none(text: str | None) -> None:
    assert shanghai_time(text) is None


def test_a_time_of_shanghai_is_read_as_utc() -> None:
    assert shanghai_time("2026-11-30 21:30:00") == EVENING
