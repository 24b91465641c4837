"""What became of messages whose handing over was never recorded: ask the provider by out id, never guess."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from microwish.events.notify import Channel
from microwish.logs import get_logger
from microwish.store.mongo import Document
from microwish.when import Clock
from notify_service.channels.port import ChannelAdapter, Fate, ProviderAway, Receipt
from notify_service.domain.message import State
from notify_service.store.messages import SYSTEM, By, Messages
from notify_service.use_cases.send import Send

_AT_A_TIME = 100
_log = get_logger(__name__)


class Reconcile:
    """Finds messages past their deadline, and settles the unknown ones."""

    def __init__(
        self,
        messages: Messages,
        send: Send,
        adapters: Mapping[Channel, ChannelAdapter],
        wake: Callable[[str], None],
        clock: Clock,
        *,
        grace_seconds: float,
    ) -> None:
        self._messages = messages
        self._send = send
        self._adapters = adapters
        self._wake = wake
        self._clock = clock
        self._grace = timedelta(seconds=grace_seconds)

    async def __call__(self) -> None:
        """Both steps for everything that is due."""
        now = self._clock()
        for message in await self._messages.past_deadline(State.SENDING, now, limit=_AT_A_TIME):
            await self._send.record(message, None)
        for message in await self._messages.past_deadline(State.UNKNOWN, now - self._grace, limit=_AT_A_TIME):
            await self.settle(message)

    async def settle(self, message: Document, *, by: By = SYSTEM) -> Receipt | None:
        """Ask what became of an unknown message and keep the answer; None if the provider can't say now."""
        try:
            receipt = await self._adapters[Channel(message["out"]["channel"])].lookup(message["out"]["id"])
        except ProviderAway:
            _log.info("provider_away", message=message["_id"])
            return None
        await self._send.record(message, receipt, by=by)
        if receipt.fate is Fate.NEVER_ACCEPTED:
            self._wake(message["_id"])
        return receipt
