"""An event came: record that it is to be told, or that it is too late for that."""

from collections.abc import Callable
from datetime import timedelta

from microwish.events import Envelope, UnknownEvent
from microwish.when import Clock
from notify_service.domain.message import Cause, too_late
from notify_service.domain.rules import RULES
from notify_service.store.fanouts import Fanouts


class Tell:
    """One fan-out per event of the table; its id is the event's, so a repetition changes nothing."""

    def __init__(self, fanouts: Fanouts, wake: Callable[[str], None], clock: Clock, *, use_seconds: float) -> None:
        self._fanouts = fanouts
        self._wake = wake
        self._clock = clock
        self._use_seconds = use_seconds

    async def __call__(self, event: Envelope) -> None:
        """Record it. Events of the past (补录, or a long outage) are suppressed: late."""
        try:
            payload = event.payload()
        except UnknownEvent:
            return
        lines = [index for index, line in enumerate(RULES.get(type(payload), ())) if line.if_(payload)]
        if not lines:
            return
        now = self._clock()
        late = Cause.LATE if too_late(event.time, now, self._use_seconds) else None
        use_until = event.time + timedelta(seconds=self._use_seconds)
        await self._fanouts.add(event, lines, now=now, use_until=use_until, suppressed=late)
        if late is None:
            self._wake(event.id)
