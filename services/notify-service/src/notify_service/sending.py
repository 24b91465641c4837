"""The part of the composition root that sends: providers in order, what protects them, and the steps of a message."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from microwish.store.mongo import Database
from microwish.when import Clock
from notify_service.breaker import Breakers, BreakerSettings
from notify_service.domain.templates import Templates
from notify_service.domain.verdicts import Backoff
from notify_service.lanes import Lane
from notify_service.oversight import Watch
from notify_service.rates import Rates
from notify_service.settings import NotifySettings
from notify_service.store.early_reports import EarlyReports
from notify_service.store.messages import Messages
from notify_service.store.people import CallTasks
from notify_service.store.providers import Providers
from notify_service.use_cases.feed import Feed
from notify_service.use_cases.prepare import Knowledge, Prepare
from notify_service.use_cases.reconcile import Reconcile
from notify_service.use_cases.record import Consequences, Patience, Record
from notify_service.use_cases.routes import Adapters, Routes
from notify_service.use_cases.send import Doors, Send
from notify_service.use_cases.take_reports import TakeReports

_REPORTS_KEPT_SECONDS = 600.0
_AHEAD = 25
"""Messages that a process holds ready for each that it hands over: enough until it looks again."""


@dataclass(frozen=True)
class Parts:
    """What sending needs of the rest of the service."""

    settings: NotifySettings
    db: Database
    clock: Clock
    messages: Messages
    calls: CallTasks
    knowledge: Knowledge
    templates: Templates
    adapters: Adapters
    watch: Watch


class Sending:
    """Built in the order of the way: prepare, take and hand over, record, ask after, take reports."""

    def __init__(self, parts: Parts, outbound: Lane[str], wake_code: Callable[[str], None]) -> None:
        settings, clock = parts.settings, parts.clock
        sealer, grace = settings.sealer(), settings.reconcile_grace_seconds
        self.providers = Providers(parts.db.get_collection("providers"))
        self.early_reports = EarlyReports(parts.db.get_collection("early_reports"))
        self.breakers = Breakers(_breaker_settings(settings))
        routes = Routes(parts.adapters, self.providers, self.breakers, clock)
        self.prepare = Prepare(
            parts.knowledge,
            parts.templates,
            routes,
            sealer,
            clock,
            settings.zone,
            settings.timing,
            sandbox=settings.sandbox and not settings.wechat_provider,  # a made-up openid is for the sandbox alone
        )
        self.record = Record(
            parts.messages,
            parts.adapters,
            Consequences(self.providers, parts.knowledge.suppressions, parts.watch.alerts),
            clock,
            _patience(settings),
        )
        doors = Doors(
            parts.adapters,
            Rates(self.providers, settings.provider_rates),
            self.breakers,
            parts.watch.alerts,
            parts.watch.figures,
            settings.send_side_by_side,
            timedelta(seconds=settings.send_deadline_seconds),
        )
        index = settings.blind_index()
        self.send = Send(parts.messages, self.prepare, self.record, doors, parts.calls, sealer, index, clock)
        self.reconcile = Reconcile(
            parts.messages, self.prepare, self.send, doors, outbound.put, sealer, clock, grace_seconds=grace
        )
        self.take_reports = TakeReports(
            parts.messages, self.early_reports, self.record, outbound.put, clock, keep_seconds=_REPORTS_KEPT_SECONDS
        )
        self.feed = Feed(
            parts.messages,
            outbound,
            outbound.put,
            wake_code,
            clock,
            rest_seconds=settings.sweep_seconds,
            ahead=_AHEAD * settings.send_side_by_side,
        )


def _breaker_settings(settings: NotifySettings) -> BreakerSettings:
    return BreakerSettings(settings.breaker_failures, open_seconds=settings.breaker_open_seconds)


def _patience(settings: NotifySettings) -> Patience:
    return Patience(
        Backoff(settings.retry_base_seconds, settings.retry_cap_seconds),
        settings.send_tries,
        timedelta(seconds=settings.quota_rest_seconds),
        timedelta(seconds=settings.reconcile_grace_seconds),
    )
