"""What every adapter of the port must pass: one suite, run by the tests against each of them.

An adapter under test talks to the provider's own test account, to a provider that the tests play, or is the sandbox.
`SUITE` needs nothing of the provider; `SPOILED` needs one whose next answer can be made to go wrong.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from enum import StrEnum

from microwish.ids import uuid7
from microwish.when import system_clock
from notify_service.channels.port import ChannelAdapter, Fate, Outgoing, ProviderAway, Receipt, Sent

CountShown = Callable[[str], Awaitable[int]]
"""How many messages the provider shows for an out id."""

Check = Callable[[ChannelAdapter, Outgoing, CountShown], Awaitable[None]]


class Mishap(StrEnum):
    """What becomes of the next message at the provider."""

    DROP_BEFORE = "drop_before"
    """The connection ends before it is accepted."""
    DROP_AFTER = "drop_after"
    """The connection ends after it was accepted, without an answer."""
    LATE = "late"
    """It is accepted, and the answer comes later than the adapter waits."""
    SERVER_ERROR = "server_error"
    """Not accepted, HTTP 500."""
    MALFORMED = "malformed"
    """Accepted, and the answer is not one."""
    TWICE = "twice"
    """Accepted once, and the answer comes twice on the same connection."""


ACCEPTED_BY = {Mishap.DROP_AFTER, Mishap.LATE, Mishap.MALFORMED, Mishap.TWICE}
"""Mishaps after which the provider has the message."""

Spoil = Callable[[Mishap], None]
SpoiledCheck = Callable[[ChannelAdapter, Outgoing, CountShown, Spoil, Mishap], Awaitable[None]]


def example(phone: str, values: Mapping[str, str] | None = None) -> Outgoing:
    """A message as any adapter may get it."""
    return Outgoing(
        out_id=uuid7(),
        to=phone,
        phone=phone,
        text="【微心愿】试一试",
        template="wish_posted.v1",
        event_type="microwish.WishPosted.v1",
        wish_id=uuid7(),
        values=values or {},
    )


def sent(outgoing: Outgoing, receipt: Receipt | None = None) -> Sent:
    """What asking for it needs; without a receipt, what is known of it where the answer was lost."""
    return Sent(outgoing.out_id, outgoing.to, system_clock(), receipt.reference if receipt else None)


async def accepts(adapter: ChannelAdapter, outgoing: Outgoing, count: CountShown) -> None:
    """What was sent was accepted or delivered, and is shown once."""
    receipt = await adapter.send(outgoing)
    assert receipt.fate in {Fate.ACCEPTED, Fate.DELIVERED}
    assert await count(outgoing.out_id) == 1


async def shows_an_out_id_once(adapter: ChannelAdapter, outgoing: Outgoing, count: CountShown) -> None:
    """Where the provider drops a repeated out id, it tells what became of the first and shows nothing new."""
    if not adapter.repeats_for:
        return
    await adapter.send(outgoing)
    again = await adapter.send(outgoing)
    assert again.fate in {Fate.ACCEPTED, Fate.DELIVERED}
    assert await count(outgoing.out_id) == 1


async def knows_what_it_accepted(adapter: ChannelAdapter, outgoing: Outgoing, count: CountShown) -> None:
    """A look-up by out id finds what was accepted."""
    await adapter.send(outgoing)
    receipt = await adapter.lookup(sent(outgoing))
    assert receipt.fate in {Fate.ACCEPTED, Fate.DELIVERED}
    assert await count(outgoing.out_id) == 1


async def knows_what_it_never_accepted(adapter: ChannelAdapter, outgoing: Outgoing, count: CountShown) -> None:
    """A look-up of an out id that was never sent says so, and sends nothing."""
    receipt = await adapter.lookup(sent(outgoing))
    assert receipt.fate is Fate.NEVER_ACCEPTED
    assert await count(outgoing.out_id) == 0


async def never_guesses(adapter: ChannelAdapter, outgoing: Outgoing, count: CountShown) -> None:
    """Asked for an out id that was never sent, it says so or that it can't know; it sends nothing."""
    fate = await _fate(adapter, outgoing)
    assert fate in {Fate.NEVER_ACCEPTED, None}
    assert await count(outgoing.out_id) == 0


async def says_that_it_does_not_know(
    adapter: ChannelAdapter, outgoing: Outgoing, count: CountShown, spoil: Spoil, mishap: Mishap
) -> None:
    """Where no answer came, ProviderAway is raised after one request: the adapter does not try again by itself."""
    if mishap is Mishap.TWICE:
        return
    spoil(mishap)
    try:
        receipt = await adapter.send(outgoing)
    except ProviderAway:
        assert await count(outgoing.out_id) == (mishap in ACCEPTED_BY)
    else:
        raise AssertionError(f"{mishap}: {receipt.fate} although no answer came")


async def tells_the_lost_apart(
    adapter: ChannelAdapter, outgoing: Outgoing, count: CountShown, spoil: Spoil, mishap: Mishap
) -> None:
    """After a lost answer, a look-up never says the opposite of what happened."""
    spoil(mishap)
    with suppress(ProviderAway):
        await adapter.send(outgoing)
    fate = await _fate(adapter, outgoing)
    if await count(outgoing.out_id):
        assert fate is not Fate.NEVER_ACCEPTED
    else:
        assert fate in {Fate.NEVER_ACCEPTED, None}


async def goes_on_afterwards(
    adapter: ChannelAdapter, outgoing: Outgoing, count: CountShown, spoil: Spoil, mishap: Mishap
) -> None:
    """The next message is not taken for the one whose answer went wrong: accepted once, or not known."""
    spoil(mishap)
    with suppress(ProviderAway):
        await adapter.send(outgoing)
    for _ in range(3):
        following = example(outgoing.to, outgoing.values)
        try:
            receipt = await adapter.send(following)
        except ProviderAway:
            assert await count(following.out_id) <= 1
            continue
        assert receipt.fate in {Fate.ACCEPTED, Fate.DELIVERED}
        assert await count(following.out_id) == 1
    assert await count(outgoing.out_id) == (mishap in ACCEPTED_BY)


async def _fate(adapter: ChannelAdapter, outgoing: Outgoing) -> Fate | None:
    try:
        return (await adapter.lookup(sent(outgoing))).fate
    except ProviderAway:
        return None


SUITE: tuple[Check, ...] = (accepts, shows_an_out_id_once, never_guesses)
"""Checks of every adapter."""

KNOWS_THE_LOST: tuple[Check, ...] = (knows_what_it_accepted,)
"""Checks of an adapter whose provider can be asked by out id."""

KNOWS_SILENCE: tuple[Check, ...] = (knows_what_it_never_accepted,)
"""Checks of an adapter whose provider's silence proves that it never accepted."""

SPOILED: tuple[SpoiledCheck, ...] = (says_that_it_does_not_know, tells_the_lost_apart, goes_on_afterwards)
"""Checks of every adapter, with every `Mishap`."""
