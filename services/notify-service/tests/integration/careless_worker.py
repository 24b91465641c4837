"""A worker that sends again whatever it has no answer to, for the control of `test_kills.py`."""

from microwish.web.process import run
from notify_service.channels.port import ChannelAdapter, Fate, Outgoing, Receipt, Sent
from notify_service.settings import NotifySettings
from notify_service.wiring import NotifyService


class Careless:
    """Takes it that what was not answered was not accepted."""

    def __init__(self, careful: ChannelAdapter) -> None:
        self._careful = careful
        self.channel, self.provider, self.repeats_for = careful.channel, careful.provider, careful.repeats_for

    async def send(self, outgoing: Outgoing) -> Receipt:
        return await self._careful.send(outgoing)

    async def lookup(self, _: Sent) -> Receipt:
        return Receipt(Fate.NEVER_ACCEPTED)

    async def close(self) -> None:
        await self._careful.close()


def careless(settings: NotifySettings, _role: str) -> NotifyService:
    """The service with every adapter made careless."""
    careful = NotifyService(settings).adapters
    return NotifyService(
        settings, adapters={channel: [Careless(one) for one in all_] for channel, all_ in careful.items()}
    )


if __name__ == "__main__":
    run("notify-service", NotifySettings, careless)
