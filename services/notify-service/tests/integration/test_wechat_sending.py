"""Official accounts, mini programs and groups' robots keep the port, against providers that answer every code."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from providers.server import Fault
from providers.wechat_accounts import SITE, TEMPLATE_ID, VALUES, Account, account, openid
from providers.wecom import Wecom

from microwish.store.mongo import Mongo
from notify_service.channels.conformance import SPOILED, SUITE, Check, Mishap, SpoiledCheck, example
from notify_service.channels.port import Fate, Outgoing, ProviderAway, Receipt, Refusal
from notify_service.channels.wechat import client_msg_id
from notify_service.channels.wechat_build import alert_robot
from notify_service.channels.wecom import shortened
from notify_service.domain.groups import robots_for

pytestmark = [pytest.mark.integration, pytest.mark.brokerless]
KINDS = ("official", "mini", "wecom")
WECHAT = ("official", "mini")


@pytest.fixture(scope="module")
async def accounts(common: dict[str, Any]) -> AsyncIterator[dict[str, Account]]:
    # Providers of the same name must not share a token.
    patient, hasty = (Mongo(common["mongo_uri"], f"wechat_sending_{name}") for name in ("patient", "hasty"))
    async with AsyncExitStack() as stack:
        made: dict[str, Account] = {}
        for kind in KINDS:
            made[kind] = await stack.enter_async_context(account(kind, patient, common))
            one = account(kind, hasty, common, send_deadline_seconds=0.5)
            made[f"hasty {kind}"] = await stack.enter_async_context(one)
        yield made
    for mongo in (patient, hasty):
        await mongo.client.drop_database(mongo.db.name)
        mongo.close()


@pytest.fixture
async def at(accounts: dict[str, Account], kind: str, request: pytest.FixtureRequest) -> AsyncIterator[Account]:
    """The account of this kind, as if nobody had used it; one without patience where answers are to be late."""
    late = request.node.callspec.params.get("mishap") is Mishap.LATE
    one = accounts[f"hasty {kind}" if late else kind]
    one.to = one.to if kind == "wecom" else openid()
    one.played.faults.clear()
    one.clock.ahead += timedelta(minutes=1)
    if isinstance(one.played, Wecom):
        one.played.next_minute()
    if kind == "mini":
        await one.consents(5)
    yield one
    if kind != "wecom":
        one.wechat.refuses_tokens, one.wechat.consents = False, None


def outgoing(at: Account, **own: Any) -> Outgoing:
    return replace(example(at.to, VALUES), **own)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("check", SUITE, ids=lambda check: check.__name__)
async def test_the_port_is_kept(at: Account, check: Check) -> None:
    await check(at.counted, outgoing(at), at.counted.shown)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mishap", Mishap)
@pytest.mark.parametrize("check", SPOILED, ids=lambda check: check.__name__)
async def test_the_port_is_kept_where_answers_are_lost(at: Account, check: SpoiledCheck, mishap: Mishap) -> None:
    await check(at.counted, outgoing(at), at.counted.shown, at.spoil, mishap)


CODES = {
    Refusal.LATER: ("-1", "45011", "43117"),
    Refusal.QUOTA: ("45009",),
    Refusal.PERSON: ("43101", "43004", "40003"),
    Refusal.CONFIGURATION: ("40037", "47003", "40164", "88888"),
}


@pytest.mark.parametrize("kind", WECHAT)
@pytest.mark.parametrize(("refusal", "code"), [(kind, code) for kind, codes in CODES.items() for code in codes])
async def test_every_code_of_wechat_is_told(at: Account, refusal: Refusal, code: str) -> None:
    at.played.next(Fault(code=code))
    receipt = await at.adapter.send(outgoing(at))
    assert (receipt.fate, receipt.refusal, receipt.cause) == (Fate.REFUSED, refusal, f"wechat_{code}")
    if refusal is Refusal.QUOTA:
        assert receipt.retry_after is not None
        assert timedelta(minutes=5) <= receipt.retry_after <= timedelta(hours=24, minutes=5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("status", "refusal"), [(404, Refusal.CONFIGURATION), (302, Refusal.CONFIGURATION), (429, Refusal.LATER)]
)
async def test_who_is_turned_away_was_not_heard(at: Account, status: int, refusal: Refusal) -> None:
    at.played.next(Fault(status=status))
    receipt = await at.adapter.send(outgoing(at))
    assert (receipt.fate, receipt.refusal, receipt.cause) == (Fate.REFUSED, refusal, f"http_{status}")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"errcode": "0"}', b'{"errcode": 0', b"\xff", b"0" * 70_000])
async def test_an_answer_that_says_nothing_is_none(at: Account, body: bytes) -> None:
    at.played.next(Fault(body=body))
    with pytest.raises(ProviderAway):
        await at.adapter.send(outgoing(at))


@pytest.mark.parametrize("kind", WECHAT)
@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_stale_token_is_renewed_once_and_the_message_sent_again(at: Account, code: int) -> None:
    await at.adapter.send(outgoing(at))
    before = dict(at.played.requests)
    at.wechat.stale_code = code
    at.wechat.revoke()
    receipt = await at.counted.send(first := outgoing(at))
    assert receipt.fate is Fate.ACCEPTED
    assert await at.counted.shown(first.out_id) == 1
    assert at.played.requests["/cgi-bin/stable_token"] == before["/cgi-bin/stable_token"] + 1
    assert at.played.requests["stale"] == before.get("stale", 0) + 1


@pytest.mark.parametrize("kind", WECHAT)
async def test_a_token_that_is_refused_again_is_a_fault_of_configuration(at: Account) -> None:
    await at.adapter.send(outgoing(at))
    stale = at.played.requests["stale"]
    at.wechat.refuses_tokens, at.wechat.stale_code = True, 40001
    receipt = await at.adapter.send(outgoing(at))
    assert (receipt.fate, receipt.refusal) == (Fate.REFUSED, Refusal.CONFIGURATION)
    assert at.played.requests["stale"] <= stale + 2


@pytest.mark.parametrize("kind", WECHAT)
async def test_a_template_that_nobody_approved_is_not_sent(at: Account) -> None:
    receipt = await at.counted.send(missing := outgoing(at, template="not_approved.v1"))
    assert (receipt.cause, receipt.refusal) == ("no_approved_template", Refusal.CONFIGURATION)
    without = await at.counted.send(lacking := outgoing(at, values={"title": "一样东西"}))
    assert without.refusal is Refusal.CONFIGURATION
    assert [await at.counted.shown(one.out_id) for one in (missing, lacking)] == [0, 0]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_provider_that_nobody_reaches_has_accepted_nothing(
    common: dict[str, Any], unique: str, kind: str
) -> None:
    mongo = Mongo(common["mongo_uri"], f"unreached_{unique}")
    async with account(kind, mongo, common) as one:
        await one.consents(1)
        await one.server.__aexit__()
        receipt = await one.adapter.send(outgoing(one))
        assert (receipt.fate, receipt.refusal) == (Fate.REFUSED, Refusal.LATER)
        if kind == "mini":
            assert await one.left() == 1
    await mongo.client.drop_database(mongo.db.name)
    mongo.close()


@pytest.mark.parametrize("kind", ["official"])
async def test_a_template_message_has_our_id_and_its_fields(at: Account) -> None:
    receipt = await at.adapter.send(sent := outgoing(at))
    [kept] = at.played.of(client_msg_id(sent.out_id))
    assert (kept.to, kept.template, kept.reference) == (at.to, TEMPLATE_ID, receipt.reference)
    assert kept.values == {"thing1": VALUES["title"], "character_string2": VALUES["number"]}
    again = await at.adapter.send(sent)
    assert again == receipt, "it tells what became of the first"


@pytest.mark.parametrize("kind", ["official"])
@pytest.mark.parametrize(
    ("text", "large", "page"),
    [
        ("上墙了\n心愿：收音机", False, f"{SITE}/"),
        ("上墙了\n心愿：收音机", True, f"{SITE}/?large=on"),
        (f"请确认\n进度：{SITE}/mine 。", False, f"{SITE}/mine"),
        (f"请确认\n进度：{SITE}/mine?large=on", True, f"{SITE}/mine?large=on"),
    ],
)
async def test_a_card_opens_the_page_that_it_names(at: Account, text: str, large: bool, page: str) -> None:
    receipt = await at.adapter.send(outgoing(at, text=text, large_print=large))
    assert at.wechat.pages[str(receipt.reference)] == page


@pytest.mark.parametrize("kind", ["mini"])
async def test_a_subscribe_message_uses_a_consent_up(at: Account) -> None:
    for left in (4, 3, 2, 1, 0):
        assert (await at.adapter.send(outgoing(at))).fate is Fate.ACCEPTED
        assert await at.left() == left
    asked = at.played.requests["/cgi-bin/message/subscribe/send"]
    assert await at.adapter.send(outgoing(at)) == Receipt(Fate.REFUSED, "no_credit", Refusal.PERSON)
    assert at.played.requests["/cgi-bin/message/subscribe/send"] == asked, "WeChat is not asked"


@pytest.mark.parametrize("kind", ["mini"])
@pytest.mark.parametrize(("code", "left"), [("-1", 5), ("40003", 5), ("47003", 5), ("43101", 0)])
async def test_a_consent_is_given_back_unless_wechat_has_none(at: Account, code: str, left: int) -> None:
    at.played.next(Fault(code=code))
    await at.adapter.send(outgoing(at))
    assert await at.left() == left


@pytest.mark.parametrize("kind", ["mini"])
async def test_a_consent_stays_taken_where_nobody_knows(at: Account) -> None:
    at.spoil(Mishap.DROP_BEFORE)
    with pytest.raises(ProviderAway):
        await at.adapter.send(outgoing(at))
    assert await at.left() == 4


@pytest.mark.parametrize("kind", ["wecom"])
async def test_a_robot_says_so_much_a_minute(at: Account) -> None:
    for _ in range(20):
        assert (await at.adapter.send(outgoing(at))).fate is Fate.ACCEPTED
    asked = at.played.requests.total()
    receipt = await at.adapter.send(outgoing(at))
    assert (receipt.refusal, receipt.cause) == (Refusal.LATER, "wecom_45009")
    assert receipt.retry_after is not None
    assert timedelta() < receipt.retry_after <= timedelta(minutes=1)
    assert at.played.requests.total() == asked


@pytest.mark.parametrize("kind", ["wecom"])
@pytest.mark.parametrize(
    ("code", "refusal"), [("-1", Refusal.LATER), ("45009", Refusal.LATER), ("93000", Refusal.CONFIGURATION)]
)
async def test_every_code_of_wecom_is_told(at: Account, code: str, refusal: Refusal) -> None:
    at.played.next(Fault(code=code))
    receipt = await at.adapter.send(outgoing(at))
    assert (receipt.fate, receipt.refusal, receipt.cause) == (Fate.REFUSED, refusal, f"wecom_{code}")


@pytest.mark.parametrize("kind", ["wecom"])
async def test_a_group_without_a_robot_is_not_reached(at: Account) -> None:
    assert (await at.adapter.send(outgoing(at, to="group:44"))).refusal is Refusal.PERSON


@pytest.mark.parametrize("kind", ["wecom"])
async def test_an_alert_never_fails_over_the_robot(at: Account) -> None:
    robot = alert_robot(at.settings, at.clock)
    assert robot is not None
    await robot.say("短信服务商停了" * 400)
    [*_, [said]] = at.played.accepted.values()
    assert said.values.startswith("短信服务商停了")
    assert said.values.endswith("…")
    for mishap in (Mishap.DROP_BEFORE, Mishap.SERVER_ERROR, Mishap.MALFORMED):
        at.spoil(mishap)
        await robot.say("再试一次")
    at.played.next(Fault(code="93000"))
    await robot.say("还是不行")
    await robot.close()


def test_robots_look_after_the_divisions_below_them() -> None:
    assert robots_for("310117001001", ["31", "310117", "44", "310117001001"]) == ["310117001001", "310117", "31"]
    assert len(shortened("愿" * 1000).encode()) <= 2048
