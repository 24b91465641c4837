"""Alibaba Cloud's own: what is sent, and what its list of a day says of a lost answer."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from alibabacloud_dysmsapi20170525 import models
from providers.server import DROP_AFTER, DROP_BEFORE, Fault
from providers.sms import VALUES, Played

from notify_service.channels.alibaba import PAGE
from notify_service.channels.conformance import example
from notify_service.channels.port import Fate, Outgoing, ProviderAway, Refusal, Sent

Play = Callable[..., Awaitable[Played]]
PHONE = "13912345678"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
"""Of Shanghai, where the 24th begins."""


class Hands:
    """A clock that a test sets."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def message() -> Outgoing:
    return example(PHONE, VALUES)


async def sent_at(played: Played, hands: Hands, at: datetime, *, accepted: bool = True) -> Sent:
    """Hand a message over at this time and lose the answer; what is known of it."""
    outgoing, hands.now = message(), at
    played.provider.next(DROP_AFTER if accepted else DROP_BEFORE)
    with pytest.raises(ProviderAway):
        await played.adapter.send(outgoing)
    return Sent(outgoing.out_id, outgoing.to, at)


async def test_it_sends_the_approved_template_with_exactly_its_values(play: Play) -> None:
    played = await play("alibaba", templates={"SMS_10001": frozenset({"title", "number"})})
    outgoing = message()
    receipt = await played.adapter.send(outgoing)
    [accepted] = played.provider.of(outgoing.out_id)
    assert (accepted.to, accepted.template) == (PHONE, "SMS_10001")
    assert accepted.values == {"title": VALUES["title"], "number": VALUES["number"]}
    assert receipt.reference == accepted.reference


@pytest.mark.parametrize(
    ("form", "template"),
    [({}, "SMS_10001"), ({"language": "en"}, "SMS_10002"), ({"large_print": True}, "SMS_10003")],
)
async def test_each_form_has_an_id_of_its_own(play: Play, form: dict[str, object], template: str) -> None:
    played = await play("alibaba")
    outgoing = replace(message(), **form)
    await played.adapter.send(outgoing)
    assert played.provider.of(outgoing.out_id)[0].template == template


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("触发分钟级流控Permits:1", 60), ("触发小时级流控Permits:5", 3600), ("触发天级流控Permits:10", 12 * 3600)],
)
async def test_a_business_limit_says_when_it_is_over(play: Play, told: str, seconds: int) -> None:
    played = await play("alibaba", clock=Hands(NOON), messages={"isv.BUSINESS_LIMIT_CONTROL": told})
    played.provider.next(Fault(code="isv.BUSINESS_LIMIT_CONTROL"))
    receipt = await played.adapter.send(message())
    assert (receipt.refusal, receipt.retry_after) == (Refusal.LATER, timedelta(seconds=seconds))


@pytest.mark.parametrize("late", [timedelta(seconds=2), timedelta(minutes=9)])
async def test_what_was_accepted_after_midnight_is_found(play: Play, late: timedelta) -> None:
    hands = Hands(MIDNIGHT)
    played = await play("alibaba", clock=hands)
    before = MIDNIGHT - timedelta(seconds=1)
    accepted = await sent_at(played, hands, before + late)
    known = replace(accepted, at=before)  # by our clock, which goes behind the provider's
    hands.now += timedelta(minutes=1)
    assert (await played.adapter.lookup(known)).fate is Fate.ACCEPTED
    # The negative control: the list of the day of handing over does not have it.
    assert not await played.adapter._list(PHONE, datetime(2026, 11, 23, tzinfo=UTC).date())


async def test_a_lost_answer_is_found_behind_a_page_of_others(play: Play) -> None:
    hands = Hands(NOON)
    played = await play("alibaba", clock=hands)
    lost = await sent_at(played, hands, NOON)
    never = await sent_at(played, hands, NOON, accepted=False)
    for _ in range(PAGE + 5):
        await played.adapter.send(message())
    assert (await played.adapter.lookup(lost)).fate is Fate.ACCEPTED
    assert (await played.adapter.lookup(never)).fate is Fate.NEVER_ACCEPTED


async def test_a_list_that_is_not_whole_proves_nothing(play: Play) -> None:
    hands = Hands(NOON)
    played = await play("alibaba", clock=hands)
    lost = await sent_at(played, hands, NOON)
    played.provider.withheld = 1
    with pytest.raises(ProviderAway):
        await played.adapter.lookup(lost)
    played.provider.withheld = 0
    assert (await played.adapter.lookup(lost)).fate is Fate.ACCEPTED


async def test_silence_means_nothing_before_the_list_has_settled_or_after_it_ends(play: Play) -> None:
    hands = Hands(NOON)
    played = await play("alibaba", clock=hands, settle=timedelta(minutes=2))
    never = await sent_at(played, hands, NOON, accepted=False)
    for wait in (timedelta(seconds=119), timedelta(days=40)):
        hands.now = NOON + wait
        with pytest.raises(ProviderAway):
            await played.adapter.lookup(never)
    hands.now = NOON + timedelta(minutes=2)
    assert (await played.adapter.lookup(never)).fate is Fate.NEVER_ACCEPTED


async def test_without_the_phone_it_can_not_be_asked(play: Play) -> None:
    played = await play("alibaba")
    with pytest.raises(ProviderAway):
        await played.adapter.lookup(Sent("an-out-id", "139****5678", NOON))


async def test_what_carriers_said_is_in_the_list(play: Play) -> None:
    hands = Hands(NOON)
    played = await play("alibaba", clock=hands)
    arrived, refused, unheard = [await sent_at(played, hands, NOON) for _ in range(3)]
    hands.now = NOON + timedelta(seconds=3)
    played.provider.report(arrived.out_id)
    played.provider.report(refused.out_id, "MOBILE_IN_BLACK")
    played.provider.report(unheard.out_id, "REQUEST_SUCCESS")
    told = await played.adapter.lookup(arrived)
    assert (told.fate, told.at) == (Fate.DELIVERED, hands.now)
    told = await played.adapter.lookup(refused)
    assert (told.fate, told.cause, told.refusal) == (Fate.UNDELIVERED, "MOBILE_IN_BLACK", Refusal.OPTED_OUT)
    assert (await played.adapter.lookup(unheard)).fate is Fate.ACCEPTED


async def test_the_sdk_alone_would_connect_anew_for_every_message(play: Play) -> None:
    """The negative control of `test_connections_are_kept`, and why there is a transport of our own."""
    played = await play("alibaba")
    request = models.SendSmsRequest(phone_numbers=PHONE, sign_name="微心愿", template_code="SMS_10001", out_id="x")
    for _ in range(3):
        await played.adapter._client.send_sms_with_options_async(request, played.adapter._once)
    assert played.server.connections_made == 3
