"""Why staff decide against a wish as it is: a catalogue of reasons the resident reads, to which staff add words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wish_service.domain.errors import Fault, InvalidInput


class ReasonFor(StrEnum):
    """The decisions that take a reason of the catalogue."""

    RETURN = "return"
    REJECT = "reject"
    TAKE_DOWN = "take_down"
    CLOSE = "close"


@dataclass(frozen=True)
class Reason:
    """A stable code and what the resident reads, in Chinese and in English."""

    code: str
    zh: str
    en: str


CATALOGUE: Final[Mapping[ReasonFor, tuple[Reason, ...]]] = {
    ReasonFor.RETURN: (
        Reason(
            "details_missing",
            "请说说具体要什么，比如尺寸、型号、数量",
            "Please say what exactly: size, model, how many",
        ),
        Reason("time_missing", "请说说什么时候方便上门", "Please say when somebody may come"),
        Reason("contact_wrong", "电话打不通，请核对联系方式", "We could not reach you: please check your phone number"),
        Reason("several_wishes", "一次说一个心愿，请分开提出", "One wish at a time: please make them separately"),
        Reason(
            "consent_missing", "请先确认同意公开和使用联系方式", "Please agree to publishing and to the use of contact"
        ),
    ),
    ReasonFor.REJECT: (
        Reason(
            "money", "现金、购物卡和借款请向社区申请社会救助", "For cash, cards and loans, ask about social assistance"
        ),
        Reason(
            "public_service", "这件事有专门的部门办理，可拨打 12345", "A public office does this: please call 12345"
        ),
        Reason("too_valuable", "超出微心愿的金额，社区会另想办法", "It is worth more than a small wish may be"),
        Reason("not_local", "不在本社区范围内，请向所在社区提出", "Not of this community: please ask your own"),
        Reason("commercial", "用于经营的需要不在微心愿范围内", "What a business needs is no small wish"),
        Reason("improper", "内容不适合公开", "It can't be shown to everybody"),
    ),
    ReasonFor.TAKE_DOWN: (
        Reason(
            "privacy",
            "内容可能泄露隐私，先撤下来保护您",
            "It may give away private matters; we took it down to protect you",
        ),
        Reason("wrong_content", "内容与实际情况不符", "What it says is not so"),
        Reason("safety", "上门可能不安全", "A visit might not be safe"),
        Reason("met_elsewhere", "这个心愿已经通过别的途径办成", "It was met in another way"),
    ),
    ReasonFor.CLOSE: (
        Reason("nobody_found", "多次推荐后仍没有找到能办的单位", "Nobody was found who could do it"),
        Reason("no_source", "东西已经停产或买不到", "It can't be bought any more"),
        Reason("moved_away", "居民已搬离本社区", "The resident has moved away"),
        Reason("met_elsewhere", "这个心愿已经通过别的途径办成", "It was met in another way"),
        Reason("out_of_reach", "联系不上本人", "The resident can't be reached"),
    ),
}


def readable(decision: ReasonFor, code: str | None, words: str | None) -> str | None:
    """What the resident reads: the catalogue's text, staff's own words behind it, either alone, or None for neither.

    Raises: InvalidInput for a code that this decision doesn't have.
    """
    if code is None:
        return words
    found = next((reason for reason in CATALOGUE[decision] if reason.code == code), None)
    if found is None:
        raise InvalidInput([Fault("reason_code", "field.reason_code")])
    return f"{found.zh}。{words}" if words else f"{found.zh}。"
