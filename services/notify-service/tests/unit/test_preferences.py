"""What people choose: every template has its kind, and nothing touches sign-in codes."""

import pytest

from microwish.events.notify import Channel
from notify_service.channels.port import Fate, Receipt, Refusal
from notify_service.domain.catalogue import catalogue
from notify_service.domain.preferences import ALWAYS, KINDS, MIXED, Kind, Preferences
from notify_service.figures import Answer, Figure, answer_of, segments_of
from notify_service.use_cases.opt_out import asks_to_stop

SMS, WECHAT = Channel.SMS, Channel.WECHAT
BOTH = (WECHAT, SMS)


def test_every_template_is_of_one_kind_or_beyond_choice() -> None:
    named = [name for names in KINDS.values() for name in names]
    assert len(named) == len(set(named))
    templates = {template.partition(".")[0] for template in catalogue("https://example.org").ids()}
    assert templates - set(named) - ALWAYS - MIXED == set()
    assert set(named) - templates == set()


@pytest.mark.parametrize(
    "chosen",
    [
        Preferences(),
        Preferences(muted=True),
        Preferences((WECHAT,), kinds=dict.fromkeys(Kind, ())),
    ],
)
def test_sign_in_codes_never_ask_what_was_chosen(chosen: Preferences) -> None:
    assert chosen.channels_for("signin_code.v1", [SMS]) == (SMS,)
    assert chosen.channels_for("signin_code.v2", [SMS]) == (SMS,)


def test_a_kind_goes_exactly_as_chosen_and_the_rest_as_usual() -> None:
    chosen = Preferences((WECHAT, SMS), kinds={Kind.WISHES: (SMS,), Kind.INVITATIONS: (), Kind.DELIVERIES: (WECHAT,)})
    assert chosen.channels_for("wish_posted.v1", BOTH) == (SMS,)
    assert chosen.channels_for("slot_offered.v1", BOTH) == ()
    assert chosen.channels_for("delivery_reported.v3", BOTH) == (WECHAT,)
    assert chosen.channels_for("lease_reminder.v1", BOTH) == (WECHAT, SMS)
    assert chosen.channels_for("lease_reminder.v1", [SMS]) == (SMS,)
    assert chosen.channels_for("of_a_newer_release.v1", BOTH) == (WECHAT, SMS)


def test_a_pause_holds_back_everything_else() -> None:
    paused = Preferences((WECHAT, SMS), muted=True)
    assert {paused.channels_for(f"{name}.v1", BOTH) for names in KINDS.values() for name in names} == {()}
    assert paused.channels_for("member_invited.v1", [SMS]) == (SMS,)


@pytest.mark.parametrize("answer", ["退订", "TD", "td", "ＴＤ", "Ｔ", "n", "Unsubscribe", "退订。", " T \n"])
def test_the_usual_answers_ask_for_no_more(answer: str) -> None:
    assert asks_to_stop(answer)


@pytest.mark.parametrize("answer", ["", "T恤收到了", "不要退订", "TDD", "No", "谢谢", "N?", "退订短信怎么办"])
def test_other_answers_say_nothing_of_the_kind(answer: str) -> None:
    assert not asks_to_stop(answer)


@pytest.mark.parametrize(
    ("receipt", "answer"),
    [
        (None, Answer.LOST),
        (Receipt(Fate.ACCEPTED), Answer.ACCEPTED),
        (Receipt(Fate.UNDELIVERED), Answer.ACCEPTED),
        (Receipt(Fate.REFUSED), Answer.REFUSED),
        (Receipt(Fate.REFUSED, refusal=Refusal.OPTED_OUT), Answer.PERSON),
        (Receipt(Fate.REFUSED, refusal=Refusal.PERSON), Answer.PERSON),
        (Receipt(Fate.REFUSED, refusal=Refusal.QUOTA), Answer.QUOTA),
        (Receipt(Fate.REFUSED, refusal=Refusal.LATER), Answer.LATER),
        (Receipt(Fate.REFUSED, refusal=Refusal.CONFIGURATION), Answer.CONFIGURATION),
    ],
)
def test_what_a_provider_says_is_counted_once(receipt: Receipt | None, answer: Answer) -> None:
    assert answer_of(receipt) is answer


def test_who_cannot_be_reached_is_no_fault_of_the_provider() -> None:
    figure = Figure("alibaba", {Answer.ACCEPTED: 8, Answer.PERSON: 5, Answer.LOST: 2})
    assert (figure.attempts, figure.judged, figure.success_rate) == (15, 10, 0.8)
    assert Figure("alibaba", {Answer.PERSON: 5}).success_rate is None


@pytest.mark.parametrize(("length", "segments"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_long_texts_are_billed_in_parts(length: int, segments: int) -> None:
    assert segments_of("字" * length) == segments
