"""The composition root: settings in, a running service out. Only this module builds things."""

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path

from pydantic import TypeAdapter

from microwish.identity.guards import Identity
from microwish.identity.tokens import TokenSigner
from microwish.logs import get_logger
from microwish.messaging.backbone import Backbone
from microwish.store.aggregate import Aggregates
from microwish.store.mongo import Mongo, PyMongoError
from microwish.web.app import create_app
from microwish.web.health import Health
from microwish.web.pages.kit import Pages
from microwish.when import Clock, When, system_clock
from wish_service.consumers import subscribe
from wish_service.erasures import Erasures
from wish_service.photo_upkeep import PhotoUpkeep
from wish_service.settings import WishSettings
from wish_service.store.campaigns import Campaigns
from wish_service.store.challenges import Challenges
from wish_service.store.communities import Communities
from wish_service.store.community_imports import CommunityImports
from wish_service.store.exports import Exports
from wish_service.store.imports import Imports
from wish_service.store.limits import HourlyLimits
from wish_service.store.people import People
from wish_service.store.photos.choice import photo_store
from wish_service.store.photos.files import PhotoFiles
from wish_service.store.photos.photos import Photos
from wish_service.store.photos.references import PhotoReferences
from wish_service.store.review_claims import ReviewClaims
from wish_service.store.seals import Seals
from wish_service.store.tasks import Tasks
from wish_service.store.wishes import Wishes
from wish_service.timers import Timers
from wish_service.upkeep import CommunityUpkeep
from wish_service.use_cases.carry_out_imports import ImportWorker
from wish_service.use_cases.follow_erasures import Kept
from wish_service.use_cases.import_communities import import_communities
from wish_service.use_cases.post_wish import PostWish
from wish_service.views.alike import alike_view
from wish_service.views.campaign_board import CampaignBoard, campaigns_view
from wish_service.views.facts import complete_old_rows, facts_view
from wish_service.views.recount import Recount
from wish_service.views.stats import Statistics
from wish_service.views.wall import wall_view
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
AGGREGATES = ("people", "challenges", "wishes", "communities", "campaigns", "tasks")


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
        self.mongo = Mongo(settings.mongo_uri, settings.mongo_database)
        self.backbone = Backbone(settings, self.mongo, service="wish-service")
        aggregates = {
            name: Aggregates(self.mongo.db.get_collection(name), wake=self.backbone.wake) for name in AGGREGATES
        }
        self.backbone.serve_outbox(*(kept.collection for kept in aggregates.values()))
        seals = Seals(settings.sealer(), settings.blind_index())
        self.wall = wall_view(self.mongo.db)
        self.finding = Finding(
            self.wall,
            most_listeners=settings.stream_listeners,
            heartbeat_seconds=settings.stream_heartbeat_seconds,
        )
        self.alike = alike_view(self.mongo.db)
        self.facts = facts_view(self.mongo.db, settings.timezone)
        self.recount = Recount(
            self.mongo.db,
            self.facts,
            pause_seconds=settings.stats_pause_seconds,
            poll_seconds=settings.stats_poll_seconds,
        )
        people, tree, wishes = (
            People(aggregates["people"], seals),
            Communities(aggregates["communities"]),
            Wishes(aggregates["wishes"], settings.terms),
        )
        tasks = Tasks(aggregates["tasks"])
        self.timers = Timers(wishes, tasks, clock=clock, poll_seconds=settings.timer_poll_seconds)
        self._tending: asyncio.Task[None] | None = None
        campaigns = Campaigns(aggregates["campaigns"], settings.zone)
        imports = CommunityImports(self.mongo.db.get_collection("community_imports"), tree)
        self.upkeep = CommunityUpkeep(
            tree,
            imports,
            wishes=wishes,
            people=people,
            campaigns=campaigns,
            seals=seals,
            clock=clock,
            poll_seconds=settings.community_moves_poll_seconds,
        )
        self._imports = Imports(
            Aggregates(self.mongo.db.get_collection("imports")),
            seals,
            TypeAdapter(list[PostWish]),
            lease_seconds=settings.import_lease_seconds,
        )
        photos, limits = self._photos(wishes), HourlyLimits(self.mongo.db.get_collection("limits"))
        challenges = Challenges(aggregates["challenges"], seals)
        kept = Kept(people, wishes, tasks, self._imports, photos.files, self.backbone, seals)
        self.erasures = Erasures(kept, challenges, limits, clock=clock, poll_seconds=settings.erasures_poll_seconds)
        self.parts = Parts(
            settings=settings,
            seals=seals,
            signer=TokenSigner.from_jwks(settings.signing_keys.get_secret_value()),
            people=people,
            challenges=challenges,
            limits=limits,
            erasures=self.erasures,
            communities=tree,
            community_imports=imports,
            wake_upkeep=self.upkeep.wake,
            review_claims=ReviewClaims(aggregates["wishes"], seconds=settings.review_claim_seconds),
            wishes=wishes,
            photos=photos,
            tasks=tasks,
            wall=self.wall,
            finding=self.finding,
            alike=self.alike,
            statistics=Statistics(self.recount),
            campaigns=campaigns,
            campaign_board=CampaignBoard(campaigns_view(self.mongo.db)),
            pages=Pages("wish", TEMPLATES, TEXTS, "/static/wish", static_dir=STATIC, clock=clock, zone=settings.zone),
            random_below=random_below,
            clock=clock,
        )
        self.tables = self._tables(seals)
        self._identity = Identity(
            self.parts.signer.key_set(),
            as_of_allowed=settings.as_of_allowed,
            cookie_secure=settings.cookie_secure,
            clock=clock,
            gone=people.gone,
        )
        self._build_app(serve)

    def _photos(self, wishes: Wishes) -> Photos:
        settings = self.settings
        files = PhotoFiles(photo_store(settings, self.mongo.db), workers=settings.photo_workers)
        photos = Photos(files, PhotoReferences(wishes.aggregates.collection))
        self.photo_upkeep = PhotoUpkeep(
            photos,
            wishes,
            clock=self._clock,
            patience_seconds=settings.photo_upload_seconds,
            poll_seconds=settings.photo_sweep_seconds,
        )
        return photos

    def _tables(self, seals: Seals) -> Tables:
        parts, imports = self.parts, self._imports
        worker = ImportWorker(
            imports,
            parts.wishes,
            parts.people,
            parts.communities,
            seals,
            clock=self._clock,
            poll_seconds=self.settings.import_poll_seconds,
        )
        exports = Exports(parts.wishes.aggregates.collection, self.mongo.db.get_collection("exports"))
        return Tables(imports, exports, worker)

    def _build_app(self, serve: bool) -> None:
        self.app = create_app(
            title="wish-service",
            settings=self.settings,
            identity=self._identity,
            routers=[*API, *PAGES] if serve else [],
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
        for kept in (self.parts.people, self.parts.challenges, self.parts.wishes, self.parts.communities):
            await kept.ensure_indexes()
        await self.parts.limits.ensure_indexes()
        await self.parts.photos.named.ensure_indexes()
        await self.parts.photos.files.store.open()
        await self.parts.review_claims.ensure_indexes()
        await self.parts.tasks.ensure_indexes()
        await self.tables.imports.ensure_indexes()
        await self.tables.exports.ensure_indexes()
        await self.wall.open()
        await self.alike.open()
        await self.facts.open()
        await complete_old_rows(self.facts, self.settings.timezone)
        await self.recount.open()
        await self.parts.campaigns.ensure_indexes()
        await self.parts.campaign_board.view.open()
        subscribe(
            self.backbone,
            wishes=self.parts.wishes,
            wall=self.wall,
            alike=self.alike,
            facts=self.facts,
            recount=self.recount,
            campaigns=self.parts.campaign_board,
        )
        await self._load_communities()
        if self._serve:
            self.finding.start()
        self.upkeep.start()
        self.erasures.rounds.start()
        await self.backbone.start(consume=consume)
        if consume:
            self.photo_upkeep.start()
            self.tables.worker.start()
            self.recount.start()
            self._tending = asyncio.create_task(self.timers.run(), name="timers")

    async def _load_communities(self) -> None:
        path = self.settings.communities_csv
        if path is not None:
            tree, imports = self.parts.communities, self.parts.community_imports
            changed = await import_communities(path, tree=tree, imports=imports, when=When.now(self._clock))
            log.info("communities_read", changed=changed)
        await self.parts.communities.refresh()

    async def stop(self) -> None:
        """Let go of everything; what was written but not sent stays in the outbox."""
        if self._tending is not None:
            self._tending.cancel()
            await asyncio.gather(self._tending, return_exceptions=True)
        await self.finding.stop()
        await self.upkeep.stop()
        await self.erasures.rounds.stop()
        await self.photo_upkeep.stop()
        await self.tables.worker.stop()
        await self.backbone.stop()
        await self.parts.photos.files.close()
        await self.recount.stop()
        self.mongo.close()

    async def _mongo_health(self) -> Health:
        try:
            await self.mongo.ping()
        except PyMongoError:
            return "down"
        return "ok"

    async def _kafka_health(self) -> Health:
        return "ok" if self.backbone.health() == "ok" else "degraded"
