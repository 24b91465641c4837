"""The composition root: settings in, a running service out. Only this module builds things."""

import secrets
from collections.abc import Callable
from pathlib import Path

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
from wish_service.settings import WishSettings
from wish_service.store.challenges import Challenges
from wish_service.store.communities import Communities
from wish_service.store.limits import HourlyLimits
from wish_service.store.people import People
from wish_service.store.seals import Seals
from wish_service.store.wishes import Wishes
from wish_service.use_cases.import_communities import import_communities
from wish_service.views.facts import facts_view
from wish_service.views.stats import Statistics
from wish_service.views.wall import wall_view
from wish_service.web.errors import STATUSES, install_own
from wish_service.web.parts import Parts
from wish_service.web.routes import API, PAGES
from wish_service.web.texts import TEXTS

log = get_logger(__name__)

_HERE = Path(__file__).parent
TEMPLATES = _HERE / "web" / "pages" / "templates"
STATIC = _HERE / "web" / "static"
AGGREGATES = ("people", "challenges", "wishes", "communities")


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
        self.mongo = Mongo(settings.mongo_uri, settings.mongo_database)
        self.backbone = Backbone(settings, self.mongo, service="wish-service")
        aggregates = {
            name: Aggregates(self.mongo.db.get_collection(name), wake=self.backbone.wake) for name in AGGREGATES
        }
        self.backbone.serve_outbox(*(kept.collection for kept in aggregates.values()))
        seals = Seals(settings.sealer(), settings.blind_index())
        self.wall = wall_view(self.mongo.db)
        self.facts = facts_view(self.mongo.db)
        self.parts = Parts(
            settings=settings,
            seals=seals,
            signer=TokenSigner.from_jwks(settings.signing_keys.get_secret_value()),
            people=People(aggregates["people"], seals),
            challenges=Challenges(aggregates["challenges"], seals),
            limits=HourlyLimits(self.mongo.db.get_collection("limits")),
            communities=Communities(aggregates["communities"]),
            wishes=Wishes(aggregates["wishes"]),
            wall=self.wall,
            statistics=Statistics(self.facts, settings.zone),
            pages=Pages("wish", TEMPLATES, TEXTS, "/static/wish", static_dir=STATIC, clock=clock, zone=settings.zone),
            random_below=random_below,
            clock=clock,
        )
        self._identity = Identity(
            self.parts.signer.key_set(),
            as_of_allowed=settings.as_of_allowed,
            cookie_secure=settings.cookie_secure,
            clock=clock,
        )
        self._build_app(serve)

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
        )
        self.app.state.parts = self.parts
        self.app.state.pages_catalogue = self.parts.pages.catalogue
        install_own(self.app)

    async def start(self, *, consume: bool = True) -> None:
        """See to indexes, views and the tree of communities, then connect to Kafka in the background.

        Raises: StandaloneRefused, or a store outage if MongoDB doesn't answer.
        """
        await self.mongo.refuse_standalone()
        for kept in (self.parts.people, self.parts.challenges, self.parts.wishes, self.parts.communities):
            await kept.ensure_indexes()
        await self.parts.limits.ensure_indexes()
        await self.wall.open()
        await self.facts.open()
        subscribe(self.backbone, wishes=self.parts.wishes, wall=self.wall, facts=self.facts)
        await self._load_communities()
        await self.backbone.start(consume=consume)

    async def _load_communities(self) -> None:
        path = self.settings.communities_csv
        if path is not None:
            changed = await import_communities(path, tree=self.parts.communities, when=When.now(self._clock))
            log.info("communities_read", changed=changed)
        await self.parts.communities.refresh()

    async def stop(self) -> None:
        """Let go of everything; what was written but not sent stays in the outbox."""
        await self.backbone.stop()
        self.mongo.close()

    async def _mongo_health(self) -> Health:
        try:
            await self.mongo.ping()
        except PyMongoError:
            return "down"
        return "ok"

    async def _kafka_health(self) -> Health:
        return "ok" if self.backbone.health() == "ok" else "degraded"
