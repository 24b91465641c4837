"""What WeChat pushes over HTTP: signed or refused, once in effect, nothing stored of what is malformed."""

import base64
import json
import os
import struct
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from providers.server import Fault, serving
from providers.wechat import APP_ID, SECRET, Wechat
from providers.wechat_accounts import TEMPLATE_ID, approved_file, openid

from notify_service.channels.wechat_seal import signed

pytestmark = [pytest.mark.integration, pytest.mark.brokerless]
TOKEN = "AAAAA"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PATH = "/callbacks/wechat"


@pytest.fixture
async def wechat() -> Any:
    provider = Wechat()
    async with serving(provider) as server:
        yield provider, server


@pytest.fixture
def make_shop(make_desk: Any, wechat: Any, tmp_path: Path) -> Any:
    """Makes a service whose WeChat is a played one, and whose SMS is the sandbox."""

    async def make(provider: str, **own: Any) -> Any:
        return await make_desk(
            wechat_provider=provider,
            wechat_url=wechat[1].url,
            wechat_app_id=APP_ID,
            wechat_app_secret=SECRET,
            wechat_callback_token=TOKEN,
            approved_templates=approved_file(tmp_path, provider),
            **own,
        )

    return make


def address(shop: Any, *more: str, token: str = TOKEN, late: timedelta = timedelta()) -> dict[str, str]:
    """The query that WeChat adds."""
    timestamp, nonce = str(int((shop.clock() - late).timestamp())), "486452656"
    query = {"timestamp": timestamp, "nonce": nonce, "signature": signed(token, timestamp, nonce)}
    return {**query, "msg_signature": signed(token, timestamp, nonce, *more)} if more else query


def event(shop: Any, name: str, person: str, **fields: Any) -> dict[str, Any]:
    at = int(shop.clock().timestamp())
    return {"ToUserName": "gh_1", "FromUserName": person, "CreateTime": at, "MsgType": "event", "Event": name, **fields}


def in_xml(fields: dict[str, Any]) -> bytes:
    return (
        "<xml>" + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items()) + "</xml>"
    ).encode()


async def push(shop: Any, body: bytes | dict[str, Any], query: dict[str, str] | None = None) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer: httpx.Response = await shop.http.post(PATH, content=content, params=query or address(shop))
    return answer


def answered(shop: Any, person: str, status: str = "accept") -> dict[str, Any]:
    row = {"TemplateId": TEMPLATE_ID, "SubscribeStatusString": status, "PopupScene": "0"}
    return event(shop, "subscribe_msg_popup_event", person, List=row)


async def left(shop: Any, person: str) -> int:
    count: int = await shop.service.store.credits.left(shop.settings.blind_index().of(person), TEMPLATE_ID)
    return count


async def test_wechat_learns_that_the_address_is_ours(make_shop: Any) -> None:
    shop = await make_shop("official")
    answer = await shop.http.get(PATH, params={**address(shop), "echostr": "5912850"})
    assert (answer.status_code, answer.text) == (200, "5912850")
    assert answer.headers["content-type"].startswith("text/plain")
    stranger = await shop.http.get(PATH, params={**address(shop, token="B"), "echostr": "<b>"})
    assert (stranger.status_code, stranger.json()["code"]) == (403, "forbidden")


async def test_without_an_account_there_is_nothing_here(desk: Any) -> None:
    assert (await push(desk, b"{}")).status_code == 404


async def test_a_consent_counts_once_and_is_taken_back(make_shop: Any) -> None:
    shop, person = await make_shop("mini"), openid()
    given = answered(shop, person)
    for _ in range(3):
        answer = await push(shop, given)
        assert (answer.status_code, answer.text) == (200, "success")
    assert await left(shop, person) == 1
    shop.clock.ahead += timedelta(seconds=5)
    await push(shop, answered(shop, person))
    await push(shop, answered(shop, person, "reject"))
    assert await left(shop, person) == 2
    [row] = await shop.rows("credits")
    assert person not in str(row)
    shop.clock.ahead += timedelta(seconds=5)
    off = answered(shop, person, "reject")
    await push(shop, {**off, "Event": "subscribe_msg_change_event"})
    assert await left(shop, person) == 0
    await push(shop, given)
    assert await left(shop, person) == 0, "an old one again"


async def test_what_is_not_signed_malformed_or_stale_changes_nothing(make_shop: Any) -> None:
    shop, person = await make_shop("mini"), openid()
    given = answered(shop, person)
    bomb = b'<!DOCTYPE x [<!ENTITY a "aa">]><xml><Event>&a;</Event></xml>'
    too_far = {**given, "CreateTime": "soon"}
    for body, query, status in (
        (given, {}, 403),
        (given, address(shop, token="B"), 403),
        (given, address(shop, late=timedelta(minutes=6)), 403),
        (given, address(shop, late=timedelta(minutes=-6)), 403),
        (given, {**address(shop), "nonce": "another"}, 403),
        (given, {**address(shop), "nonce": "n" * 300}, 422),
        (b"", address(shop), 400),
        (bomb, address(shop), 400),
        (too_far, address(shop), 400),
        (b"{" + b" " * 70_000 + b"}", address(shop), 413),
    ):
        answer = await push(shop, body, query or {"x": "y"})
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert await shop.rows("credits") == []


def sealed(body: dict[str, Any], app_id: str = APP_ID) -> str:
    raw, key = json.dumps(body).encode(), base64.b64decode(KEY + "=")
    plain = os.urandom(16) + struct.pack(">I", len(raw)) + raw + app_id.encode()
    padding = 32 - len(plain) % 32
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(cipher.update(plain + bytes([padding]) * padding) + cipher.finalize()).decode()


async def test_in_safe_mode_nothing_counts_that_is_not_sealed(make_shop: Any) -> None:
    shop, person = await make_shop("mini", wechat_encoding_aes_key=KEY), openid()
    given = answered(shop, person)
    encrypted = sealed(given)
    assert (await push(shop, given)).status_code == 403
    # With the plain event beside it, as in the mode for changing over: only what is sealed is read.
    assert (await push(shop, {**given, "Encrypt": encrypted})).status_code == 403
    other = sealed(given, "wx0000000000000000")
    assert (await push(shop, {"Encrypt": other}, address(shop, other))).status_code == 400
    assert await shop.rows("credits") == []
    for body in (in_xml({"ToUserName": "gh_1", "Encrypt": encrypted}), {"Encrypt": encrypted}):
        answer = await push(shop, body, address(shop, encrypted))
        assert (answer.status_code, answer.text) == (200, "success")
    assert await left(shop, person) == 1


async def told_by_wechat(shop: Any, story_of: Any, person: str) -> str:
    """A resident with WeChat, whose wish is posted; the id of the message."""
    story = story_of(shop)
    await shop.knows_person(story.resident, story.resident_phone, openid=person)
    await shop.http.put(
        "/api/preferences", json={"channels": ["wechat", "sms"]}, headers=shop.token(story.resident, "resident")
    )
    await story.posted()
    await shop.work()
    [message] = await shop.rows("messages", recipient=story.resident)
    return str(message["_id"])


@pytest.mark.parametrize(
    ("status", "state", "channel"),
    [("success", "delivered", "wechat"), ("failed:user block", "delivered", "sms")],
)
async def test_a_report_settles_a_template_message(
    make_shop: Any, wechat: Any, story_of: Any, status: str, state: str, channel: str
) -> None:
    shop, person = await make_shop("official", quiet_hours="", merge_seconds=0), openid()
    message_id = await told_by_wechat(shop, story_of, person)
    [message] = await shop.rows("messages", _id=message_id)
    assert (message["state"], message["out"]["provider"]) == ("sent", "official")
    [[accepted]] = wechat[0].accepted.values()
    assert (accepted.to, message["out"]["reference"]) == (person, accepted.reference)
    report = event(shop, "TEMPLATESENDJOBFINISH", person, MsgID=accepted.reference, Status=status)
    for _ in range(2):
        assert (await push(shop, in_xml(report))).text == "success"
        await shop.work()
    [message] = await shop.rows("messages", _id=message_id)
    assert (message["state"], message["out"]["channel"]) == (state, channel)
    assert sum(len(one) for one in wechat[0].accepted.values()) == 1


async def test_who_is_not_subscribed_gets_an_sms_instead(make_shop: Any, wechat: Any, story_of: Any) -> None:
    shop, person = await make_shop("official", quiet_hours="", merge_seconds=0), openid()
    wechat[0].next(Fault(code="43004"))
    message_id = await told_by_wechat(shop, story_of, person)
    [message] = await shop.rows("messages", _id=message_id)
    assert (message["state"], message["out"]["channel"]) == ("delivered", "sms")
    assert wechat[0].accepted == {}


async def test_a_provider_that_nobody_reaches_is_left_alone_and_people_get_an_sms(
    make_shop: Any, wechat: Any, story_of: Any
) -> None:
    shop = await make_shop("official", breaker_failures=1, retry_base_seconds=0.05)
    await wechat[1].__aexit__()
    message_id = await told_by_wechat(shop, story_of, openid())
    [message] = await shop.rows("messages", _id=message_id)
    assert (message["state"], message["out"]["channel"]) == ("delivered", "sms")
    assert [entry["why"] for entry in message["timeline"] if entry["what"] == "retry"] == ["no_token"]


async def test_who_asks_to_be_forgotten_leaves_no_consents(make_shop: Any, story_of: Any) -> None:
    shop, person = await make_shop("mini"), openid()
    story = story_of(shop)
    await shop.knows_person(story.resident, story.resident_phone, openid=person)
    await push(shop, answered(shop, person))
    assert await left(shop, person) == 1
    await shop.service.forget(story.resident, 2)
    assert await shop.rows("credits") == []
