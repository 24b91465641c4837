"""What WeChat pushes, read from XML or JSON into one form, and what it means for messages and consents.

A list of one comes as the one itself in JSON, under `List` or under the event's own name, and numbers come as texts
(developers.weixin.qq.com, "订阅通知的事件推送", and the threads there that correct it).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from notify_service.channels.port import Fate, Receipt, Refusal, Report
from notify_service.channels.wechat import OFFICIAL
from notify_service.channels.wechat_codes import cause_of
from notify_service.channels.wechat_mini import MINI

_ITEMS_MAX = 100
_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""What openids and ids of templates are made of."""
_LISTS = ("List", "SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent")
_TEMPLATE_SENT = "TEMPLATESENDJOBFINISH"
_SUBSCRIBE_SENT = "subscribe_msg_sent_event"
_ANSWERED = "subscribe_msg_popup_event"
_CHANGED = "subscribe_msg_change_event"


class Unreadable(Exception):
    """Neither XML nor JSON of the form that WeChat pushes."""


@dataclass(frozen=True)
class Pushed:
    """One push. at: when it happened (UTC); items: of a list, each with its texts."""

    event: str
    openid: str
    at: datetime
    fields: Mapping[str, str]
    items: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Consent:
    """A person's word on one template of the provider's: one more message, or none any more."""

    template: str
    given: bool


def fields_of(body: bytes) -> dict[str, Any]:
    """The body as names and values, one level deep but for lists. Raises: Unreadable."""
    text = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    found = _from_json(text) if text.startswith(b"{") else _from_xml(text)
    if any(not isinstance(name, str) for name in found):
        raise Unreadable
    return found


def pushed(fields: Mapping[str, Any]) -> Pushed:
    """The push that these fields are. Raises: Unreadable."""
    texts = {name: _text(value) for name, value in fields.items() if isinstance(value, str | int)}
    items = tuple(_items(fields))
    seconds = texts.get("CreateTime", "")
    openid = texts.get("FromUserName", "")
    if not _is_number(seconds) or not _NAME.fullmatch(openid) or len(items) > _ITEMS_MAX:
        raise Unreadable
    at = datetime.fromtimestamp(int(seconds), UTC)
    event = texts.get("Event", "") if texts.get("MsgType") == "event" else ""
    return Pushed(event, openid, at, texts, items)


def reports_of(push: Pushed) -> list[Report]:
    """What it says of messages that were sent."""
    if push.event == _TEMPLATE_SENT:
        named = _reference(push.fields.get("MsgID") or push.fields.get("MsgId"))
        return [Report(OFFICIAL, _template_receipt(push), reference=named)] if named else []
    if push.event != _SUBSCRIBE_SENT:
        return []
    rows = push.items or (push.fields,)
    named_rows = [(_reference(row.get("MsgID")), row) for row in rows]
    return [Report(MINI, _subscribe_receipt(row, push.at), reference=named) for named, row in named_rows if named]


def consents_of(push: Pushed) -> list[Consent]:
    """What it says of consents: accepted in the dialogue is one message more, switched off is none any more.

    Declining the dialogue takes nothing away that was consented to earlier.
    """
    rows = [(row.get("TemplateId", ""), row.get("SubscribeStatusString")) for row in push.items]
    found = [(template, status) for template, status in rows if _NAME.fullmatch(template)]
    if push.event == _ANSWERED:
        return [Consent(template, given=True) for template, status in found if status == "accept"]
    if push.event == _CHANGED:
        return [Consent(template, given=False) for template, status in found if status == "reject"]
    return []


def _template_receipt(push: Pushed) -> Receipt:
    status = push.fields.get("Status", "").replace(" ", "")
    if status == "success":
        return Receipt(Fate.DELIVERED, at=push.at)
    if status == "failed:userblock":
        return Receipt(Fate.UNDELIVERED, "user_block", Refusal.PERSON, at=push.at)
    return Receipt(Fate.UNDELIVERED, "system_failed", at=push.at)


def _subscribe_receipt(row: Mapping[str, str], at: datetime) -> Receipt:
    code = row.get("ErrorCode", "")
    if code == "0":
        return Receipt(Fate.DELIVERED, at=at)
    return Receipt(Fate.UNDELIVERED, cause_of(int(code)) if _is_number(code) else "system_failed", at=at)


def _reference(value: str | None) -> str | None:
    # Zero names nothing; it comes where the answer to the sending had none either.
    return value if value and re.fullmatch(r"[1-9]\d{0,29}", value, re.ASCII) else None


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d{1,11}", text, re.ASCII) is not None


def _from_json(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable from None
    if not isinstance(found, dict):
        raise Unreadable
    return found


def _from_xml(text: bytes) -> dict[str, Any]:
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Unreadable from None
    return {child.tag: _value(child) for child in root}


def _value(child: Element) -> Any:
    if not len(child):
        return child.text or ""
    return [{one.tag: one.text or "" for one in row} for row in child if row.tag == "List"]


def _items(fields: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for name in _LISTS:
        found = fields.get(name, ())
        if isinstance(found, Mapping) and "List" in found:
            found = found["List"]
        rows = [found] if isinstance(found, Mapping) else found if isinstance(found, list) else []
        for row in rows:
            if isinstance(row, Mapping):
                yield {key: _text(value) for key, value in row.items() if isinstance(value, str | int)}


def _text(value: str | int) -> str:
    return str(value)
