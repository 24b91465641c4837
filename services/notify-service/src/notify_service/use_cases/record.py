"""What a provider said of one out id becomes the next step of its message, with what it asks for besides."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from microwish.events import Event
from microwish.events.notify import Channel, MessageDelivered, MessageFailed, MessageSent
from microwish.store.grouped import Landed
from microwish.store.mongo import Document
from microwish.when import Clock, When
from notify_service import alerts
from notify_service.alerts import Alerts
from notify_service.channels.port import Fate, Receipt
from notify_service.domain.message import Step
from notify_service.domain.verdicts import ELSEWHERE, Backoff, Bar, Situation, Verdict, barred_name, spent, verdict_of
from notify_service.store.messages import SYSTEM, By, Messages, Moved
from notify_service.store.providers import Providers
from notify_service.store.suppressions import Suppressions
from notify_service.use_cases.routes import Adapters, Way, left

_AGAIN = frozenset({Step.RETRY, Step.FALL_BACK, Step.NEVER_ACCEPTED})
_UNSETTLED = ["sending", "unknown"]
_OUT_OPTED = "provider"


@dataclass(frozen=True)
class Patience:
    """How often and how long: backoff between tries, at most so many of them in a round, the rest of a provider whose
    quota is used up and that does not say until when, and how long after an unanswered call it is asked after.
    """

    backoff: Backoff
    most_tries: int
    quota_rest: timedelta
    grace: timedelta


@dataclass(frozen=True)
class Consequences:
    """Where it is kept what a provider's word means beyond the one message."""

    providers: Providers
    suppressions: Suppressions
    alerts: Alerts


class Record:
    """The third step of sending, and the end of every question to a provider; safe to repeat."""

    def __init__(
        self,
        messages: Messages,
        adapters: Adapters,
        consequences: Consequences,
        clock: Clock,
        patience: Patience,
    ) -> None:
        self._messages = messages
        self._adapters = adapters
        self._on = consequences
        self._clock = clock
        self._patience = patience

    async def __call__(self, message: Document, receipt: Receipt | None, *, by: By = SYSTEM) -> bool:
        """Keep it; None makes the message unknown. True if the message may be queued again now. `by`: who asked."""
        when = When.now(self._clock)
        if receipt is None:
            await self._lost(message, when)
            return False
        verdict, not_before = self._judged(message, receipt, when.at)
        await self._consequences(message, receipt, verdict, when.at)
        if verdict.step is Step.DELIVERED:
            await self._delivered(message, when)
            return False
        moved = self._moved(message, receipt, verdict, not_before, by)
        landed = await self._messages.move_together(message["_id"], moved, when=when)
        return verdict.step in _AGAIN and landed is not Landed.NO

    def _judged(self, message: Document, receipt: Receipt, now: datetime) -> tuple[Verdict, datetime]:
        """What to do, and when again at the earliest; what can't be said in time is not tried later."""
        at = self._situation(message)
        verdict = verdict_of(receipt, at, most_tries=self._patience.most_tries)
        if not verdict.waits:
            return verdict, now
        # Replicas that are refused together should not come back together.
        chance = random.random()  # noqa: S311
        not_before = now + self._patience.backoff.delay(at.tries, chance, at_least=receipt.retry_after)
        until: datetime = message["secret"]["expires_at"] if "secret" in message else message["use_until"]
        if not_before < until:
            return verdict, not_before
        return replace(ELSEWHERE if at.another else spent(at.channel), rests=verdict.rests, alerts=verdict.alerts), now

    def _situation(self, message: Document) -> Situation:
        out, barred = message["out"], message.get("barred", [])
        channel = Channel(out["channel"])
        others = left([Way(channel, "")], self._adapters, barred)
        another = any(route.provider != out["provider"] for route in others)
        return Situation(channel, message.get("tries", 1), message["lane"] == "signin", another)

    def _moved(self, message: Document, receipt: Receipt, verdict: Verdict, not_before: datetime, by: By) -> Moved:
        out, step = message["out"], verdict.step
        cause = verdict.cause.value if verdict.cause else receipt.cause or step.value
        if step is Step.ACCEPTED:
            reference = {"out.reference": receipt.reference} if receipt.reference else {}
            sent = arrival(message)[:1]
            return Moved(step, reference, ["secret", "out.to"], sent, {"out.id": out["id"]}, by)
        if step is Step.UNDELIVERED:
            said = failed(message, Step.UNDELIVERED.value)
            return Moved(step, {"cause": cause}, ["secret", "out.to"], said, {"out.id": out["id"]}, by)
        # A refusal concerns the one call it answers; what was accepted may turn out not to have arrived.
        where = {"out.id": out["id"]} if receipt.fate is Fate.UNDELIVERED else _this_call(out)
        if step is Step.REFUSED:
            return Moved(step, {"cause": cause}, ["secret", "out.to"], failed(message, cause), where, by)
        values: dict[str, Any] = {"not_before": not_before}
        if step is not Step.NEVER_ACCEPTED:
            values["cause"] = cause
        if verdict.bar is not None:
            name = barred_name(verdict.bar, out["channel"], out["provider"])
            values["barred"] = [*message.get("barred", []), name]
        if verdict.bar is Bar.CHANNEL:
            values["tries"] = 0  # the next channel has as many of its own
        return Moved(step, values, ["out.to"], [], where, by)

    async def _delivered(self, message: Document, when: When) -> None:
        # Where it is sent already, only the arrival is news.
        guard, gone = {"out.id": message["out"]["id"]}, ["secret", "out.to"]
        first = {**guard, "state": {"$in": _UNSETTLED}}
        both = Moved(Step.DELIVERED, remove=gone, events=arrival(message), where=first)
        if await self._messages.move_together(message["_id"], both, when=when) is Landed.YES:
            return
        arrived = Moved(Step.DELIVERED, events=arrival(message)[1:], where={**guard, "state": "sent"})
        await self._messages.move(message["_id"], arrived, when=when)

    async def _lost(self, message: Document, when: When) -> None:
        # After the deadline a call of a process that died may be on its way; one that has ended may not.
        asked_after = min(when.at, message["out"]["deadline"]) + self._patience.grace
        lost = Moved(Step.LOST, {"not_before": asked_after}, where=_this_call(message["out"]))
        await self._messages.move_together(message["_id"], lost, when=when)

    async def _consequences(self, message: Document, receipt: Receipt, verdict: Verdict, now: datetime) -> None:
        out, cause = message["out"], receipt.cause or ""
        if verdict.rests:
            until = now + (receipt.retry_after or self._patience.quota_rest)
            await self._on.providers.rest(out["provider"], until, why=cause)
        if verdict.alerts:
            code = alerts.QUOTA if verdict.rests else alerts.CONFIGURATION
            await self._on.alerts.raise_(code, out["provider"], cause=cause, template=message["template"])
        if verdict.opts_out and (index := out.get("phone_index")):
            await self._on.suppressions.add(index, Channel(out["channel"]), why=_OUT_OPTED, when=now)


def _this_call(out: Document) -> Document:
    """While nothing is settled about this very handing over: the out id is the same in every try of a round."""
    this = {"out.by": out["by"]} if "by" in out else {"out.id": out["id"]}
    return {**this, "state": {"$in": _UNSETTLED}}


def about(message: Document) -> dict[str, Any]:
    """What every event of a message says."""
    return {
        "message_id": message["_id"],
        "person_id": message["person_id"],
        "wish_id": message["wish_id"],
        "template": message["template"],
        "event_type": message["event_type"],
    }


def arrival(message: Document) -> list[Event]:
    """It was accepted; it arrived."""
    how: dict[str, Any] = {"channel": Channel(message["out"]["channel"]), "provider": message["out"]["provider"]}
    return [MessageSent(**about(message), **how), MessageDelivered(**about(message), **how)]


def failed(message: Document, cause: str) -> list[Event]:
    """It will not arrive."""
    return [MessageFailed(**about(message), channel=Channel(message["out"]["channel"]), cause=cause)]
