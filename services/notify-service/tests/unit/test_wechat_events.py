"""What WeChat pushes, in every form it comes in."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from notify_service.channels.port import Fate, Receipt, Refusal, Report
from notify_service.channels.wechat_events import (
    Consent,
    Pushed,
    Unreadable,
    consents_of,
    fields_of,
    pushed,
    reports_of,
)

OPENID = "otFpruAK8D-E6EfStSYonYSBZ8_4"
HEAD = {"ToUserName": "gh_123456789abc", "FromUserName": OPENID, "CreateTime": "1610969440", "MsgType": "event"}
AT = datetime.fromtimestamp(1610969440, UTC)
FIRST, SECOND = "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc", "9nLIlbOQZC5Y89AZteFEux3WCXRRRG5Wfzkpssu4bLI"


def xml(inner: str, **fields: str) -> bytes:
    texts = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in {**HEAD, **fields}.items())
    return f"<xml>{texts}{inner}</xml>".encode()


def in_json(**fields: Any) -> bytes:
    return json.dumps({**HEAD, **fields}).encode()


def read(body: bytes) -> Pushed:
    return pushed(fields_of(body))


@pytest.mark.parametrize(
    ("status", "receipt"),
    [
        ("success", Receipt(Fate.DELIVERED, at=AT)),
        ("failed:user block", Receipt(Fate.UNDELIVERED, "user_block", Refusal.PERSON, at=AT)),
        ("failed: system failed", Receipt(Fate.UNDELIVERED, "system_failed", at=AT)),
    ],
)
def test_a_template_message_came_to_an_end(status: str, receipt: Receipt) -> None:
    fields = {"Event": "TEMPLATESENDJOBFINISH", "MsgID": "200163836", "Status": status}
    expected = [Report("official", receipt, reference="200163836")]
    assert reports_of(read(xml("", **fields))) == expected
    assert reports_of(read(in_json(**{**fields, "MsgID": 200163836}))) == expected


@pytest.mark.parametrize("named", ["0", "", "-1", "x", "9" * 31])
def test_a_report_that_names_nothing_is_none(named: str) -> None:
    assert reports_of(read(xml("", Event="TEMPLATESENDJOBFINISH", MsgID=named, Status="success"))) == []


def item(template: str, status: str) -> dict[str, str]:
    return {"TemplateId": template, "SubscribeStatusString": status, "PopupScene": "0"}


ONE, TWO = [item(FIRST, "accept")], [item(FIRST, "accept"), item(SECOND, "reject")]
FORMS = {
    "a list": lambda rows: {"List": rows},
    "one by itself": lambda rows: {"List": rows[0] if len(rows) == 1 else rows},
    "under its name": lambda rows: {"SubscribeMsgPopupEvent": rows},
    "a list under its name": lambda rows: {"SubscribeMsgPopupEvent": {"List": rows}},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("rows", [ONE, TWO], ids=["one", "two"])
def test_consents_are_read_from_every_form(form: str, rows: list[dict[str, str]]) -> None:
    body = in_json(Event="subscribe_msg_popup_event", **FORMS[form](rows))
    assert consents_of(read(body)) == [Consent(FIRST, given=True)]


def test_consents_are_read_from_xml() -> None:
    rows = "".join(
        f"<List><TemplateId><![CDATA[{row['TemplateId']}]]></TemplateId>"
        f"<SubscribeStatusString>{row['SubscribeStatusString']}</SubscribeStatusString></List>"
        for row in TWO
    )
    inner = f"<SubscribeMsgPopupEvent>{rows}</SubscribeMsgPopupEvent>"
    assert consents_of(read(xml(inner, Event="subscribe_msg_popup_event"))) == [Consent(FIRST, given=True)]
    # The guide's own example names the list of this event like that of the other.
    assert consents_of(read(xml(inner, Event="subscribe_msg_change_event"))) == [Consent(SECOND, given=False)]


def test_a_subscribe_message_came_to_an_end() -> None:
    rows = [
        {"TemplateId": FIRST, "MsgID": "2794188253209100289", "ErrorCode": "0", "ErrorStatus": "success"},
        {"TemplateId": FIRST, "MsgID": "2794188253209100290", "ErrorCode": "43101", "ErrorStatus": "refused"},
        {"TemplateId": FIRST, "MsgID": "2794188253209100291", "ErrorCode": "?", "ErrorStatus": "?"},
    ]
    found = reports_of(read(in_json(Event="subscribe_msg_sent_event", List=rows)))
    assert [(one.provider, one.reference, one.receipt.fate, one.receipt.cause) for one in found] == [
        ("mini", "2794188253209100289", Fate.DELIVERED, None),
        ("mini", "2794188253209100290", Fate.UNDELIVERED, "wechat_43101"),
        ("mini", "2794188253209100291", Fate.UNDELIVERED, "system_failed"),
    ]


@pytest.mark.parametrize("kind", ["text", "event"])
def test_other_pushes_mean_nothing(kind: str) -> None:
    push = read(in_json(MsgType=kind, Event="subscribe", Content="你好"))
    assert (reports_of(push), consents_of(push)) == ([], [])


BOMB = b"""<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Event>&b;</Event></xml>"""
OUTSIDE = (
    b"""<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Event>&a;</Event></xml>"""
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"<xml>",
        b"<xml></xml>",
        b"{",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\xff\xfe",
        b'<?xml version="1.0" encoding="utf-99"?><xml/>',
        BOMB,
        OUTSIDE,
        in_json(CreateTime="soon"),
        in_json(CreateTime="1" * 12),
        in_json(CreateTime=-5),
        in_json(FromUserName="o" * 200),
        in_json(FromUserName="\ud800"),
        in_json(Event="subscribe_msg_popup_event", List=[item(FIRST, "accept")] * 101),
        in_json().replace(b'"1610969440"', b"1" * 5000),
    ],
)
def test_what_is_malformed_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


@pytest.mark.parametrize("template", ["", "a.b", "$left", "\x00", "\ud800", "x" * 101])
def test_a_template_id_that_is_none_counts_for_nothing(template: str) -> None:
    assert consents_of(read(in_json(Event="subscribe_msg_popup_event", List=[item(template, "accept")]))) == []
