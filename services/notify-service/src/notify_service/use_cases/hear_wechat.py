"""WeChat says what became of a message, or what somebody consented to. Twice is once, in any order."""

from collections.abc import Awaitable, Callable, Sequence

from microwish.privacy.sealing import BlindIndex
from microwish.telemetry import counter
from microwish.when import Clock
from notify_service.channels.port import Report
from notify_service.channels.wechat_events import Pushed, consents_of, reports_of
from notify_service.store.credits import Credits

TakeReports = Callable[[Sequence[Report]], Awaitable[None]]

_consents = counter("wechat_consents", "Consents to subscribe messages, given and taken back", ("what",))


class HearWechat:
    """Hands reports on, and counts consents. What it has no use for leaves no trace."""

    def __init__(self, take_reports: TakeReports, credits: Credits, openid_index: BlindIndex, clock: Clock) -> None:
        self._take_reports = take_reports
        self._credits = credits
        self._index = openid_index
        self._clock = clock

    async def __call__(self, push: Pushed) -> None:
        """Take one push."""
        if reports := reports_of(push):
            await self._take_reports(reports)
        at = min(push.at, self._clock())  # a later word counts for more, so none comes from the future
        for consent in consents_of(push):
            person = self._index.of(push.openid)
            if not consent.given:
                await self._credits.used_up(person, consent.template, as_of=at)
                _consents.labels("taken_back").inc()
            elif await self._credits.granted(person, consent.template, _id(push), at=at):
                _consents.labels("given").inc()


def _id(push: Pushed) -> str:
    # A push has no id of its own: WeChat has receivers tell them apart by person and time.
    return f"{push.event}:{push.at.timestamp():.0f}"
