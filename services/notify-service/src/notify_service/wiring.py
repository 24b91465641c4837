"""The composition root: settings in, a running notify-service out. Only here things are built.

wish.v1 adoption.v1 contact.v1 ──► views ──► release what waited
wish.v1 adoption.v1 ──► tell ──► fan_out ──► assemble ──► send ──► channel (sandbox)
signin.v1 ──► send_signin_code ───────────────► send         └──► notify.v1
timers ──► sweep, sweep_waiting, merge_digests, reconcile
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from fastapi import FastAPI

from microwish.events.notify import Channel
from microwish.identity.guards import Identity
from microwish.identity.remote_keys import RemoteKeySet
from microwish.identity.tokens import KeySet, StaticKeySet
from microwish.messaging.backbone import Backbone
from microwish.messaging.consumer import Subscription
from microwish.messaging.streams import Positions
from microwish.rounds import Rounds
from microwish.store.aggregate import Aggregates
from microwish.store.mongo import Mongo
from microwish.store.views import View
from microwish.when import Clock, system_clock
from notify_service.channels.port import ChannelAdapter
from notify_service.channels.sandbox import SandboxChannel, SandboxPhones
from notify_service.consumers import Handlers, subscriptions
from notify_service.domain.catalogue import catalogue
from notify_service.lanes import Lane
from notify_service.settings import NotifySettings
from notify_service.store.fanouts import Fanouts
from notify_service.store.keys import KeyBook
from notify_service.store.messages import Messages
from notify_service.store.notices import Notices
from notify_service.store.people import CallTasks, PreferenceBook
from notify_service.timers import Sweep, SweepWaiting
from notify_service.use_cases.assemble import Assemble
from notify_service.use_cases.fan_out import FanOut, Morning, Views
from notify_service.use_cases.forget import Forget
from notify_service.use_cases.merge_digests import MergeDigests
from notify_service.use_cases.prepare import Knowledge, Prepare
from notify_service.use_cases.reconcile import Reconcile
from notify_service.use_cases.release import Release
from notify_service.use_cases.resend import Resend
from notify_service.use_cases.send import Send, Taken
from notify_service.use_cases.send_signin_code import SendSignInCode
from notify_service.use_cases.tell import Tell
from notify_service.views.contacts import Contacts
from notify_service.views.message_list import MessageList
from notify_service.views.organisations import Organisations
from notify_service.views.parties import Parties
from notify_service.views.staff import Staff
from notify_service.web.application import PAGES, application
from notify_service.web.deps import Rooms

_FANOUTS_SIDE_BY_SIDE = 4


class NoProvider(Exception):
    """Messages could reach nobody: the sandbox is off and no provider is configured."""


@dataclass(frozen=True)
class _Store:
    fanouts: Fanouts
    notices: Notices
    messages: Messages
    preferences: PreferenceBook
    calls: CallTasks
    phones: SandboxPhones
    contacts: Contacts
    views: Views


class NotifyService:
    """One process of notify-service. Its use cases are public, so that tests can take single steps.

    Raises at making: TemplateFaults, NoProvider.
    """

    def __init__(
        self,
        settings: NotifySettings,
        *,
        clock: Clock = system_clock,
        keys: KeySet | None = None,
        adapters: Mapping[Channel, ChannelAdapter] | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.templates = catalogue(settings.public_url)
        self.mongo = Mongo(settings.mongo_uri, settings.mongo_database)
        self.backbone = Backbone(settings, self.mongo, service="notify-service")
        self.store = self._open_store()
        self.adapters = adapters or self._sandbox_adapters()
        self.morning = Morning(settings.digest_hour, settings.zone)
        self.codes: Lane[Taken] = Lane("signin", self._deliver, side_by_side=settings.signin_side_by_side)
        self.outbound: Lane[str] = Lane("messages", self._send, side_by_side=settings.send_side_by_side)
        self.fanouts: Lane[str] = Lane("fanouts", self._fan_out, side_by_side=_FANOUTS_SIDE_BY_SIDE)
        self._build_use_cases()
        self.keys = keys or self._remote_keys()
        self.app = self._application()
        self._rounds = (
            Rounds("sweep", self.sweep, seconds=settings.sweep_seconds),
            Rounds("sweep_waiting", self.sweep_waiting, seconds=settings.waiting_sweep_seconds),
        )
        self._fetching: asyncio.Task[None] | None = None

    async def start(self, *, consume: bool = True) -> None:
        """See to indexes and views, then start the relay; with `consume` also consumers, lanes and timers.

        Raises: StandaloneRefused, a store outage.
        """
        await self.prepare_store()
        if consume:
            for subscription in self.subscriptions():
                self.backbone.subscribe(subscription)
            for lane in (self.codes, self.outbound, self.fanouts):
                lane.start()
            for rounds in self._rounds:
                rounds.start()
        if isinstance(self.keys, RemoteKeySet):
            self._fetching = asyncio.create_task(self.keys.run(), name="jwks")
        await self.backbone.start(consume=consume)

    async def stop(self) -> None:
        """End consumers first, then what they woke, then the connections."""
        await self.backbone.stop()
        for rounds in self._rounds:
            await rounds.stop()
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)
        for lane in (self.fanouts, self.outbound, self.codes):
            await lane.stop()
        self.mongo.close()

    def subscriptions(self) -> list[Subscription]:
        """Everything this service listens to; the views must be open."""
        return subscriptions(self._handlers())

    async def prepare_store(self) -> None:
        """Indexes and views. Raises: StandaloneRefused, a store outage."""
        await self.mongo.refuse_standalone()
        store = self.store
        for part in (store.fanouts, store.notices, store.messages, store.calls, store.phones):
            await part.ensure_indexes()
        for view in self._views():
            await view.open()

    def _views(self) -> list[View]:
        views = self.store.views
        return [self.store.contacts.view, views.parties.view, views.organisations.view, views.staff.view]

    def _open_store(self) -> _Store:
        db, sealer = self.mongo.db, self.settings.sealer()
        messages = db.get_collection("messages")
        self.backbone.serve_outbox(messages)
        phones = SandboxPhones(db.get_collection("sandbox"), sealer, self.settings.blind_index(), self.clock)
        return _Store(
            fanouts=Fanouts(db.get_collection("fanouts")),
            notices=Notices(db.get_collection("notices")),
            messages=Messages(Aggregates(messages, relay=self.backbone)),
            preferences=PreferenceBook(db.get_collection("preferences")),
            calls=CallTasks(db.get_collection("call_tasks")),
            phones=phones,
            contacts=Contacts(db, sealer),
            views=Views(Parties(db), Organisations(db), Staff(db)),
        )

    def _sandbox_adapters(self) -> dict[Channel, ChannelAdapter]:
        if not self.settings.sandbox:
            raise NoProvider("set MICROWISH_SANDBOX, or configure a provider")
        return {channel: SandboxChannel(channel, self.store.phones) for channel in Channel}

    def _build_use_cases(self) -> None:
        settings, store, clock = self.settings, self.store, self.clock
        views, wait = store.views, settings.contact_wait_seconds
        wake_message, wake_fanout = self.outbound.put, self.fanouts.put
        knowledge = Knowledge(store.contacts, views.parties, views.organisations, store.preferences, store.notices)
        self.prepare = Prepare(
            knowledge, self.templates, settings.sealer(), clock, settings.zone, sandbox=settings.sandbox
        )
        self.send = Send(
            store.messages,
            self.prepare,
            self.adapters,
            store.calls,
            clock,
            deadline_seconds=settings.send_deadline_seconds,
        )
        self.assemble = Assemble(store.notices, store.messages, wake_message, clock, wait_seconds=wait)
        self.fan_out = FanOut(
            store.fanouts,
            store.notices,
            self.assemble,
            views,
            store.preferences,
            clock,
            self.morning,
            chunk=settings.fanout_chunk,
        )
        self.tell = Tell(store.fanouts, wake_fanout, clock, use_seconds=settings.notice_use_seconds)
        self.send_signin_code = SendSignInCode(store.messages, self.prepare, self.send, self.codes.put, clock)
        self.release = Release(store.messages, store.fanouts, clock, wake_message=wake_message, wake_fanout=wake_fanout)
        self.merge_digests = MergeDigests(
            store.notices, store.messages, wake_message, clock, self.morning, wait_seconds=wait
        )
        grace = settings.reconcile_grace_seconds
        self.reconcile = Reconcile(store.messages, self.send, self.adapters, wake_message, clock, grace_seconds=grace)
        self.resend = Resend(
            store.messages, self.reconcile, wake_message, clock, grace_seconds=grace, wait_seconds=wait
        )
        self.forget = Forget(
            store.contacts, store.notices, store.messages, store.preferences, store.calls, store.phones, clock
        )
        self._build_sweeps(wait)

    def _build_sweeps(self, wait: float) -> None:
        store = self.store
        self.sweep = Sweep(
            store.fanouts,
            store.notices,
            store.messages,
            assemble=self.assemble,
            merge=self.merge_digests,
            reconcile=self.reconcile,
            wake_fanout=self.fanouts.put,
            wake_message=self.outbound.put,
            clock=self.clock,
            rest_seconds=self.settings.sweep_seconds,
        )
        self.sweep_waiting = SweepWaiting(
            store.fanouts,
            store.messages,
            prepare=self.prepare,
            release=self.release,
            send=self.send,
            wake_fanout=self.fanouts.put,
            clock=self.clock,
            wait_seconds=wait,
        )

    def _handlers(self) -> Handlers:
        views = self.store.views
        return Handlers(
            contacts=self.store.contacts,
            parties=views.parties,
            organisations=views.organisations,
            staff=views.staff,
            release=self.release,
            forget=self.forget,
            tell=self.tell,
            positions=Positions(self.mongo.db, "notices"),
            send_signin_code=self.send_signin_code,
        )

    def _remote_keys(self) -> KeySet:
        if self.settings.jwks_url is None:
            return StaticKeySet({"keys": []})  # nobody can sign in, and /readyz says so
        return RemoteKeySet(self.settings.jwks_url, KeyBook(self.mongo.db.get_collection("jwks")))

    def _application(self) -> FastAPI:
        identity = Identity(
            self.keys, self.settings.as_of_allowed, cookie_secure=self.settings.cookie_secure, clock=self.clock
        )
        store = self.store
        rooms = Rooms(
            settings=self.settings,
            clock=self.clock,
            pages=PAGES,
            templates=self.templates,
            phones=store.phones,
            preferences=store.preferences,
            resend=self.resend,
            messages=MessageList(store.messages.rows),
            calls=store.calls,
            fanouts=store.fanouts,
            contacts=store.contacts,
            phone_index=self.settings.blind_index(),
        )
        return application(
            rooms, identity, ping=self.mongo.ping, messaging=self.backbone.health, sending=partial(_alive, self)
        )

    # The lanes are made before the use cases that wake them; these lead to what runs in them.

    async def _send(self, id: str) -> None:
        await self.send(id)

    async def _deliver(self, taken: Taken) -> None:
        await self.send.deliver(taken)

    async def _fan_out(self, id: str) -> None:
        await self.fan_out(id)


def _alive(service: NotifyService) -> bool:
    """Whether what was started still runs."""
    fetching = service._fetching
    return all(rounds.alive for rounds in service._rounds) and (fetching is None or not fetching.done())
