"""The composition root: settings in, a running service out. Only here and in `stores.py` things are built."""

import secrets
from collections.abc import Callable
from pathlib import Path

from microwish.identity.guards import Identity
from microwish.identity.tokens import TokenSigner
from microwish.logs import get_logger
from microwish.messaging.backbone import Backbone
from microwish.rounds import Rounds
from microwish.store.mongo import Mongo, PyMongoError
from microwish.web.app import create_app
from microwish.web.health import Health
from microwish.web.pages.kit import Pages
from microwish.when import Clock, When, system_clock
from wish_service.consumers import subscribe
from wish_service.erasures import Erasures
from wish_service.photo_upkeep import PhotoUpkeep
from wish_service.settings import WishSettings
from wish_service.store.seals import Seals
from wish_service.stores import Stores, Views
from wish_service.timers import Timers
from wish_service.upkeep import CommunityUpkeep
from wish_service.use_cases.carry_out_imports import ImportWorker
from wish_service.use_cases.follow_erasures import Kept
from wish_service.use_cases.import_communities import import_communities
from wish_service.views.recount import Recount
from wish_service.views.stats import Statistics
from wish_service.web.errors import STATUSES, install_own
from wish_service.web.finding import Finding
from wish_service.web.parts import Parts
from wish_service.web.ready_lists import ReadyLists
from wish_service.web.routes import API, PAGES
from wish_service.web.tables import UPLOADS, Tables
from wish_service.web.texts import TEXTS
from wish_service.web.uploads import FORM_BYTES, PATHS

log = get_logger(__name__)

_HERE = Path(__file__).parent
TEMPLATES = _HERE / "web" / "pages" / "templates"
STATIC = _HERE / "web" / "static"


class WishService:
    """wish-service in one process: HTTP, relay and, where wanted, consumers.

    serve: whether the app has the API and pages, or health alone (a worker).
    """

    def __init__(
        self,
        settings: WishSettings,
        *,
        serve: bool = True,
        random_below: Callable[[int], int] = secrets.randbelow,
        clock: Clock = system_clock,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._serve = serve
        self._seals = Seals(settings.sealer(), settings.blind_index())
        self.mongo = Mongo(settings.mongo_uri, settings.mongo_database)
        self.backbone = Backbone(settings, self.mongo, service="wish-service")
        self.stores = Stores.of(settings, self.mongo.db, self._seals, self.backbone)
        self.views = Views.of(settings, self.mongo.db)
        self.finding = Finding(
            self.views.wall,
            most_listeners=settings.stream_listeners,
            heartbeat_seconds=settings.stream_heartbeat_seconds,
        )
        self._build_rounds()
        self.parts = self._parts(random_below)
        self.tables = Tables(self.stores.imports, self.stores.exports, self._import_worker)
        self._build_app()

    def _build_rounds(self) -> None:
        """What is seen to again and again: in every process, or only where consumers run."""
        settings, stores, clock, seals = self.settings, self.stores, self._clock, self._seals
        self.upkeep = CommunityUpkeep(
            stores.communities,
            stores.community_imports,
            wishes=stores.wishes,
            people=stores.people,
            campaigns=stores.campaigns,
            seals=seals,
            clock=clock,
            poll_seconds=settings.community_moves_poll_seconds,
        )
        kept = Kept(
            stores.people, stores.wishes, stores.tasks, stores.imports, stores.photos.files, self.backbone, seals
        )
        self.erasures = Erasures(
            kept, stores.challenges, stores.limits, clock=clock, poll_seconds=settings.erasures_poll_seconds
        )
        self.timers = Timers(stores.wishes, stores.tasks, clock=clock, poll_seconds=settings.timer_poll_seconds)
        self.recount = Recount(
            self.mongo.db,
            self.views.facts,
            pause_seconds=settings.stats_pause_seconds,
            poll_seconds=settings.stats_poll_seconds,
        )
        self._import_worker = ImportWorker(
            stores.imports,
            stores.wishes,
            stores.people,
            stores.communities,
            seals,
            clock=clock,
            poll_seconds=settings.import_poll_seconds,
        )
        photo_upkeep = PhotoUpkeep(
            stores.photos,
            stores.wishes,
            clock=clock,
            patience_seconds=settings.photo_upload_seconds,
            poll_seconds=settings.photo_sweep_seconds,
        )
        self._rounds: tuple[Rounds, ...] = (self.upkeep.following, self.upkeep.rounds, self.erasures.rounds)
        self._worker_rounds: tuple[Rounds, ...] = (
            photo_upkeep.rounds,
            self._import_worker.rounds,
            self.recount.rounds,
            self.timers.rounds,
        )

    def _parts(self, random_below: Callable[[int], int]) -> Parts:
        settings, stores, views, clock = self.settings, self.stores, self.views, self._clock
        return Parts(
            settings=settings,
            seals=self._seals,
            signer=TokenSigner.from_jwks(settings.signing_keys.get_secret_value()),
            people=stores.people,
            challenges=stores.challenges,
            limits=stores.limits,
            erasures=self.erasures,
            communities=stores.communities,
            community_imports=stores.community_imports,
            wake_upkeep=self.upkeep.rounds.wake,
            review_claims=stores.review_claims,
            wishes=stores.wishes,
            photos=stores.photos,
            tasks=stores.tasks,
            wall=views.wall,
            finding=self.finding,
            alike=views.alike,
            statistics=Statistics(self.recount),
            campaigns=stores.campaigns,
            campaign_board=views.campaign_board,
            pages=Pages("wish", TEMPLATES, TEXTS, "/static/wish", static_dir=STATIC, clock=clock, zone=settings.zone),
            random_below=random_below,
            clock=clock,
        )

    def _build_app(self) -> None:
        identity = Identity(
            self.parts.signer.key_set(),
            as_of_allowed=self.settings.as_of_allowed,
            cookie_secure=self.settings.cookie_secure,
            clock=self._clock,
            gone=self.stores.people.gone,
        )
        self.app = create_app(
            title="wish-service",
            settings=self.settings,
            identity=identity,
            routers=[*API, *PAGES] if self._serve else [],
            catalogue=TEXTS,
            domain_errors=STATUSES,
            checks={"mongo": self._mongo_health, "kafka": self._kafka_health},
            required_checks={"mongo"},
            pages=self.parts.pages,
            static_dir=STATIC,
            body_limits={
                PATHS: self.settings.photo_max_bytes + FORM_BYTES,
                UPLOADS: self.settings.import_max_bytes + FORM_BYTES,
            },
        )
        self.app.state.parts = self.parts
        self.app.state.tables = self.tables
        self.app.state.pages_catalogue = self.parts.pages.catalogue
        install_own(self.app)
        self.app.state.on_leaving.append(self.finding.live.close)
        # Outside the framework's own layers too: a page that is ready pays for none of them.
        self.app.middleware_stack = ReadyLists(self.app.build_middleware_stack(), self.finding.lists)

    async def start(self, *, consume: bool = True) -> None:
        """See to indexes, views and the tree of communities, then connect to Kafka in the background.

        Raises: StandaloneRefused, or a store outage if MongoDB doesn't answer.
        """
        await self.mongo.refuse_standalone()
        await self.stores.open()
        await self.views.open()
        await self.recount.open()
        subscribe(
            self.backbone,
            wishes=self.stores.wishes,
            wall=self.views.wall,
            alike=self.views.alike,
            facts=self.views.facts,
            recount=self.recount,
            campaigns=self.views.campaign_board,
        )
        await self._load_communities()
        if self._serve:
            self.finding.start()
        for rounds in self._rounds:
            rounds.start()
        await self.backbone.start(consume=consume)
        for rounds in self._worker_rounds if consume else ():
            rounds.start()

    async def _load_communities(self) -> None:
        path = self.settings.communities_csv
        if path is not None:
            tree, imports = self.stores.communities, self.stores.community_imports
            changed = await import_communities(path, tree=tree, imports=imports, when=When.now(self._clock))
            log.info("communities_read", changed=changed)
        await self.stores.communities.refresh()

    async def stop(self) -> None:
        """Let go of everything; what was written but not sent stays in the outbox."""
        await self.finding.stop()
        for rounds in (*self._rounds, *self._worker_rounds):
            await rounds.stop()
        await self.backbone.stop()
        await self.stores.close()
        self.mongo.close()

    async def _mongo_health(self) -> Health:
        try:
            await self.mongo.ping()
        except PyMongoError:
            return "down"
        return "ok"

    async def _kafka_health(self) -> Health:
        return "ok" if self.backbone.health() == "ok" else "degraded"
