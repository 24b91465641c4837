"""What a provider's word asks of us, as one table: the step of the message, what is barred, and who is told.

Refused for now: the same again later, at most so often. A quota rests the provider for everybody. A person whom a
channel can't reach is tried by the next one. A fault of our own is ops' to mend; meanwhile another provider may do.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from microwish.events.notify import Channel
from notify_service.channels.port import Fate, Receipt, Refusal
from notify_service.domain.message import Cause, Step


class Bar(StrEnum):
    """What is not tried again for this message, until somebody asks for another round."""

    PROVIDER = "provider"
    CHANNEL = "channel"


@dataclass(frozen=True)
class Verdict:
    """step: of the message. waits: not before a backoff. rests: the provider, for everybody. opts_out: the person,
    of this channel. alerts: ops are told. cause: why, if it is not the provider's own.
    """

    step: Step
    bar: Bar | None = None
    waits: bool = False
    rests: bool = False
    opts_out: bool = False
    alerts: bool = False
    cause: Cause | None = None


_REFUSED: dict[Refusal | None, Verdict] = {
    None: Verdict(Step.REFUSED),
    Refusal.LATER: Verdict(Step.RETRY, waits=True),
    Refusal.QUOTA: Verdict(Step.FALL_BACK, rests=True, alerts=True),
    Refusal.PERSON: Verdict(Step.FALL_BACK, Bar.CHANNEL),
    Refusal.OPTED_OUT: Verdict(Step.FALL_BACK, Bar.CHANNEL, opts_out=True),
    Refusal.CONFIGURATION: Verdict(Step.FALL_BACK, Bar.PROVIDER, alerts=True),
}
EXHAUSTED = Verdict(Step.REFUSED, cause=Cause.EXHAUSTED)
ELSEWHERE = Verdict(Step.FALL_BACK, Bar.PROVIDER)
"""Where waiting would take too long and another provider of the channel is left."""
NEXT_CHANNEL = Verdict(Step.FALL_BACK, Bar.CHANNEL, cause=Cause.EXHAUSTED)


def spent(channel: Channel) -> Verdict:
    """What becomes of a message that a channel has refused as often as it may: the last of them is SMS."""
    return EXHAUSTED if channel is Channel.SMS else NEXT_CHANNEL


@dataclass(frozen=True)
class Situation:
    """Where a message stands: tries: handed over so often in this round. urgent: it can't wait. another: whether a
    provider of the channel is left that has not been barred.
    """

    channel: Channel
    tries: int
    urgent: bool
    another: bool


def verdict_of(receipt: Receipt, at: Situation, *, most_tries: int) -> Verdict:
    """What to do. Every pair of fate and refusal has one answer."""
    if receipt.fate is Fate.ACCEPTED:
        return Verdict(Step.ACCEPTED)
    if receipt.fate is Fate.DELIVERED:
        return Verdict(Step.DELIVERED)
    if receipt.fate is Fate.UNDELIVERED:
        return _undelivered(receipt, at)
    if receipt.fate is Fate.NEVER_ACCEPTED:
        return spent(at.channel) if at.tries >= most_tries else Verdict(Step.NEVER_ACCEPTED)
    verdict = _REFUSED[receipt.refusal]
    if verdict.step is Step.REFUSED or verdict.bar is not None:
        return verdict
    # The same provider may be met again: so often, and by what is urgent only if there is no other.
    if at.urgent and at.another:
        return replace(verdict, step=Step.FALL_BACK, bar=Bar.PROVIDER, waits=False)
    if at.tries >= most_tries:
        return replace(spent(at.channel), rests=verdict.rests, alerts=verdict.alerts)
    return replace(verdict, step=Step.RETRY, waits=True) if at.urgent else verdict


def _undelivered(receipt: Receipt, at: Situation) -> Verdict:
    opts_out = receipt.refusal is Refusal.OPTED_OUT
    if at.channel is Channel.SMS:
        return Verdict(Step.UNDELIVERED, opts_out=opts_out)
    return Verdict(Step.FALL_BACK, Bar.CHANNEL, opts_out=opts_out)


@dataclass(frozen=True)
class Backoff:
    """Exponential, with full jitter: before try n any time up to `base · 2ⁿ⁻¹`, at most `cap` seconds.

    (Marc Brooker, Exponential Backoff and Jitter, AWS Architecture Blog: the least work for all who retry.)
    """

    base: float
    cap: float

    def delay(self, tries: int, chance: float, *, at_least: timedelta | None = None) -> timedelta:
        """How long to wait after so many tries; chance: in [0, 1). What the provider asks for is waited besides."""
        most = min(self.cap, self.base * 2.0 ** min(tries - 1, 32)) if tries > 0 else 0.0
        return (at_least or timedelta()) + timedelta(seconds=most * chance)


def barred_name(bar: Bar, channel: str, provider: str) -> str:
    """How a message names what is barred for it: `wechat`, or `sms/alibaba`."""
    return channel if bar is Bar.CHANNEL else f"{channel}/{provider}"
