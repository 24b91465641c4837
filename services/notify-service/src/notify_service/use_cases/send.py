"""Sending in three steps: take, hand over, record. A crash after any of them leaves a state that says what is known."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from microwish.events import Event
from microwish.events.notify import Channel, MessageDelivered, MessageFailed, MessageSent
from microwish.logs import get_logger
from microwish.privacy.masking import mask_phone
from microwish.store.mongo import Document
from microwish.when import Clock, When
from notify_service.channels.port import ChannelAdapter, Fate, Outgoing, ProviderAway, Receipt
from notify_service.domain.known import Waiting
from notify_service.domain.message import Cause, Step
from notify_service.store.messages import SYSTEM, By, Messages, Moved
from notify_service.store.people import CallTask, CallTasks
from notify_service.use_cases.prepare import Dropped, Prepare, Prepared, Ready, Unreachable

_log = get_logger(__name__)


@dataclass(frozen=True)
class Taken:
    """A message that this process alone may hand over, once, and not after the deadline."""

    message: Document
    channel: Channel
    outgoing: Outgoing
    deadline: datetime

    def __hash__(self) -> int:
        return hash(self.outgoing.out_id)


class Send:
    """Sends messages through the adapters of this installation."""

    def __init__(
        self,
        messages: Messages,
        prepare: Prepare,
        adapters: Mapping[Channel, ChannelAdapter],
        calls: CallTasks,
        clock: Clock,
        *,
        deadline_seconds: float,
    ) -> None:
        self._messages = messages
        self._prepare = prepare
        self._adapters = adapters
        self._calls = calls
        self._clock = clock
        self._deadline = timedelta(seconds=deadline_seconds)

    async def __call__(self, id: str) -> None:
        """Send a queued message if it can leave now; whoever else takes it meanwhile wins."""
        taken = await self.take(id)
        if taken is not None:
            await self.deliver(taken)

    async def deliver(self, taken: Taken) -> None:
        """The second and third step."""
        await self.record(taken.message, await self.hand_over(taken))

    async def take(self, id: str) -> Taken | None:
        """Queued → sending, with an out id and a deadline; or to where a message goes that can't leave."""
        message = await self._messages.find(id)
        if message is None or message["state"] != "queued":
            return None
        prepared = await self._prepare(message)
        if isinstance(prepared, Waiting):
            return await self._wait(message, prepared)
        if not isinstance(prepared, Ready):
            await self._let_go(message, prepared)
            return None
        deadline, out = self.out(prepared)
        guard = {"revision": message["revision"]}
        when = When.now(self._clock)
        sending = await self._messages.move(id, Moved(Step.TAKE, {"out": out}, where=guard), when=when)
        return Taken(sending, prepared.channel, prepared.outgoing, deadline) if sending else None

    def out(self, ready: Ready) -> tuple[datetime, Document]:
        """The deadline of this handing over, and what the message remembers of it (the address only masked)."""
        deadline = self._clock() + self._deadline
        deadline = min(deadline, ready.until) if ready.until else deadline
        return deadline, {
            "id": ready.outgoing.out_id,
            "channel": ready.channel.value,
            "provider": self._adapters[ready.channel].provider,
            "deadline": deadline,
            "to_masked": mask_phone(ready.outgoing.phone),
        }

    async def hand_over(self, taken: Taken) -> Receipt | None:
        """Call the provider, but not past the deadline; None if nobody can say what became of it."""
        left = (taken.deadline - self._clock()).total_seconds()
        if left <= 0:
            return None
        try:
            async with asyncio.timeout(left):
                return await self._adapters[taken.channel].send(taken.outgoing)
        except (ProviderAway, TimeoutError) as error:
            _log.warning("provider_away", message=taken.message["_id"], error=type(error).__name__)
        except Exception as error:  # noqa: BLE001  a fault of the adapter: what the provider did is just as unknown
            _log.error("adapter_failed", message=taken.message["_id"], error=type(error).__name__)
        return None

    async def record(self, message: Document, receipt: Receipt | None, *, by: By = SYSTEM) -> None:
        """Keep what the provider said of this out id; None makes the message unknown. `by`: who had it asked."""
        when = When.now(self._clock)
        guard = {"out.id": message["out"]["id"]}
        if receipt is None:
            await self._messages.move(message["_id"], Moved(Step.LOST, where=guard), when=when)
            return
        if receipt.fate is Fate.DELIVERED:
            # Where it is sent already, only the arrival is news.
            first = {**guard, "state": {"$in": ["sending", "unknown"]}}
            both = Moved(Step.DELIVERED, remove=["secret"], events=_arrival(message), where=first)
            if await self._messages.move(message["_id"], both, when=when) is None:
                arrived = Moved(Step.DELIVERED, events=_arrival(message)[1:], where={**guard, "state": "sent"})
                await self._messages.move(message["_id"], arrived, when=when)
            return
        if receipt.fate is Fate.ACCEPTED:
            sent = Moved(Step.ACCEPTED, remove=["secret"], events=_arrival(message)[:1], where=guard)
            await self._messages.move(message["_id"], sent, when=when)
            return
        if receipt.fate is Fate.REFUSED:
            cause = receipt.cause or "refused"
            failed = [MessageFailed(**_about(message), channel=Channel(message["out"]["channel"]), cause=cause)]
            refused = Moved(Step.REFUSED, {"cause": cause}, remove=["secret"], events=failed, where=guard)
            await self._messages.move(message["_id"], refused, when=when)
            return
        await self._messages.move(message["_id"], Moved(Step.NEVER_ACCEPTED, where=guard, by=by), when=when)

    async def give_up(self, message: Document, cause: str) -> None:
        """Awaiting or queued → failed, and say so."""
        events: list[Event] = [MessageFailed(**_about(message), cause=cause)]
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

    async def _let_go(self, message: Document, prepared: Prepared) -> None:
        if isinstance(prepared, Dropped):
            set_: Document = {"cause": prepared.cause.value, "waits_for": []}
            dropped = Moved(Step.SUPPRESS, set_, remove=["secret"])
            await self._messages.move(message["_id"], dropped, when=When.now(self._clock))
        elif isinstance(prepared, Unreachable):
            if prepared.cause is Cause.TELEPHONE:
                await self._calls.open(_call(message, self._clock()))
            await self.give_up(message, prepared.cause.value)


def _about(message: Document) -> dict[str, Any]:
    return {
        "message_id": message["_id"],
        "person_id": message["person_id"],
        "wish_id": message["wish_id"],
        "template": message["template"],
        "event_type": message["event_type"],
    }


def _arrival(message: Document) -> list[Event]:
    how: dict[str, Any] = {"channel": Channel(message["out"]["channel"]), "provider": message["out"]["provider"]}
    return [MessageSent(**_about(message), **how), MessageDelivered(**_about(message), **how)]


def _call(message: Document, now: datetime) -> CallTask:
    return CallTask(
        message["_id"], message["recipient"], message["wish_id"], message["community"], message["template"], now
    )
