"""What providers say later: each word once in effect, in any order, and never of another message."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from providers.scripted import AWAY, Providers

from microwish.events.notify import Channel
from microwish.ids import uuid7
from notify_service.channels.port import Fate, Receipt, Refusal, Report
from notify_service.domain.preferences import Preferences

pytestmark = pytest.mark.integration
SENT, DELIVERED, FAILED = (f"microwish.Message{what}.v1" for what in ("Sent", "Delivered", "Failed"))


@pytest.fixture
def providers() -> Providers:
    return Providers()


@pytest.fixture
async def shop(make_desk: Any, providers: Providers) -> Any:
    return await make_desk(adapters=providers.adapters)


async def queued(shop: Any, story_of: Any, *channels: Channel) -> str:
    story = story_of(shop)
    await story.people()
    if channels:
        await shop.service.store.preferences.save(story.resident, Preferences(channels), now=shop.clock())
    await story.posted()
    for row in await shop.rows("fanouts", state="open"):
        await shop.service.fan_out(row["_id"])
    [message] = await shop.rows("messages", wish_id=story.wish_id)
    return str(message["_id"])


async def seen(shop: Any, message_id: str) -> tuple[str, list[str]]:
    """Its state, and the events that tell of it."""
    [message] = await shop.rows("messages", _id=message_id)
    return message["state"], [entry["type"] for entry in message["outbox"]]


def said(fate: Fate, refusal: Refusal | None = None, **about: str) -> Report:
    return Report("alibaba", Receipt(fate, refusal=refusal), **about)


@pytest.mark.parametrize("order", list(permutations(["accepted", "delivered", "delivered"]))[:3])
async def test_any_order_and_any_repetition_ends_the_same(
    shop: Any, providers: Providers, story_of: Any, order: tuple[str, ...]
) -> None:
    message_id = await queued(shop, story_of)
    taken = await shop.service.send.take(message_id)
    for what in order:
        await shop.service.take_reports([said(Fate(what), out_id=taken.outgoing.out_id)])
    await shop.service.send.deliver(taken)
    await shop.service.take_reports([said(Fate(what), out_id=taken.outgoing.out_id) for what in order])
    assert await seen(shop, message_id) == ("delivered", [SENT, DELIVERED])


async def test_a_late_report_settles_what_was_unknown(shop: Any, providers: Providers, story_of: Any) -> None:
    providers.first.says.append(AWAY)
    message_id = await queued(shop, story_of)
    await shop.service.send(message_id)
    assert await seen(shop, message_id) == ("unknown", [])
    await shop.service.take_reports([said(Fate.DELIVERED, out_id=providers.first.got[0].out_id)])
    assert await seen(shop, message_id) == ("delivered", [SENT, DELIVERED])


async def test_what_did_not_arrive_by_sms_is_undelivered_and_says_so(
    shop: Any, providers: Providers, story_of: Any
) -> None:
    message_id = await queued(shop, story_of)
    await shop.service.send(message_id)
    report = said(Fate.UNDELIVERED, Refusal.OPTED_OUT, out_id=providers.first.got[0].out_id)
    await shop.service.take_reports([report, report])
    assert await seen(shop, message_id) == ("undelivered", [SENT, FAILED])
    [message] = await shop.rows("messages", _id=message_id)
    assert message["outbox"][-1]["data"]["cause"] == "undelivered"
    index = shop.settings.blind_index().of(providers.first.got[0].phone)
    assert await shop.service.store.suppressions.barred(index) == {Channel.SMS}
    assert providers.second.got == []


async def test_what_did_not_arrive_by_wechat_goes_by_sms_once(shop: Any, providers: Providers, story_of: Any) -> None:
    message_id = await queued(shop, story_of, Channel.WECHAT, Channel.SMS)
    await shop.service.send(message_id)
    out_id = providers.card.got[0].out_id
    report = Report("official", Receipt(Fate.UNDELIVERED), reference=f"ref-{out_id}")
    await shop.service.take_reports([report])
    await shop.service.send(message_id)
    await shop.service.take_reports([report])
    await shop.service.send(message_id)
    [message] = await shop.rows("messages", _id=message_id)
    assert (message["state"], message["out"]["channel"]) == ("sent", "sms")
    assert (len(providers.card.got), len(providers.first.got)) == (1, 1)


async def test_a_report_that_comes_before_its_reference_is_written_waits_for_it(
    shop: Any, providers: Providers, story_of: Any
) -> None:
    message_id = await queued(shop, story_of)
    taken = await shop.service.send.take(message_id)
    reference = f"ref-{taken.outgoing.out_id}"
    await shop.service.take_reports([said(Fate.DELIVERED, reference=reference)])
    await shop.service.take_reports.early()
    assert await seen(shop, message_id) == ("sending", [])
    await shop.service.send.deliver(taken)
    await shop.service.take_reports.early()
    assert await seen(shop, message_id) == ("delivered", [SENT, DELIVERED])
    assert await shop.rows("early_reports") == []


async def test_what_speaks_of_no_message_of_ours_changes_nothing(
    shop: Any, providers: Providers, story_of: Any
) -> None:
    message_id = await queued(shop, story_of)
    await shop.service.send(message_id)
    out_id = providers.first.got[0].out_id
    strangers = [
        said(Fate.DELIVERED, out_id=uuid7()),
        said(Fate.DELIVERED, reference="never heard of"),
        said(Fate.DELIVERED),
        Report("tencent", Receipt(Fate.DELIVERED), out_id=out_id),
    ]
    await shop.service.take_reports(strangers)
    assert await seen(shop, message_id) == ("sent", [SENT])
    shop.clock.ahead += timedelta(hours=1)
    await shop.service.take_reports.early()
    assert await shop.rows("early_reports") == []
