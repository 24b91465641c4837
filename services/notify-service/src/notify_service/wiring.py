"""The composition root: settings in, a running notify-service out. Only here things are built.

wish.v1 adoption.v1 contact.v1 ──► views ──► release what waited
wish.v1 adoption.v1 ──► tell ──► fan_out ──► assemble ──► send ──► channel (sandbox)
signin.v1 ──► send_signin_code ───────────────► send         └──► notify.v1
timers ──► sweep, sweep_waiting, merge_digests, reconcile
"""

import asyncio
from collections.abc import Mapping
from functools import partial

from fastapi import FastAPI

from microwish.events.notify import Channel
from microwish.identity.guards import Identity
from microwish.identity.remote_keys import RemoteKeySet
from microwish.identity.tokens import KeySet, StaticKeySet
from microwish.messaging.backbone import Backbone
from microwish.messaging.consumer import Consumer, Subscription
from microwish.messaging.streams import Positions
from microwish.rounds import Rounds
from microwish.store.mongo import Mongo
from microwish.when import Clock, system_clock
from notify_service.approved_file import read_approved
from notify_service.channels.build import Parts as AdapterParts
from notify_service.channels.build import build_adapters
from notify_service.channels.port import ChannelAdapter
from notify_service.channels.wechat_build import wechat_seal
from notify_service.consumers import Handlers, subscriptions
from notify_service.domain.catalogue import checked_catalogue
from notify_service.lanes import Lane
from notify_service.oversight import Watch, build_desk
from notify_service.sending import Parts as SendingParts
from notify_service.sending import Sending
from notify_service.settings import NotifySettings
from notify_service.storage import Storage
from notify_service.store.keys import KeyBook
from notify_service.timers import Sweep, SweepWaiting
from notify_service.use_cases.assemble import Assemble
from notify_service.use_cases.fan_out import FanOut
from notify_service.use_cases.forget import Forget
from notify_service.use_cases.hear_wechat import HearWechat
from notify_service.use_cases.merge_digests import MergeDigests
from notify_service.use_cases.opt_out import OptOut
from notify_service.use_cases.prepare import Knowledge
from notify_service.use_cases.recipients import Recipients
from notify_service.use_cases.release import Release
from notify_service.use_cases.resend import Resend
from notify_service.use_cases.routes import Adapters, in_order
from notify_service.use_cases.send import Taken
from notify_service.use_cases.send_signin_code import SendSignInCode
from notify_service.use_cases.tell import Tell
from notify_service.views.message_list import MessageList
from notify_service.web.application import PAGES, application
from notify_service.web.deps import Rooms

_FANOUTS_SIDE_BY_SIDE = 4
_FEED_BUSY_SECONDS = 0.25
_AT_WORK = 3
"""Messages at work for each that may be at the provider. Measured: 0.96 of a bare loop; with 2 it is 0.73."""


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
        adapters: Mapping[Channel, ChannelAdapter] | Adapters | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        known = checked_catalogue(
            settings.public_url,
            file=read_approved(settings.approved_templates),
            providers=[*settings.sms_providers, settings.wechat_provider],
        )
        self.templates, self.approved = known.templates, known.approved
        self.mongo = Mongo(settings.mongo_uri, settings.mongo_database)
        self.backbone = Backbone(settings, self.mongo, service="notify-service")
        self.store = Storage.over(self.mongo, self.backbone, settings, clock)
        self.watch = Watch.over(self.mongo.db, settings, clock)
        self.adapters: Adapters = in_order(adapters or self._providers())
        # Whoever gave adapters closes them.
        self._own_adapters = [] if adapters else [one for several in self.adapters.values() for one in several]
        self.timing = settings.timing
        self.codes: Lane[Taken | str] = Lane("signin", self._deliver, side_by_side=settings.signin_side_by_side)
        # More than are handed over at a time: while some wait for the provider, others are taken and recorded.
        self.outbound: Lane[str] = Lane("messages", self._send, side_by_side=_AT_WORK * settings.send_side_by_side)
        self.fanouts: Lane[str] = Lane("fanouts", self._fan_out, side_by_side=_FANOUTS_SIDE_BY_SIDE)
        self._build_use_cases()
        self.keys = keys or self._remote_keys()
        self.app = self._application()
        self._rounds = (
            Rounds("sweep", self.sweep, seconds=settings.sweep_seconds),
            Rounds("feed", self.feed, seconds=min(1.0, settings.sweep_seconds), busy_seconds=_FEED_BUSY_SECONDS),
            Rounds("reconcile", self.reconcile, seconds=settings.sweep_seconds),
            Rounds("merge_digests", self.merge_digests, seconds=settings.sweep_seconds),
            Rounds("sweep_waiting", self.sweep_waiting, seconds=settings.waiting_sweep_seconds),
            self.watch.rounds(settings),
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
        for adapter in self._own_adapters:
            await adapter.close()
        await self.watch.close()
        self.mongo.close()

    def subscriptions(self) -> list[Subscription]:
        """Everything this service listens to; the views must be open."""
        return subscriptions(self._handlers())

    def consumers(self) -> dict[str, Consumer]:
        """One for each group, for single records: a dead letter that is tried again. The views must be open."""
        consumers = map(self.backbone.consumer_of, self.subscriptions())
        return {consumer.group: consumer for consumer in consumers}

    async def prepare_store(self) -> None:
        """Indexes and views. Raises: StandaloneRefused, a store outage."""
        await self.mongo.refuse_standalone()
        await self.store.prepare()
        await self._early_reports.ensure_indexes()
        await self.watch.ensure_indexes()
        await self.desk.searches.ensure_indexes()
        await self.backbone.dead_letters.ensure_indexes()

    def _providers(self) -> Adapters:
        return build_adapters(
            AdapterParts(self.settings, self.mongo.db, self.templates, self.approved, self.store.phones, self.clock)
        )

    def _build_use_cases(self) -> None:
        settings, store, clock = self.settings, self.store, self.clock
        views, wait = store.views, settings.contact_wait_seconds
        wake_message, wake_fanout = self.outbound.put, self.fanouts.put
        knowledge = Knowledge(
            store.contacts, views.parties, views.organisations, store.preferences, store.notices, store.suppressions
        )
        sending = Sending(
            SendingParts(
                settings,
                self.mongo.db,
                clock,
                store.messages,
                store.calls,
                knowledge,
                self.templates,
                self.adapters,
                self.watch,
            ),
            self.outbound,
            self.codes.put,
        )
        self._early_reports = sending.early_reports
        self.prepare, self.send, self.reconcile = sending.prepare, sending.send, sending.reconcile
        self.take_reports, self.feed = sending.take_reports, sending.feed
        self.assemble = Assemble(store.notices, store.messages, wake_message, clock, wait_seconds=wait)
        self.fan_out = FanOut(
            store.fanouts,
            store.notices,
            self.assemble,
            Recipients(views, self.timing, limit=settings.fanout_chunk, robots=tuple(settings.wecom_robots)),
            store.preferences,
            clock,
            self.timing,
        )
        self.tell = Tell(store.fanouts, wake_fanout, clock, use_seconds=settings.notice_use_seconds)
        self.send_signin_code = SendSignInCode(store.messages, self.prepare, self.send, self.codes.put, clock)
        self.release = Release(store.messages, store.fanouts, clock, wake_message=wake_message, wake_fanout=wake_fanout)
        self.merge_digests = MergeDigests(
            store.notices,
            store.messages,
            views.parties,
            store.preferences,
            self.assemble,
            wake_message,
            clock,
            self.timing,
            wait_seconds=wait,
        )
        grace = settings.reconcile_grace_seconds
        self.resend = Resend(
            store.messages, self.reconcile, wake_message, clock, grace_seconds=grace, wait_seconds=wait
        )
        self.hear_wechat = HearWechat(self.take_reports, store.credits, settings.blind_index(), clock)
        self.opt_out = OptOut(store.suppressions, store.contacts, settings.blind_index(), clock)
        self.forget = Forget(
            store.contacts,
            store.notices,
            store.messages,
            store.preferences,
            store.calls,
            store.phones,
            clock,
            suppressions=store.suppressions,
            letters=self.backbone.dead_letters,
            credits=store.credits,
            openid_index=settings.blind_index(),
        )
        self.desk = build_desk(
            self.mongo.db,
            settings,
            clock,
            self.watch,
            messages=MessageList(store.messages.rows),
            contacts=store.contacts,
            resend=self.resend,
            letters=self.backbone.dead_letters,
            consumers=self.consumers,
            adapters=self.adapters,
            providers=sending.providers,
            breakers=sending.breakers,
        )
        self._build_sweeps(wait)

    def _build_sweeps(self, wait: float) -> None:
        store = self.store
        self.sweep = Sweep(
            store.fanouts,
            store.notices,
            assemble=self.assemble,
            merge=self.merge_digests,
            wake_fanout=self.fanouts.put,
            take_reports=self.take_reports,
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
            opt_out=self.opt_out,
            take_reports=self.take_reports,
            hear_wechat=self.hear_wechat,
            wechat_seal=wechat_seal(self.settings),
            desk=self.desk,
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

    async def _deliver(self, code: Taken | str) -> None:
        if isinstance(code, Taken):
            await self.send.deliver(code)
        else:
            await self.send(code)

    async def _fan_out(self, id: str) -> None:
        if await self.fan_out.turn(id):
            self.fanouts.put(id)  # behind the others


def _alive(service: NotifyService) -> bool:
    """Whether what was started still runs."""
    fetching = service._fetching
    return all(rounds.alive for rounds in service._rounds) and (fetching is None or not fetching.done())
