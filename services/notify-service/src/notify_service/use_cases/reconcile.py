"""What became of messages whose handing over was never recorded: ask the provider by out id, never guess."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from microwish.events.notify import Channel
from microwish.logs import get_logger
from microwish.privacy.sealing import CannotOpen, Sealer
from microwish.store.mongo import Document
from microwish.telemetry import counter
from microwish.when import Clock
from notify_service.channels.port import ChannelAdapter, Fate, ProviderAway, Receipt, Sent
from notify_service.domain.message import State
from notify_service.domain.verdicts import Backoff
from notify_service.store.messages import SYSTEM, By, Messages
from notify_service.use_cases.prepare import Prepare
from notify_service.use_cases.send import Doors, Send

_LOST_AT_A_TIME = 500
_ASKED_AT_A_TIME = 200
_SIDE_BY_SIDE = 8
_BETWEEN_ASKING_MOST = 3600.0
_asked = counter("reconciled", "Questions about messages whose answer was lost, by what was said", ("provider", "said"))
_log = get_logger(__name__)


class Reconcile:
    """Finds messages past their deadline, and settles the unknown ones."""

    def __init__(
        self,
        messages: Messages,
        prepare: Prepare,
        send: Send,
        doors: Doors,
        wake: Callable[[str], None],
        sealer: Sealer,
        clock: Clock,
        *,
        grace_seconds: float,
    ) -> None:
        self._messages = messages
        self._prepare = prepare
        self._send = send
        self._doors = doors
        self._wake = wake
        self._sealer = sealer
        self._clock = clock
        self._grace = timedelta(seconds=grace_seconds)
        self._between = Backoff(max(1.0, grace_seconds), _BETWEEN_ASKING_MOST)
        self._turn = asyncio.Semaphore(_SIDE_BY_SIDE)

    async def __call__(self) -> None:
        """Both steps for everything that is due."""
        now = self._clock()
        lost = await self._messages.past_deadline(State.SENDING, now, limit=_LOST_AT_A_TIME)
        await asyncio.gather(*(self._send.record(message, None) for message in lost))
        due = await self._messages.due(State.UNKNOWN, now, limit=_ASKED_AT_A_TIME)
        await asyncio.gather(*(self._ask_after(message_id) for message_id in due))

    async def settle(self, message: Document, *, by: By = SYSTEM) -> Receipt | None:
        """Ask what became of an unknown message and keep the answer; None if the provider can't say now."""
        receipt = await self._said(message)
        provider = message["out"]["provider"]
        _asked.labels(provider, receipt.fate.value if receipt else "nothing").inc()
        if receipt is not None and await self._send.record(message, receipt, by=by):
            self._wake(message["_id"])
        return receipt

    async def _ask_after(self, id: str) -> None:
        async with self._turn:
            message = await self._messages.find(id)
            if message is None or message["state"] != State.UNKNOWN:
                return
            if "not_before" not in message and self._clock() < message["out"]["deadline"] + self._grace:
                return  # of a release that did not write when to ask
            asked = message["out"].get("asked", 0)
            # One process asks; whoever finds nothing out leaves it for longer each time.
            until = self._clock() + self._doors.deadline + self._between.delay(asked + 1, 1.0)
            if await self._messages.asking(message, until):
                await self.settle(message)

    async def _said(self, message: Document) -> Receipt | None:
        out = message["out"]
        adapter = self._doors.adapter(Channel(out["channel"]), out["provider"])
        sent = self._sent(message)
        if adapter is None or sent is None:
            return None
        receipt = await self._called(adapter, message, sent)
        if receipt is None and self._repeats(adapter, message, sent.at):
            return await self._handed_over_again(adapter, message)
        return receipt

    def _sent(self, message: Document) -> Sent | None:
        """What the question needs; None where the person was forgotten meanwhile."""
        out = message["out"]
        if "at" not in out:  # of a release that kept no address
            return Sent(out["id"], out.get("to_masked", ""), out["deadline"])
        try:
            to = self._sealer.open(out["to"], about=f"message:{message['_id']}")
        except (KeyError, CannotOpen):
            return None
        return Sent(out["id"], to, out["at"], out.get("reference"))

    async def _called(self, adapter: ChannelAdapter, message: Document, sent: Sent) -> Receipt | None:
        try:
            async with asyncio.timeout(self._doors.deadline.total_seconds()):
                return await adapter.lookup(sent)
        except (ProviderAway, TimeoutError):
            _log.info("provider_away", message=message["_id"])
        except Exception as error:  # noqa: BLE001  a fault of the adapter says nothing about the message
            _log.error("adapter_failed", message=message["_id"], error=type(error).__name__)
        return None

    def _repeats(self, adapter: ChannelAdapter, message: Document, at: datetime) -> bool:
        """Whether the provider would surely drop a repetition of what it has accepted, and it is still worth saying."""
        now = self._clock()
        until: datetime = message["secret"]["expires_at"] if "secret" in message else message["use_until"]
        return now - at + self._doors.deadline < adapter.repeats_for and now + self._doors.deadline < until

    async def _handed_over_again(self, adapter: ChannelAdapter, message: Document) -> Receipt | None:
        """The same once more under the same out id: what was accepted before is not shown again."""
        ready = await self._prepare.again(message)
        if ready is None or ready.outgoing.out_id != message["out"]["id"]:
            return None
        try:
            async with asyncio.timeout(self._doors.deadline.total_seconds()):
                receipt = await adapter.send(ready.outgoing)
        except (ProviderAway, TimeoutError):
            return None
        except Exception as error:  # noqa: BLE001  as with the question itself
            _log.error("adapter_failed", message=message["_id"], error=type(error).__name__)
            return None
        # That it does not take the repetition says nothing about the first.
        return None if receipt.fate is Fate.REFUSED else receipt
