"""What every adapter of the port must pass: one suite, run by the tests against each of them.

An adapter under test talks to the provider's own test account, or is the sandbox.
"""

from collections.abc import Awaitable, Callable

from microwish.ids import uuid7
from notify_service.channels.port import ChannelAdapter, Fate, Outgoing

CountShown = Callable[[str], Awaitable[int]]
"""How many messages the provider shows for an out id."""

Check = Callable[[ChannelAdapter, Outgoing, CountShown], Awaitable[None]]


def example(phone: str) -> Outgoing:
    """A message as any adapter may get it."""
    return Outgoing(
        out_id=uuid7(),
        to=phone,
        phone=phone,
        text="【微心愿】试一试",
        template="wish_posted.v1",
        event_type="microwish.WishPosted.v1",
        wish_id=uuid7(),
    )


async def accepts(adapter: ChannelAdapter, outgoing: Outgoing, count: CountShown) -> None:
    """What was sent was accepted or delivered, and is shown once."""
    receipt = await adapter.send(outgoing)
    assert receipt.fate in {Fate.ACCEPTED, Fate.DELIVERED}
    assert await count(outgoing.out_id) == 1


async def shows_an_out_id_once(adapter: ChannelAdapter, outgoing: Outgoing, count: CountShown) -> None:
    """The same out id again tells what became of it and shows nothing new."""
    await adapter.send(outgoing)
    again = await adapter.send(outgoing)
    assert again.fate in {Fate.ACCEPTED, Fate.DELIVERED}
    assert await count(outgoing.out_id) == 1


async def knows_what_it_accepted(adapter: ChannelAdapter, outgoing: Outgoing, count: CountShown) -> None:
    """A look-up by out id finds what was accepted."""
    await adapter.send(outgoing)
    receipt = await adapter.lookup(outgoing.out_id)
    assert receipt.fate in {Fate.ACCEPTED, Fate.DELIVERED}
    assert await count(outgoing.out_id) == 1


async def knows_what_it_never_accepted(adapter: ChannelAdapter, outgoing: Outgoing, count: CountShown) -> None:
    """A look-up of an out id that was never sent says so, and sends nothing."""
    receipt = await adapter.lookup(outgoing.out_id)
    assert receipt.fate is Fate.NEVER_ACCEPTED
    assert await count(outgoing.out_id) == 0


SUITE: tuple[Check, ...] = (accepts, shows_an_out_id_once, knows_what_it_accepted, knows_what_it_never_accepted)
"""All checks."""
