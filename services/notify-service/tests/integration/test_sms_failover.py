"""Alibaba Cloud first, Tencent Cloud behind it, both through their SDKs: nobody is told twice, nobody is left out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from providers.alibaba import Alibaba
from providers.server import DROP_AFTER, DROP_BEFORE, Fault, serving
from providers.sms import settings_of
from providers.tencent import Tencent

from microwish.events.notify import Channel

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class Pair:
    """A service with two providers, and somebody who is to be told one thing."""

    town: Any
    story: Any
    first: Alibaba
    second: Tencent

    async def tell(self) -> dict[str, Any]:
        """Tell it, as far as that goes without waiting; the message."""
        await self.story.people()
        await self.story.posted()
        await self.town.work()
        return await self.message()

    async def message(self) -> dict[str, Any]:
        [message] = await self.town.rows("messages")
        return dict(message)

    @property
    def accepted(self) -> tuple[int, int]:
        """How many messages each has accepted."""
        return sum(map(len, self.first.accepted.values())), sum(map(len, self.second.accepted.values()))


@pytest.fixture
async def pair(make_desk: Any, story_of: Any, tmp_path: Path) -> AsyncIterator[Pair]:
    first, second = Alibaba(), Tencent()
    async with serving(first) as alibaba, serving(second) as tencent:
        town = await make_desk(**settings_of(tmp_path, alibaba=alibaba, tencent=tencent))
        yield Pair(town, story_of(town), first, second)
        for adapter in town.service.adapters[Channel.SMS]:
            await adapter.close()


async def test_what_the_first_refuses_for_a_fault_of_ours_goes_by_the_second(pair: Pair) -> None:
    pair.first.next(Fault(code="isv.SMS_SIGNATURE_ILLEGAL"))
    message = await pair.tell()
    assert (message["state"], message["out"]["provider"]) == ("sent", "tencent")
    assert pair.accepted == (0, 1)


async def test_who_has_opted_out_at_the_first_hears_nothing_by_the_second(pair: Pair) -> None:
    pair.first.next(Fault(code="isv.BLACK_KEY_CONTROL_LIMIT"))
    message = await pair.tell()
    assert (message["state"], message["cause"]) == ("suppressed", "opted_out")
    assert pair.accepted == (0, 0)
    index = pair.town.settings.blind_index().of(pair.story.resident_phone)
    assert Channel.SMS in await pair.town.service.store.suppressions.barred(index)


@pytest.mark.parametrize("fault", [DROP_AFTER, DROP_BEFORE], ids=["after accepting", "before accepting"])
async def test_a_lost_answer_is_asked_after_and_nobody_is_told_twice(pair: Pair, fault: Fault) -> None:
    pair.first.next(fault)
    message = await pair.tell()
    assert message["state"] == "unknown"
    await pair.town.service.reconcile.settle(message)
    await pair.town.work()
    assert (await pair.message())["state"] == "sent"
    assert pair.accepted == (1, 0)
