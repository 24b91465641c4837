"""Sending survives crashes at any point without telling anybody twice (invariant 6)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from microwish.events.notify import Channel
from microwish.identity.people import Role
from microwish.ids import uuid7
from notify_service.channels.conformance import KNOWS_SILENCE, KNOWS_THE_LOST, SUITE, Check, example
from notify_service.channels.port import Fate, Outgoing, ProviderAway, Receipt, Sent

pytestmark = pytest.mark.integration


class Provider:
    """A provider of the test's own that implements the port: it accepts, and the answer may get lost on the way."""

    channel = Channel.SMS
    provider = "test"
    repeats_for = timedelta.max

    def __init__(self) -> None:
        self.accepted: list[str] = []
        self.answers = True
        self.refuses = False
        self.delivers = True

    async def send(self, outgoing: Outgoing) -> Receipt:
        if self.refuses:
            return Receipt(Fate.REFUSED, "forbidden_word")
        if outgoing.out_id not in self.accepted:
            self.accepted.append(outgoing.out_id)
        if not self.answers:
            raise ProviderAway
        return Receipt(Fate.DELIVERED if self.delivers else Fate.ACCEPTED)

    async def lookup(self, sent: Sent) -> Receipt:
        if not self.answers:
            raise ProviderAway
        return Receipt(Fate.DELIVERED if sent.out_id in self.accepted else Fate.NEVER_ACCEPTED)

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
async def shop(make_desk: Any, provider: Provider) -> Any:
    """A service that sends through the test's provider alone."""
    return await make_desk(adapters=dict.fromkeys(Channel, provider))


async def one_queued(shop: Any, story_of: Any) -> str:
    story = story_of(shop)
    await story.people()
    await story.posted()
    for row in await shop.rows("fanouts", state="open"):
        await shop.service.fan_out(row["_id"])
    [message] = await shop.rows("messages")
    return str(message["_id"])


async def state_of(shop: Any, message_id: str) -> str:
    [message] = await shop.rows("messages", _id=message_id)
    return str(message["state"])


async def test_a_crash_after_the_provider_accepted_is_unknown_then_settled_without_a_second_send(
    shop: Any, provider: Provider, story_of: Any
) -> None:
    message_id = await one_queued(shop, story_of)
    taken = await shop.service.send.take(message_id)
    assert await shop.service.send.hand_over(taken) is not None
    # The process dies here: what the provider said is never written.
    assert await state_of(shop, message_id) == "sending"
    await shop.service.reconcile()
    assert await state_of(shop, message_id) == "sending"  # the deadline has not passed: somebody may be at it
    shop.clock.ahead = timedelta(seconds=11)
    await shop.service.reconcile()
    assert await state_of(shop, message_id) == "unknown"
    await shop.work()
    assert provider.accepted == [taken.outgoing.out_id]
    provider.answers = False
    shop.clock.ahead = timedelta(minutes=5)
    await shop.service.reconcile()
    assert await state_of(shop, message_id) == "unknown"  # the provider can't say: nothing is guessed
    provider.answers = True
    await shop.service.reconcile()
    assert await state_of(shop, message_id) == "unknown"  # it is not asked all the time
    shop.clock.ahead = timedelta(minutes=10)
    await shop.service.reconcile()
    assert await state_of(shop, message_id) == "delivered"
    assert provider.accepted == [taken.outgoing.out_id]
    [message] = await shop.rows("messages", _id=message_id)
    types = [entry["type"] for entry in message["outbox"]]
    assert types == ["microwish.MessageSent.v1", "microwish.MessageDelivered.v1"]


async def test_a_crash_before_the_provider_was_called_sends_it_after_the_provider_says_never(
    shop: Any, provider: Provider, story_of: Any
) -> None:
    message_id = await one_queued(shop, story_of)
    taken = await shop.service.send.take(message_id)
    shop.clock.ahead = timedelta(seconds=11)
    assert await shop.service.send.hand_over(taken) is None  # checked again right before the call
    assert provider.accepted == []
    await shop.service.reconcile()
    shop.clock.ahead = timedelta(minutes=5)
    await shop.service.reconcile()
    assert await state_of(shop, message_id) == "queued"
    await shop.work()
    assert await state_of(shop, message_id) == "delivered"
    assert len(provider.accepted) == 1


async def test_a_provider_that_accepts_but_does_not_answer_leaves_it_unknown(
    shop: Any, provider: Provider, story_of: Any
) -> None:
    message_id = await one_queued(shop, story_of)
    provider.answers = False
    await shop.work()
    assert await state_of(shop, message_id) == "unknown"
    await shop.work()
    assert len(provider.accepted) == 1


async def test_an_answer_that_comes_too_late_still_counts(shop: Any, provider: Provider, story_of: Any) -> None:
    message_id = await one_queued(shop, story_of)
    taken = await shop.service.send.take(message_id)
    receipt = await shop.service.send.hand_over(taken)
    shop.clock.ahead = timedelta(seconds=11)
    await shop.service.reconcile()
    await shop.service.send.record(taken.message, receipt)
    assert await state_of(shop, message_id) == "delivered"


async def test_many_senders_send_a_message_once(shop: Any, provider: Provider, story_of: Any) -> None:
    message_id = await one_queued(shop, story_of)
    taken = await asyncio.gather(*(shop.service.send.take(message_id) for _ in range(10)))
    assert len([one for one in taken if one is not None]) == 1


async def test_sent_then_delivered_are_told_one_after_the_other(shop: Any, provider: Provider, story_of: Any) -> None:
    message_id = await one_queued(shop, story_of)
    provider.delivers = False
    await shop.work()
    assert await state_of(shop, message_id) == "sent"
    [message] = await shop.rows("messages", _id=message_id)
    await shop.service.send.record(message, Receipt(Fate.DELIVERED))
    await shop.service.send.record(message, Receipt(Fate.DELIVERED))
    [message] = await shop.rows("messages", _id=message_id)
    types = [entry["type"] for entry in message["outbox"]]
    assert types == ["microwish.MessageSent.v1", "microwish.MessageDelivered.v1"]
    assert [entry["version"] for entry in message["outbox"]] == [1, 2]


async def test_a_refused_message_is_sent_again_by_a_person_who_is_remembered(
    shop: Any, provider: Provider, story_of: Any
) -> None:
    message_id = await one_queued(shop, story_of)
    provider.refuses = True
    await shop.work()
    [message] = await shop.rows("messages", _id=message_id)
    assert (message["state"], message["cause"]) == ("failed", "forbidden_word")
    provider.refuses = False
    ops = uuid7()
    answer = await shop.http.post(f"/api/messages/{message_id}/resend", headers=shop.token(ops, Role.OPS))
    assert answer.status_code == 202, answer.text
    await shop.work()
    [message] = await shop.rows("messages", _id=message_id)
    assert message["state"] == "delivered"
    assert {"person_id": ops, "role": "ops"} in [entry["by"] for entry in message["timeline"]]
    again = await shop.http.post(f"/api/messages/{message_id}/resend", headers=shop.token(ops, Role.OPS))
    assert (again.status_code, again.json()["code"]) == (409, "not_resendable")


async def test_an_unknown_message_is_not_sent_again_on_request_unless_the_provider_never_had_it(
    shop: Any, provider: Provider, story_of: Any
) -> None:
    message_id = await one_queued(shop, story_of)
    provider.answers = False
    await shop.work()
    headers = shop.token(uuid7(), Role.OPS)
    early = await shop.http.post(f"/api/messages/{message_id}/resend", headers=headers)
    assert (early.status_code, early.json()["code"]) == (409, "still_unknown")
    shop.clock.ahead = timedelta(minutes=5)
    silent = await shop.http.post(f"/api/messages/{message_id}/resend", headers=headers)
    assert (silent.status_code, silent.json()["code"]) == (409, "still_unknown")
    provider.answers = True
    had = await shop.http.post(f"/api/messages/{message_id}/resend", headers=headers)
    assert (had.status_code, had.json()["code"]) == (409, "already_sent")
    assert await state_of(shop, message_id) == "delivered"


async def test_a_sign_in_code_past_its_time_is_dropped(desk: Any, issue_code: Any, fresh_phone: Any) -> None:
    phone = fresh_phone()
    await issue_code(desk, phone, "111111", lives=timedelta(seconds=-1))
    assert await desk.rows("messages") == []
    await issue_code(desk, phone, "222222")
    [message] = await desk.rows("messages")
    assert message["state"] == "sending"
    # The process dies before the code has left; when another finds it, the code has expired.
    desk.clock.ahead = timedelta(minutes=6)
    await desk.service.reconcile()
    await desk.service.reconcile()
    await desk.work()
    [message] = await desk.rows("messages")
    assert (message["state"], message["cause"]) == ("suppressed", "expired")
    assert "secret" not in message
    assert await desk.phone(phone) == []


async def test_a_sign_in_code_that_a_crash_held_up_still_arrives_in_time(
    desk: Any, issue_code: Any, fresh_phone: Any
) -> None:
    phone = fresh_phone()
    envelope = await issue_code(desk, phone, "333333")
    await desk.hear(envelope)
    desk.clock.ahead = timedelta(seconds=60)
    await desk.service.reconcile()
    await desk.service.reconcile()
    await desk.work()
    assert ["333333" in item["text"] for item in await desk.phone(phone)] == [True]
    [message] = await desk.rows("messages")
    assert "secret" not in message


@pytest.mark.parametrize("check", [*SUITE, *KNOWS_THE_LOST, *KNOWS_SILENCE], ids=lambda check: check.__name__)
@pytest.mark.parametrize("channel", list(Channel))
async def test_the_sandbox_keeps_the_port(desk: Any, check: Check, channel: Channel, fresh_phone: Any) -> None:
    phone = fresh_phone()

    async def shown(out_id: str) -> int:
        return len([item for item in await desk.phone(phone) if item["id"] == out_id])

    [adapter] = desk.service.adapters[channel]
    await check(adapter, example(phone), shown)
