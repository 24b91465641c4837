"""What those who run the service look through and act by: built in one place, beside what sends (`wiring.py`)."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from microwish.messaging.consumer import Consumer
from microwish.messaging.dead_letters import DeadLetters
from microwish.rounds import Rounds
from microwish.store.mongo import STORE_OUTAGES, Database
from microwish.when import Clock
from notify_service.alerts import Alerts
from notify_service.breaker import Breakers
from notify_service.channels.wechat_build import alert_robot
from notify_service.figures import Figures
from notify_service.settings import NotifySettings
from notify_service.store.providers import Providers
from notify_service.store.resends import Resends
from notify_service.store.searches import Searches
from notify_service.use_cases.find_messages import FindMessages
from notify_service.use_cases.providers_now import ProvidersNow
from notify_service.use_cases.resend import Resend
from notify_service.use_cases.resend_many import ResendMany
from notify_service.use_cases.routes import Adapters
from notify_service.use_cases.settle_letters import SettleLetters
from notify_service.use_cases.watch_providers import WatchProviders
from notify_service.views.contacts import Contacts
from notify_service.views.message_list import MessageList


@dataclass(frozen=True)
class Watch:
    """What is counted and told while messages go out; sending needs it, so it is built first."""

    alerts: Alerts
    figures: Figures
    providers: WatchProviders

    @classmethod
    def over(cls, db: Database, settings: NotifySettings, clock: Clock) -> "Watch":
        """On this database."""
        window, robot = settings.alert_window_seconds, alert_robot(settings, clock)
        alerts = Alerts(db.get_collection("alerts"), clock, window_seconds=window, robot=robot)
        figures = Figures(db.get_collection("figures"), clock, prices=settings.prices_fen)
        providers = WatchProviders(
            figures,
            alerts,
            clock,
            least=settings.success_least,
            window_seconds=settings.success_window_seconds,
            enough=settings.success_enough,
        )
        return cls(alerts, figures, providers)

    async def ensure_indexes(self) -> None:
        """Of what is counted and told."""
        await self.alerts.ensure_indexes()
        await self.figures.ensure_indexes()

    async def close(self) -> None:
        """Write down what was counted last, and end what is being said."""
        with suppress(*STORE_OUTAGES):
            await self.figures.write_down()
        await self.alerts.close()

    def rounds(self, settings: NotifySettings) -> Rounds:
        """Counts are written down and judged again and again."""
        return Rounds("watch_providers", self.providers, seconds=settings.watch_seconds)


@dataclass(frozen=True)
class Desk:
    """The use cases of the desk."""

    messages: MessageList
    find: FindMessages
    resend: Resend
    resend_many: ResendMany
    letters: DeadLetters
    settle: SettleLetters
    watch: Watch
    searches: Searches
    providers: ProvidersNow


def build_desk(
    db: Database,
    settings: NotifySettings,
    clock: Clock,
    watch: Watch,
    *,
    messages: MessageList,
    contacts: Contacts,
    resend: Resend,
    letters: DeadLetters,
    consumers: Callable[[], Mapping[str, Consumer]],
    adapters: Adapters,
    providers: Providers,
    breakers: Breakers,
) -> Desk:
    """The desk of this installation. consumers: of all groups, as the views of the moment name them."""
    searches = Searches(db.get_collection("searches"))
    return Desk(
        messages=messages,
        find=FindMessages(messages, contacts, searches, settings.blind_index(), clock),
        resend=resend,
        resend_many=ResendMany(resend, Resends(db.get_collection("resends")), messages, clock),
        letters=letters,
        settle=SettleLetters(letters, consumers, settings.sealer(), clock),
        watch=watch,
        searches=searches,
        providers=ProvidersNow(
            adapters,
            providers,
            breakers,
            watch.figures,
            watch.alerts,
            messages,
            clock,
            rates=settings.provider_rates,
        ),
    )
