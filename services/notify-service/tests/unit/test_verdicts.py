"""What a provider's word asks of us: every pair of fate and refusal, and how long a try waits for the next."""

from datetime import timedelta

import pytest

from microwish.events.notify import Channel
from notify_service.channels.port import Fate, Receipt, Refusal
from notify_service.domain.message import Cause, Step
from notify_service.domain.verdicts import Backoff, Bar, Situation, Verdict, barred_name, verdict_of

MOST = 4
USUAL = Situation(Channel.SMS, tries=1, urgent=False, another=True)
ALONE = Situation(Channel.SMS, tries=1, urgent=False, another=False)
CARD = Situation(Channel.WECHAT, tries=1, urgent=False, another=False)
LAST = Situation(Channel.SMS, tries=MOST, urgent=False, another=True)
LAST_CARD = Situation(Channel.WECHAT, tries=MOST, urgent=False, another=False)
CODE = Situation(Channel.SMS, tries=1, urgent=True, another=True)
ONLY_CODE = Situation(Channel.SMS, tries=1, urgent=True, another=False)

ELSEWHERE = Verdict(Step.FALL_BACK, Bar.PROVIDER)
NEXT_CHANNEL = Verdict(Step.FALL_BACK, Bar.CHANNEL)
SPENT_CARD = Verdict(Step.FALL_BACK, Bar.CHANNEL, cause=Cause.EXHAUSTED)
EXHAUSTED = Verdict(Step.REFUSED, cause=Cause.EXHAUSTED)

TABLE: list[tuple[Fate, Refusal | None, Situation, Verdict]] = [
    (Fate.ACCEPTED, None, USUAL, Verdict(Step.ACCEPTED)),
    (Fate.DELIVERED, None, USUAL, Verdict(Step.DELIVERED)),
    (Fate.UNDELIVERED, None, USUAL, Verdict(Step.UNDELIVERED)),
    (Fate.UNDELIVERED, Refusal.OPTED_OUT, USUAL, Verdict(Step.UNDELIVERED, opts_out=True)),
    (Fate.UNDELIVERED, None, CARD, NEXT_CHANNEL),
    (Fate.NEVER_ACCEPTED, None, USUAL, Verdict(Step.NEVER_ACCEPTED)),
    (Fate.NEVER_ACCEPTED, None, LAST, EXHAUSTED),
    (Fate.NEVER_ACCEPTED, None, LAST_CARD, SPENT_CARD),
    (Fate.REFUSED, None, USUAL, Verdict(Step.REFUSED)),
    (Fate.REFUSED, Refusal.LATER, USUAL, Verdict(Step.RETRY, waits=True)),
    (Fate.REFUSED, Refusal.LATER, LAST, EXHAUSTED),
    (Fate.REFUSED, Refusal.LATER, LAST_CARD, SPENT_CARD),
    (Fate.REFUSED, Refusal.LATER, CODE, ELSEWHERE),
    (Fate.REFUSED, Refusal.LATER, ONLY_CODE, Verdict(Step.RETRY, waits=True)),
    (Fate.REFUSED, Refusal.QUOTA, USUAL, Verdict(Step.FALL_BACK, rests=True, alerts=True)),
    (Fate.REFUSED, Refusal.QUOTA, CODE, Verdict(Step.FALL_BACK, Bar.PROVIDER, rests=True, alerts=True)),
    (Fate.REFUSED, Refusal.QUOTA, ONLY_CODE, Verdict(Step.RETRY, waits=True, rests=True, alerts=True)),
    (Fate.REFUSED, Refusal.QUOTA, LAST, Verdict(Step.REFUSED, rests=True, alerts=True, cause=Cause.EXHAUSTED)),
    (Fate.REFUSED, Refusal.PERSON, USUAL, NEXT_CHANNEL),
    (Fate.REFUSED, Refusal.PERSON, LAST, NEXT_CHANNEL),
    (Fate.REFUSED, Refusal.OPTED_OUT, USUAL, Verdict(Step.FALL_BACK, Bar.CHANNEL, opts_out=True)),
    (Fate.REFUSED, Refusal.CONFIGURATION, USUAL, Verdict(Step.FALL_BACK, Bar.PROVIDER, alerts=True)),
    (Fate.REFUSED, Refusal.CONFIGURATION, ALONE, Verdict(Step.FALL_BACK, Bar.PROVIDER, alerts=True)),
]


@pytest.mark.parametrize(("fate", "refusal", "at", "asked"), TABLE)
def test_each_word_asks_for_one_thing(fate: Fate, refusal: Refusal | None, at: Situation, asked: Verdict) -> None:
    assert verdict_of(Receipt(fate, "code", refusal), at, most_tries=MOST) == asked


def test_the_table_has_every_word() -> None:
    said = {(fate, refusal) for fate, refusal, _, _ in TABLE}
    assert {fate for fate, _ in said} == set(Fate)
    assert {refusal for fate, refusal in said if fate is Fate.REFUSED} == {None, *Refusal}


def test_the_pause_doubles_up_to_its_cap_and_any_part_of_it_may_come() -> None:
    backoff = Backoff(2, 600)
    longest = [backoff.delay(tries, 1.0).total_seconds() for tries in range(1, 11)]
    assert longest == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600]
    assert backoff.delay(5, 0.0) == timedelta()
    assert backoff.delay(5, 0.5) == timedelta(seconds=16)
    assert backoff.delay(10_000, 1.0) == timedelta(seconds=600)


def test_what_the_provider_asks_for_is_waited_besides() -> None:
    hour = timedelta(hours=1)
    assert Backoff(2, 600).delay(1, 0.0, at_least=hour) == hour
    assert Backoff(2, 600).delay(1, 1.0, at_least=hour) == hour + timedelta(seconds=2)


def test_what_is_barred_is_told_apart_by_its_name() -> None:
    assert barred_name(Bar.CHANNEL, "wechat", "official") == "wechat"
    assert barred_name(Bar.PROVIDER, "sms", "alibaba") == "sms/alibaba"
