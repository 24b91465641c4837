"""Something was heard of: what waited for it goes on."""

from collections.abc import Callable

from microwish.when import Clock, When
from notify_service.domain.message import Step
from notify_service.store.fanouts import Fanouts
from notify_service.store.messages import Messages, Moved


class Release:
    """Called after a view has taken what a key stands for."""

    def __init__(
        self,
        messages: Messages,
        fanouts: Fanouts,
        clock: Clock,
        *,
        wake_message: Callable[[str], None],
        wake_fanout: Callable[[str], None],
    ) -> None:
        self._messages = messages
        self._fanouts = fanouts
        self._clock = clock
        self._wake_message = wake_message
        self._wake_fanout = wake_fanout

    async def __call__(self, key: str) -> None:
        """Queue what waited for this key; what still lacks something else waits again when it is taken."""
        for message in await self._messages.waiting_for(key):
            await self.message(message)
        for fanout in await self._fanouts.waiting_for(key):
            self._wake_fanout(fanout)

    async def message(self, id: str) -> None:
        """Awaiting → queued."""
        moved = Moved(Step.READY, {"waits_for": []})
        if await self._messages.move(id, moved, when=When.now(self._clock)) is not None:
            self._wake_message(id)
