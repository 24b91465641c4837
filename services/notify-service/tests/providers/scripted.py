"""An adapter whose answers a test writes down beforehand; without any it accepts."""

from collections import deque
from datetime import timedelta

from microwish.events.notify import Channel
from notify_service.channels.port import Fate, Outgoing, ProviderAway, Receipt, Refusal, Sent

AWAY = ProviderAway("no answer")


def refused(refusal: Refusal, cause: str = "code", retry_after: timedelta | None = None) -> Receipt:
    """A refusal that asks for this."""
    return Receipt(Fate.REFUSED, cause, refusal, retry_after)


class Scripted:
    """What it was given is in `got`, what it was asked after in `asked`."""

    def __init__(self, channel: Channel, provider: str, *, repeats_for: timedelta = timedelta()) -> None:
        self.channel, self.provider, self.repeats_for = channel, provider, repeats_for
        self.says: deque[Receipt | Exception] = deque()
        self.knows: Receipt | Exception = AWAY
        self.got: list[Outgoing] = []
        self.asked: list[Sent] = []

    async def send(self, outgoing: Outgoing) -> Receipt:
        self.got.append(outgoing)
        said = self.says.popleft() if self.says else Receipt(Fate.ACCEPTED, reference=f"ref-{outgoing.out_id}")
        if isinstance(said, Exception):
            raise said
        return said

    async def lookup(self, sent: Sent) -> Receipt:
        self.asked.append(sent)
        if isinstance(self.knows, Exception):
            raise self.knows
        return self.knows

    async def close(self) -> None:
        """Nothing is open."""


class Providers:
    """Two of SMS and one of WeChat, in order."""

    def __init__(self) -> None:
        self.first = Scripted(Channel.SMS, "alibaba")
        self.second = Scripted(Channel.SMS, "tencent")
        self.card = Scripted(Channel.WECHAT, "official", repeats_for=timedelta(minutes=9))

    @property
    def adapters(self) -> dict[Channel, list[Scripted]]:
        return {Channel.SMS: [self.first, self.second], Channel.WECHAT: [self.card]}
