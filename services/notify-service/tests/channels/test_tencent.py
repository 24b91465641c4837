"""Tencent Cloud's own: positional values, and a status list whose silence proves nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from providers.server import ANSWER_TWICE, DROP_AFTER
from providers.sms import VALUES, Played
from providers.tencent import APP_ID, SIGN_NAME
from tencentcloud.sms.v20210111 import models

from notify_service.channels.conformance import example, sent
from notify_service.channels.port import Fate, Outgoing, ProviderAway, Refusal

Play = Callable[..., Awaitable[Played]]
PHONE = "13912345678"


def message() -> Outgoing:
    return example(PHONE, VALUES)


@pytest.mark.parametrize(("language", "template"), [("zh", "20001"), ("en", "20002")])
async def test_values_stand_in_the_order_of_the_chinese_text(play: Play, language: str, template: str) -> None:
    played = await play("tencent", templates={template: 2})
    outgoing = replace(message(), language=language)
    receipt = await played.adapter.send(outgoing)
    [accepted] = played.provider.of(outgoing.out_id)
    assert (accepted.to, accepted.template) == ("+86" + PHONE, template)
    assert accepted.values == [VALUES["number"], VALUES["title"]]
    assert receipt.reference == accepted.reference


async def test_silence_of_the_status_list_is_no_word(play: Play) -> None:
    played = await play("tencent", reports_at_once=False)
    accepted, never = message(), message()
    played.provider.next(DROP_AFTER)
    with pytest.raises(ProviderAway):
        await played.adapter.send(accepted)
    for one in (accepted, never):
        with pytest.raises(ProviderAway):
            await played.adapter.lookup(sent(one))
    played.provider.report(accepted.out_id)
    assert (await played.adapter.lookup(sent(accepted))).fate is Fate.DELIVERED


async def test_without_sessions_in_the_list_only_the_reference_finds_it(play: Play) -> None:
    played = await play("tencent", sessions=False)
    outgoing = message()
    receipt = await played.adapter.send(outgoing)
    await played.adapter.send(message())
    with pytest.raises(ProviderAway):
        await played.adapter.lookup(sent(outgoing))
    assert (await played.adapter.lookup(sent(outgoing, receipt))).fate is Fate.DELIVERED


@pytest.mark.parametrize(
    ("code", "refusal"), [("MK:0001", None), ("用户在免打扰名单中", Refusal.OPTED_OUT), ("MBBLACK", Refusal.OPTED_OUT)]
)
async def test_a_carriers_word_is_told_on(play: Play, code: str, refusal: Refusal | None) -> None:
    played = await play("tencent", reports_at_once=False)
    outgoing = message()
    await played.adapter.send(outgoing)
    played.provider.report(outgoing.out_id, code)
    told = await played.adapter.lookup(sent(outgoing))
    assert (told.fate, told.refusal) == (Fate.UNDELIVERED, refusal)


async def test_the_sdk_alone_would_take_anothers_answer_for_its_own(play: Play) -> None:
    """The negative control of `test_an_answer_that_comes_twice_is_nobody_elses`."""
    played = await play("tencent")
    played.provider.next(ANSWER_TWICE)
    first, second = message(), message()
    await played.adapter.send(first)
    request = models.SendSmsRequest()
    request.PhoneNumberSet, request.SmsSdkAppId, request.SignName = ["+86" + PHONE], APP_ID, SIGN_NAME
    request.TemplateId, request.TemplateParamSet, request.SessionContext = "20001", [], second.out_id
    answer = await played.adapter._client.SendSms(request)
    assert answer.SendStatusSet[0].SessionContext == first.out_id
