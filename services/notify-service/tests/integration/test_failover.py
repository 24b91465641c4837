"""What providers refuse goes another way, or later, or to nobody; what they left open goes no other way."""

from datetime import timedelta
from typing import Any

import pytest
from providers.scripted import AWAY, Providers, refused

from microwish.events.notify import Channel
from notify_service.channels.port import Fate, Receipt, Refusal
from notify_service.domain.preferences import Preferences
from notify_service.use_cases.send import Taken

pytestmark = pytest.mark.integration
BOTH = (Channel.WECHAT, Channel.SMS)


@pytest.fixture
def providers() -> Providers:
    return Providers()


@pytest.fixture
async def shop(make_desk: Any, providers: Providers) -> Any:
    """A service that sends through these providers, and gives up after three tries."""
    return await make_desk(adapters=providers.adapters, send_tries=3, breaker_failures=2)


async def queued(shop: Any, story_of: Any, *channels: Channel) -> str:
    """A message to a resident who wants these channels, in order."""
    story = story_of(shop)
    await story.people()
    if channels:
        await shop.service.store.preferences.save(story.resident, Preferences(channels), now=shop.clock())
    await story.posted()
    for row in await shop.rows("fanouts", state="open"):
        await shop.service.fan_out(row["_id"])
    [message] = await shop.rows("messages", wish_id=story.wish_id)
    return str(message["_id"])


async def sent(shop: Any, message_id: str) -> dict[str, Any]:
    """The message after this process has tried."""
    await shop.service.send(message_id)
    [message] = await shop.rows("messages", _id=message_id)
    return dict(message)


async def test_a_busy_provider_gets_the_same_later_and_not_for_ever(
    shop: Any, providers: Providers, story_of: Any
) -> None:
    message_id = await queued(shop, story_of)
    minute = timedelta(minutes=1)
    providers.first.says.extend([refused(Refusal.LATER, "busy", minute)] * 3)
    message = await sent(shop, message_id)
    assert (message["state"], message["cause"], message["tries"]) == ("queued", "busy", 1)
    assert message["not_before"] >= message["out"]["at"] + minute
    await sent(shop, message_id)
    assert len(providers.first.got) == 1, "it is not its time yet"
    for _ in range(2):
        shop.clock.ahead += timedelta(minutes=2)
        message = await sent(shop, message_id)
    assert (message["state"], message["cause"], message["tries"]) == ("failed", "exhausted", 3)
    assert len({outgoing.out_id for outgoing in providers.first.got}) == 1
    assert [entry["type"] for entry in message["outbox"]] == ["microwish.MessageFailed.v1"]
    assert providers.second.got == []


async def test_a_provider_without_quota_rests_for_all_and_the_other_sends(
    shop: Any, providers: Providers, story_of: Any
) -> None:
    providers.first.says.append(refused(Refusal.QUOTA, "quota", timedelta(hours=1)))
    message = await sent(shop, await queued(shop, story_of))
    assert (message["state"], message["out"]["provider"], message["tries"]) == ("sent", "tencent", 2)
    await sent(shop, await queued(shop, story_of))
    assert (len(providers.first.got), len(providers.second.got)) == (1, 2)
    [alert] = await shop.rows("alerts", code="provider_quota")
    assert (alert["subject"], alert["values"]["cause"]) == ("alibaba", "quota")
    shop.clock.ahead += timedelta(hours=2)
    message = await sent(shop, await queued(shop, story_of))
    assert message["out"]["provider"] == "alibaba"


async def test_where_every_provider_rests_a_message_waits(shop: Any, providers: Providers, story_of: Any) -> None:
    for provider in (providers.first, providers.second):
        provider.says.append(refused(Refusal.QUOTA, "quota", timedelta(hours=1)))
    message_id = await queued(shop, story_of)
    message = await sent(shop, message_id)
    assert message["state"] == "queued"
    assert message["not_before"] > shop.clock() + timedelta(minutes=59)
    shop.clock.ahead += timedelta(hours=1, minutes=1)
    assert (await sent(shop, message_id))["state"] == "sent"


async def test_a_person_whom_wechat_can_not_reach_gets_an_sms_and_else_a_call(
    shop: Any, providers: Providers, story_of: Any
) -> None:
    providers.card.says.extend([refused(Refusal.PERSON, "43004")] * 2)
    message = await sent(shop, await queued(shop, story_of, *BOTH))
    assert (message["state"], message["out"]["channel"], message["barred"]) == ("sent", "sms", ["wechat"])
    providers.first.says.append(refused(Refusal.PERSON, "no_such_number"))
    message = await sent(shop, await queued(shop, story_of, *BOTH))
    assert (message["state"], message["cause"], message["barred"]) == ("failed", "telephone", ["wechat", "sms"])
    assert [call["_id"] for call in await shop.rows("call_tasks")] == [message["_id"]]


async def test_who_has_opted_out_at_the_provider_gets_codes_alone(
    shop: Any, providers: Providers, story_of: Any, issue_code: Any
) -> None:
    providers.first.says.append(refused(Refusal.OPTED_OUT, "blacklist"))
    message = await sent(shop, await queued(shop, story_of))
    assert (message["state"], message["cause"]) == ("suppressed", "opted_out")
    phone = providers.first.got[0].phone
    index = shop.settings.blind_index().of(phone)
    assert await shop.service.store.suppressions.barred(index) == {Channel.SMS}
    await issue_code(shop, phone, "246810")
    [code] = await shop.rows("messages", lane="signin")
    assert await shop.service.send.take(code["_id"]) is None, "the lane has it"


async def test_a_fault_of_ours_is_told_and_another_provider_sends(
    shop: Any, providers: Providers, story_of: Any
) -> None:
    providers.first.says.extend([refused(Refusal.CONFIGURATION, "signature")] * 2)
    message = await sent(shop, await queued(shop, story_of))
    assert (message["state"], message["out"]["provider"], message["barred"]) == ("sent", "tencent", ["sms/alibaba"])
    assert [alert["subject"] for alert in await shop.rows("alerts", code="provider_configuration")] == ["alibaba"]
    providers.second.says.append(refused(Refusal.CONFIGURATION, "template"))
    message = await sent(shop, await queued(shop, story_of))
    assert (message["state"], message["cause"]) == ("failed", "template")
    assert await shop.rows("call_tasks") == [], "ops mend it and send it again"


async def test_a_sign_in_code_goes_by_the_other_provider_at_once(
    shop: Any, providers: Providers, issue_code: Any, fresh_phone: Any
) -> None:
    providers.first.says.append(refused(Refusal.LATER, "busy", timedelta(hours=1)))
    await issue_code(shop, fresh_phone(), "135791")
    [message] = await shop.rows("messages")
    ready = await shop.service.prepare.signin_code(message)
    await shop.service.send.deliver(_taken(message, ready))
    assert "135791" in providers.second.got[0].text
    [message] = await shop.rows("messages")
    assert (message["state"], message["out"]["provider"]) == ("sent", "tencent")
    assert "secret" not in message
    assert "to" not in message["out"]


async def test_a_sign_in_code_takes_a_resting_provider_rather_than_none(
    shop: Any, providers: Providers, issue_code: Any, fresh_phone: Any, story_of: Any
) -> None:
    for provider in (providers.first, providers.second):
        provider.says.append(refused(Refusal.QUOTA, "quota", timedelta(hours=1)))
    await sent(shop, await queued(shop, story_of))
    await issue_code(shop, fresh_phone(), "135791")
    [message] = await shop.rows("messages", lane="signin")
    assert message["state"] == "sending"
    assert message["out"]["provider"] == "alibaba"


async def test_a_provider_that_does_not_answer_is_left_alone(shop: Any, providers: Providers, story_of: Any) -> None:
    providers.first.says.extend([AWAY] * 2)
    lost = [await sent(shop, await queued(shop, story_of)) for _ in range(2)]
    assert [message["state"] for message in lost] == ["unknown"] * 2
    message = await sent(shop, await queued(shop, story_of))
    assert (message["state"], message["out"]["provider"]) == ("sent", "tencent")
    assert [alert["subject"] for alert in await shop.rows("alerts", code="provider_open")] == ["alibaba"]


async def test_a_lost_answer_is_tried_nowhere_else_before_the_provider_has_said_never(
    shop: Any, providers: Providers, story_of: Any
) -> None:
    providers.first.says.append(AWAY)
    message_id = await queued(shop, story_of)
    message = await sent(shop, message_id)
    assert message["state"] == "unknown"
    shop.clock.ahead += timedelta(minutes=1)
    await shop.service.reconcile()
    await sent(shop, message_id)
    assert (len(providers.first.got), providers.second.got) == (1, [])
    asked = providers.first.asked[0]
    assert (asked.out_id, asked.to, asked.at) == (message["out"]["id"], providers.first.got[0].to, message["out"]["at"])
    providers.first.knows = Receipt(Fate.NEVER_ACCEPTED)
    shop.clock.ahead += timedelta(minutes=5)
    await shop.service.reconcile()
    message = await sent(shop, message_id)
    assert (message["state"], message["tries"]) == ("sent", 2)
    assert len({outgoing.out_id for outgoing in providers.first.got}) == 1


async def test_what_is_unknown_is_lost_once_however_late_its_caller_is(
    shop: Any, providers: Providers, story_of: Any
) -> None:
    message_id = await queued(shop, story_of)
    taken = await shop.service.send.take(message_id)
    shop.clock.ahead += timedelta(minutes=1)
    await shop.service.reconcile()
    [swept] = await shop.rows("messages", _id=message_id)
    await shop.service.send.record(taken.message, None)
    [message] = await shop.rows("messages", _id=message_id)
    assert message["timeline"] == swept["timeline"]
    assert [entry["what"] for entry in message["timeline"]].count("lost") == 1


async def test_a_refusal_of_an_earlier_try_does_not_touch_the_next(
    shop: Any, providers: Providers, story_of: Any
) -> None:
    """The out id is the same in both: a caller that thaws late must not have the second one sent a third time."""
    providers.first.knows = Receipt(Fate.NEVER_ACCEPTED)
    message_id = await queued(shop, story_of)
    early = await shop.service.send.take(message_id)
    for minutes in (1, 2):
        shop.clock.ahead = timedelta(minutes=minutes)
        await shop.service.reconcile()
    second = await shop.service.send.take(message_id)
    assert second.outgoing.out_id == early.outgoing.out_id
    assert not await shop.service.send.record(early.message, refused(Refusal.LATER, "busy"))
    [message] = await shop.rows("messages", _id=message_id)
    assert (message["state"], message["out"]["by"]) == ("sending", second.message["out"]["by"])


async def test_where_repetitions_are_dropped_a_repetition_asks(shop: Any, providers: Providers, story_of: Any) -> None:
    providers.card.says.append(AWAY)
    message = await sent(shop, await queued(shop, story_of, *BOTH))
    assert message["state"] == "unknown"
    providers.card.says.append(refused(Refusal.LATER, "busy"))
    shop.clock.ahead += timedelta(minutes=1)
    await shop.service.reconcile()
    [message] = await shop.rows("messages", _id=message["_id"])
    assert message["state"] == "unknown", "that it takes no repetition now says nothing about the first"
    shop.clock.ahead += timedelta(minutes=2)
    await shop.service.reconcile()
    [message] = await shop.rows("messages", _id=message["_id"])
    assert message["state"] == "sent"
    assert len({(outgoing.out_id, outgoing.text) for outgoing in providers.card.got}) == 1
    assert len(providers.card.got) == 3


async def test_after_the_time_of_repetitions_nothing_is_repeated(
    shop: Any, providers: Providers, story_of: Any
) -> None:
    providers.card.says.append(AWAY)
    message = await sent(shop, await queued(shop, story_of, *BOTH))
    shop.clock.ahead += timedelta(minutes=10)
    await shop.service.reconcile()
    [message] = await shop.rows("messages", _id=message["_id"])
    assert (message["state"], len(providers.card.got)) == ("unknown", 1)


def _taken(message: dict[str, Any], ready: Any) -> Taken:
    return Taken(message, ready.channel, ready.outgoing, message["out"]["deadline"], allowed=False)
