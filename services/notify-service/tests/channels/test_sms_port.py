"""What both SMS providers' adapters must give, through the providers' own SDKs and signatures."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from providers.server import DROP_AFTER, FINE, SERVER_ERROR, Fault
from providers.sms import VALUES, Played

from notify_service.channels.calls import UNREACHED
from notify_service.channels.conformance import (
    KNOWS_SILENCE,
    KNOWS_THE_LOST,
    SPOILED,
    SUITE,
    Check,
    Mishap,
    SpoiledCheck,
    example,
)
from notify_service.channels.port import Fate, Outgoing, ProviderAway, Refusal
from notify_service.channels.sms_codes import ALIBABA, TENCENT
from notify_service.channels.sms_templates import NOT_APPROVED

Play = Callable[..., Awaitable[Played]]
PHONE = "13912345678"
TABLES = {"alibaba": ALIBABA, "tencent": TENCENT}
BY_THE_SDK_ALONE = {"ClientNetworkError", "ServerNetworkError"}

both = pytest.mark.parametrize("name", ["alibaba", "tencent"])


def message(phone: str = PHONE) -> Outgoing:
    return example(phone, VALUES)


@pytest.mark.parametrize("check", [*SUITE, *KNOWS_THE_LOST], ids=lambda check: check.__name__)
@both
async def test_the_port_is_kept(play: Play, name: str, check: Check) -> None:
    played = await play(name)
    await check(played.adapter, message(), played.count)


@pytest.mark.parametrize("check", KNOWS_SILENCE, ids=lambda check: check.__name__)
async def test_alibaba_knows_what_it_never_accepted(play: Play, check: Check) -> None:
    played = await play("alibaba")
    await check(played.adapter, message(), played.count)


@pytest.mark.parametrize("mishap", list(Mishap))
@pytest.mark.parametrize("check", SPOILED, ids=lambda check: check.__name__)
@both
async def test_the_port_is_kept_by_a_spoiled_provider(
    play: Play, name: str, check: SpoiledCheck, mishap: Mishap
) -> None:
    played = await play(name, timeout=0.5 if mishap is Mishap.LATE else 20.0)
    await check(played.adapter, message(), played.count, played.spoil, mishap)


@both
async def test_every_code_asks_what_its_table_says(play: Play, name: str) -> None:
    played = await play(name)
    said = {}
    for code in TABLES[name].keys() - BY_THE_SDK_ALONE:
        played.provider.next(Fault(code=code))
        try:
            receipt = await played.adapter.send(message())
        except ProviderAway:
            said[code] = None
        else:
            assert (receipt.fate, receipt.cause) == (Fate.REFUSED, code)
            said[code] = receipt.refusal
    assert said == {code: TABLES[name][code].refusal for code in said}
    assert not played.provider.accepted


@both
async def test_the_provider_checks_the_signature(play: Play, name: str) -> None:
    played = await play(name, secret="another")
    receipt = await played.adapter.send(message())
    assert (receipt.fate, receipt.refusal) == (Fate.REFUSED, Refusal.CONFIGURATION)
    assert receipt.cause in {"SignatureDoesNotMatch", "AuthFailure.SignatureFailure"}
    assert not played.provider.accepted


@both
async def test_a_provider_that_is_not_there_certainly_accepted_nothing(play: Play, name: str) -> None:
    played = await play(name)
    await played.server.__aexit__()
    assert await played.adapter.send(message()) == UNREACHED


@both
async def test_without_an_approved_text_the_provider_is_not_asked(play: Play, name: str) -> None:
    played = await play(name)
    for lacking in (replace(message(), template="signin_code.v1"), replace(message(), values={})):
        receipt = await played.adapter.send(lacking)
        assert (receipt.fate, receipt.refusal, receipt.cause) == (Fate.REFUSED, Refusal.CONFIGURATION, NOT_APPROVED)
    assert not played.provider.requests


@both
async def test_a_phone_that_is_none_is_the_persons_matter(play: Play, name: str) -> None:
    played = await play(name)
    receipt = await played.adapter.send(message("02155550100"))
    assert (receipt.fate, receipt.refusal) == (Fate.REFUSED, Refusal.PERSON)


@both
async def test_side_by_side_each_gets_its_own_answer(play: Play, name: str) -> None:
    played = await play(name)
    messages = [message(f"1391234{number:04}") for number in range(40)]
    receipts = await asyncio.gather(*(played.adapter.send(one) for one in messages))
    for one, receipt in zip(messages, receipts, strict=True):
        [accepted] = played.provider.of(one.out_id)
        assert accepted.reference == receipt.reference
        assert accepted.to.endswith(one.to)


@both
async def test_an_answer_that_comes_twice_is_nobody_elses(play: Play, name: str) -> None:
    played = await play(name)
    played.spoil(Mishap.TWICE)
    lost = 0
    for number in range(5):
        one = message(f"1391234{number:04}")
        try:
            receipt = await played.adapter.send(one)
        except ProviderAway:
            lost += 1
        else:
            assert receipt.reference == played.provider.of(one.out_id)[0].reference
    assert lost <= 1


@both
async def test_connections_are_kept(play: Play, name: str) -> None:
    played = await play(name)
    for _ in range(10):
        await played.adapter.send(message())
    assert played.server.connections_made == 1


@both
async def test_nothing_of_a_person_is_logged(
    play: Play, name: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    played = await play(name)
    for fault in (FINE, DROP_AFTER, SERVER_ERROR, Fault(code="isv.NEVER_HEARD_OF"), Fault(code="InternalError")):
        played.provider.next(fault)
        with suppress(ProviderAway):
            await played.adapter.send(message())
    logged = caplog.text + "".join(capfd.readouterr())
    assert "unknown_sms_code" in logged
    for personal in (PHONE, *VALUES.values()):
        assert personal not in logged


@both
async def test_what_went_wrong_says_nothing_of_a_person(play: Play, name: str) -> None:
    played = await play(name)
    for mishap in (Mishap.DROP_BEFORE, Mishap.SERVER_ERROR, Mishap.MALFORMED):
        played.spoil(mishap)
        with pytest.raises(ProviderAway) as away:
            await played.adapter.send(message())
        assert PHONE not in repr(away.value)
        assert away.value.__cause__ is None
