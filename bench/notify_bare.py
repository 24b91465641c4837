"""The least that sends: an async loop that posts the same requests with the same client. `python -m bench.notify_bare`.

MICROWISH_… as a worker has them; COUNT and SIDE_BY_SIDE besides. Prints the seconds that it took.
"""

import asyncio
import os
import sys
import time
from collections import deque

import uvloop

from microwish.events.notify import Channel
from microwish.ids import uuid7
from notify_service.channels.port import Fate, Outgoing
from notify_service.settings import NotifySettings
from notify_service.wiring import NotifyService

_WARM = 32


async def send_all(count: int, side_by_side: int) -> float:
    """Seconds for so many, so many at a time; connections and code are warm before."""
    service = NotifyService(NotifySettings())  # type: ignore[call-arg]  # from the environment
    [adapter] = service.adapters[Channel.SMS]

    async def work(waiting: deque[Outgoing]) -> None:
        while waiting:
            receipt = await adapter.send(waiting.popleft())
            assert receipt.fate is Fate.ACCEPTED, receipt

    async def all_of(outgoing: deque[Outgoing]) -> None:
        await asyncio.gather(*(work(outgoing) for _ in range(side_by_side)))

    await all_of(deque(_message(service, number) for number in range(_WARM)))
    messages = deque(_message(service, number) for number in range(count))
    started = time.perf_counter()
    await all_of(messages)
    seconds = time.perf_counter() - started
    await adapter.close()
    service.mongo.close()
    return seconds


def _message(service: NotifyService, number: int) -> Outgoing:
    values = {"title": "想要一台能收戏曲的收音机", "number": "K7Q2AB"}
    template, phone = "wish_posted_follower.v1", str(13_800_000_000 + number)
    return Outgoing(
        out_id=uuid7(),
        to=phone,
        phone=phone,
        text=service.templates.sms(template, values),
        template=template,
        event_type="microwish.WishPosted.v1",
        wish_id=uuid7(),
        values=values,
    )


def main() -> None:
    """Measure once."""
    seconds = uvloop.run(send_all(int(os.environ["COUNT"]), int(os.environ["SIDE_BY_SIDE"])))
    sys.stdout.write(f"{seconds}\n")


if __name__ == "__main__":
    main()
