"""Sending in three steps: take, hand over, record. A crash after any of them leaves a state that says what is known."""

import asyncio
import contextlib
import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from microwish.events import Event
from microwish.events.notify import Channel, MessageFailed
from microwish.ids import uuid7
from microwish.logs import get_logger
from microwish.privacy.masking import mask_phone
from microwish.privacy.sealing import BlindIndex, Sealer
from microwish.store.grouped import Landed
from microwish.store.mongo import Document
from microwish.when import Clock, When
from notify_service import alerts
from notify_service.alerts import Alerts
from notify_service.breaker import Breakers
from notify_service.channels.calls import NO_ANSWER
from notify_service.channels.port import ChannelAdapter, Fate, Outgoing, ProviderAway, Receipt, Refusal
from notify_service.domain.known import Waiting
from notify_service.domain.message import Cause, State, Step
from notify_service.figures import Figures, answer_of, segments_of
from notify_service.rates import Rates
from notify_service.store.messages import Messages, Moved
from notify_service.store.people import CallTask, CallTasks
from notify_service.use_cases.prepare import Dropped, Prepare, Prepared, Ready, Spent, Unreachable
from notify_service.use_cases.record import Record, about
from notify_service.use_cases.routes import Adapters, NotNow

_TOKEN_WITHIN_SECONDS = 1.0
_OVER_RATE = Receipt(Fate.REFUSED, "rate_limited", Refusal.LATER)
_log = get_logger(__name__)


@dataclass(frozen=True)
class Taken:
    """A message that this process alone may hand over, once, and not after the deadline.

    allowed: whether the provider's rate has been asked for it already.
    """

    message: Document
    channel: Channel
    outgoing: Outgoing
    deadline: datetime
    allowed: bool = True

    @property
    def urgent(self) -> bool:
        """A sign-in code."""
        return bool(self.message["lane"] == "signin")

    def __hash__(self) -> int:
        return hash(self.outgoing.out_id)


@dataclass(frozen=True)
class Doors:
    """What stands between a message and its provider. side_by_side: calls of this process at a time, codes apart."""

    adapters: Adapters
    rates: Rates
    breakers: Breakers
    alerts: Alerts
    figures: Figures
    side_by_side: int
    deadline: timedelta

    def adapter(self, channel: Channel, provider: str) -> ChannelAdapter | None:
        """The adapter, while it is configured."""
        return next((one for one in self.adapters.get(channel, ()) if one.provider == provider), None)


class Send:
    """Sends messages through the adapters of this installation."""

    def __init__(
        self,
        messages: Messages,
        prepare: Prepare,
        record: Record,
        doors: Doors,
        calls: CallTasks,
        sealer: Sealer,
        index: BlindIndex,
        clock: Clock,
    ) -> None:
        self._messages = messages
        self._prepare = prepare
        self.record = record
        self._doors = doors
        self._calls = calls
        self._sealer = sealer
        self._index = index
        self._clock = clock
        self._turn = asyncio.Semaphore(doors.side_by_side)

    async def __call__(self, id: str) -> None:
        """Send a queued message if it can leave now; whoever else takes it meanwhile wins."""
        taken = await self.take(id)
        if taken is not None:
            await self.deliver(taken)

    async def deliver(self, taken: Taken | None) -> None:
        """The second and third step; and all three by another way, as long as there is one that may be tried now."""
        while taken is not None:
            again = await self.record(taken.message, await self.hand_over(taken))
            taken = await self.take(taken.message["_id"]) if again else None

    async def take(self, id: str) -> Taken | None:
        """Queued → sending, with an out id and a deadline; or to where a message goes that can't leave."""
        message = await self._messages.find(id)
        if message is None or message["state"] != State.QUEUED or self._not_yet(message):
            return None
        prepared = await self._prepare(message)
        if isinstance(prepared, Waiting):
            return await self._wait(message, prepared)
        if isinstance(prepared, NotNow):
            await self._put_off(message, prepared.until)
            return None
        if not isinstance(prepared, Ready):
            await self._let_go(message, prepared)
            return None
        urgent = message["lane"] == "signin"
        if not await self._doors.rates.allow(prepared.provider, urgent=urgent, within=_TOKEN_WITHIN_SECONDS):
            await self._put_off(message, self._clock())
            return None
        return await self._taken(message, prepared)

    async def _taken(self, message: Document, ready: Ready) -> Taken | None:
        """The write that makes it this process's, or None if it is somebody else's."""
        deadline, out = self.out(message["_id"], ready)
        values = {"out": out, "tries": message.get("tries", 0) + 1}
        moved = Moved(Step.TAKE, values, remove=["cause"], where={"revision": message["revision"]})
        landed = await self._messages.move_together(message["_id"], moved, when=When.now(self._clock))
        if landed is Landed.NO:
            return None
        if landed is Landed.PERHAPS:
            written = await self._messages.find(message["_id"])
            if written is None or written.get("out", {}).get("by") != out["by"]:
                return None
        return Taken({**message, **values, "state": State.SENDING.value}, ready.channel, ready.outgoing, deadline)

    def out(self, message_id: str, ready: Ready) -> tuple[datetime, Document]:
        """The deadline of this handing over, and what the message remembers of it (the address only sealed)."""
        now = self._clock()
        deadline = now + self._doors.deadline
        deadline = min(deadline, ready.until) if ready.until else deadline
        return deadline, {
            "id": ready.outgoing.out_id,
            "channel": ready.channel.value,
            "provider": ready.provider,
            "deadline": deadline,
            "at": now,
            "by": uuid7(),
            "to_masked": mask_phone(ready.outgoing.phone),
            "phone_index": self._index.of(ready.outgoing.phone),
            "to": self._sealer.seal(ready.outgoing.to, about=f"message:{message_id}"),
        }

    async def hand_over(self, taken: Taken) -> Receipt | None:
        """Call the provider, but not past the deadline; None if nobody can say what became of it."""
        async with contextlib.nullcontext() if taken.urgent else self._turn:
            left = (taken.deadline - self._clock()).total_seconds()
            if left <= 0:
                return None
            provider = taken.message["out"]["provider"]
            if not taken.allowed and not await self._doors.rates.allow(provider, urgent=True, within=left / 2):
                return _OVER_RATE
            started = time.perf_counter()
            receipt = await self._called(taken, provider)
            seconds = time.perf_counter() - started
            parts = segments_of(taken.outgoing.text) if taken.channel is Channel.SMS else 1
            self._doors.figures.handed_over(provider, answer_of(receipt), seconds, segments=parts)
            return receipt

    async def _called(self, taken: Taken, provider: str) -> Receipt | None:
        adapter = self._doors.adapter(taken.channel, provider)
        assert adapter is not None, provider
        breaker = self._doors.breakers.of(provider)
        receipt: Receipt | None = None
        try:
            async with asyncio.timeout((taken.deadline - self._clock()).total_seconds()):
                receipt = await adapter.send(taken.outgoing)
        except (ProviderAway, TimeoutError) as error:
            _log.warning("provider_away", message=taken.message["_id"], error=type(error).__name__)
        except Exception as error:  # noqa: BLE001  a fault of the adapter: what the provider did is just as unknown
            _log.error("adapter_failed", message=taken.message["_id"], error=type(error).__name__)
        if receipt is None or receipt.cause in NO_ANSWER:
            if breaker.failed():
                await self._doors.alerts.raise_(alerts.OPEN, provider)
        elif breaker.succeeded():
            await self._doors.alerts.resolve(alerts.OPEN, provider)
        return receipt

    async def give_up(self, message: Document, cause: str) -> None:
        """Awaiting or queued → failed, and say so."""
        events: list[Event] = [MessageFailed(**about(message), cause=cause)]
        failed = Moved(Step.GIVE_UP, {"cause": cause, "waits_for": []}, remove=["secret"], events=events)
        await self._messages.move(message["_id"], failed, when=When.now(self._clock))

    async def _wait(self, message: Document, waiting: Waiting) -> Taken | None:
        when = When.now(self._clock)
        moved = Moved(Step.WAIT, {"waits_for": list(waiting.keys)})
        if await self._messages.move(message["_id"], moved, when=when) is None:
            return None
        # What it waits for may have come between looking and writing; whoever heard it then did not see us wait.
        if isinstance(await self._prepare(message), Waiting):
            return None
        ready = await self._messages.move(message["_id"], Moved(Step.READY, {"waits_for": []}), when=when)
        return await self.take(message["_id"]) if ready else None

    def _not_yet(self, message: Document) -> bool:
        not_before = message.get("not_before")
        return not_before is not None and not_before > self._clock()

    async def _put_off(self, message: Document, until: datetime) -> None:
        """It stays queued; what was put off together does not come back in one moment."""
        spread = timedelta(seconds=random.uniform(0.5, 1.5))  # noqa: S311
        await self._messages.put_off(message, until + spread)

    async def _let_go(self, message: Document, prepared: Prepared) -> None:
        if isinstance(prepared, Dropped):
            set_: Document = {"cause": prepared.cause.value, "waits_for": []}
            dropped = Moved(Step.SUPPRESS, set_, remove=["secret"])
            await self._messages.move(message["_id"], dropped, when=When.now(self._clock))
        elif isinstance(prepared, Unreachable):
            if prepared.cause is Cause.TELEPHONE:
                await self._calls.open(_call(message, self._clock()))
            await self.give_up(message, prepared.cause.value)
        elif isinstance(prepared, Spent):
            await self.give_up(message, message.get("cause", "refused"))


def _call(message: Document, now: datetime) -> CallTask:
    return CallTask(
        message["_id"], message["recipient"], message["wish_id"], message["community"], message["template"], now
    )
