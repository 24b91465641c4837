"""A replica that tells many of one event and then stands still at a step, to be killed there (`test_fan_out.py`).

`python cut_off.py <fan-out> <chunks> <step> <ids>`, its settings in the environment. It prints `there` once it has
finished so many chunks and stands before the step of the next: `messages` (the notices are written), `told` (the
messages are written too), `cursor` (only the cursor is not moved). ids: `derived`, or `random` for the control.
"""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from microwish.ids import derived_id, uuid7
from microwish.store.aggregate import Aggregates
from microwish.when import When, system_clock
from notify_service.settings import NotifySettings
from notify_service.store.fanouts import Fanouts
from notify_service.store.messages import Messages
from notify_service.store.notices import Notices
from notify_service.use_cases.assemble import Assemble
from notify_service.use_cases.fan_out import FanOut
from notify_service.use_cases.recipients import Recipients
from notify_service.wiring import NotifyService


class Steps:
    """Counts how often a step was reached, and stands still at the one asked for."""

    def __init__(self, step: str, after: int) -> None:
        # The resident, who is told first and alone, is no chunk, but takes all steps save that of the cursor.
        self._step, self._left = step, after + (step != "cursor")

    async def reached(self, step: str) -> None:
        if step != self._step:
            return
        if self._left == 0:
            sys.stdout.write("there\n")
            sys.stdout.flush()
            await asyncio.Event().wait()
        self._left -= 1


def random_id(*_parts: str) -> str:
    """For the control: another one each time."""
    return uuid7()


async def main(fanout: str, chunks: int, step: str, ids: str) -> None:
    """Work until the step, then wait for the end."""
    service = NotifyService(NotifySettings())  # type: ignore[call-arg]  # from the environment
    await service.prepare_store()
    db, steps = service.mongo.db, Steps(step, chunks)

    class StillMessages(Messages):
        async def create_many(self, fields_of: Mapping[str, Mapping[str, Any]], *, when: When) -> None:
            await steps.reached("messages")
            await super().create_many(fields_of, when=when)

    class StillNotices(Notices):
        async def told(self, ids: Sequence[str]) -> None:
            await steps.reached("told")
            await super().told(ids)

    class StillFanouts(Fanouts):
        async def move_cursor(self, id: str, line: int, *, before: str, after: str, now: datetime) -> bool:
            await steps.reached("cursor")
            return await super().move_cursor(id, line, before=before, after=after, now=now)

    notices = StillNotices(db.get_collection("notices"))
    messages = StillMessages(Aggregates(db.get_collection("messages")))
    wait = service.settings.contact_wait_seconds
    fan_out = FanOut(
        StillFanouts(db.get_collection("fanouts")),
        notices,
        Assemble(notices, messages, lambda *_: None, system_clock, wait_seconds=wait),
        Recipients(service.store.views, service.timing, limit=service.settings.fanout_chunk),
        service.store.preferences,
        system_clock,
        service.timing,
        identify=derived_id if ids == "derived" else random_id,
    )
    await fan_out(fanout)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]))
