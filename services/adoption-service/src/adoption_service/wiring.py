"""The composition root: settings in, running service out. Nothing else builds anything.

settings ─▶ Mongo ─▶ ClaimsStore, OrganisationStore ─▶ use cases ◀─ web (API, pages)
│              ▲ reactions                         ◀─ timers
└▶ Backbone ───┴▶ Board, Contacts (views)
"""

import asyncio
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI

from adoption_service.consumers import subscriptions
from adoption_service.settings import AdoptionSettings
from adoption_service.store.claims import ClaimsStore
from adoption_service.store.erasures import Erasures
from adoption_service.store.forgetting import Forgetting
from adoption_service.store.organisations import OrganisationStore
from adoption_service.timers import Timers
from adoption_service.upkeep import Upkeep
from adoption_service.use_cases.claim_wish import ClaimTerms, DoorCode
from adoption_service.use_cases.follow_invitations import FollowInvitations
from adoption_service.use_cases.forget_person import Kept
from adoption_service.views.board import Board
from adoption_service.views.contacts import Contacts
from adoption_service.web.api import adoptions, board, facts, joint, members, organisations, waiting
from adoption_service.web.errors import DOMAIN_ERRORS, answer_invalid
from adoption_service.web.pages import board as board_page
from adoption_service.web.pages import joint as joint_page
from adoption_service.web.pages import organisation, organisations_of_staff, ours, registering, stalled
from adoption_service.web.pages import waiting as waiting_page
from adoption_service.web.parts import Parts
from adoption_service.web.texts import TEXTS
from microwish.identity.guards import Identity
from microwish.identity.remote_keys import RemoteKeySet
from microwish.identity.tokens import KeySet
from microwish.messaging.backbone import Backbone
from microwish.rounds import Rounds
from microwish.store.mongo import Database, Mongo
from microwish.turns import Turns
from microwish.web.app import create_app
from microwish.web.health import Health
from microwish.web.pages.kit import Pages
from microwish.when import Clock, system_clock

CLAIMS_AT_ONCE = 2
"""Of one wish, in one process; who comes later waits: more would only wait for each other in the database."""
NAME = "adoption-service"
WEB = Path(__file__).parent / "web"
TEMPLATES = WEB / "pages" / "templates"
STATIC = WEB / "static"
API = [
    adoptions.front,
    organisations.router,
    members.router,
    facts.router,
    joint.router,
    adoptions.router,
    board.router,
    waiting.router,
]
PAGES = [
    board_page.router,
    waiting_page.router,
    joint_page.router,
    ours.router,
    stalled.router,
    organisation.router,
    registering.router,
    organisations_of_staff.router,
]


class AdoptionService:
    """One process of adoption-service.

    serve: whether the app has the API and pages, or health alone. keys: given by tests; else fetched from wish-service.
    """

    def __init__(
        self,
        settings: AdoptionSettings,
        *,
        serve: bool = True,
        keys: KeySet | None = None,
        clock: Clock = system_clock,
        door_code: DoorCode | None = None,
    ) -> None:
        self.settings = settings
        self.mongo = Mongo(settings.mongo_uri, settings.mongo_database)
        self.backbone = Backbone(settings, self.mongo, service=NAME)
        self.claims = ClaimsStore(self.mongo.db, relay=self.backbone)
        self.organisations = OrganisationStore(self.mongo.db, relay=self.backbone)
        self.board = Board(self.mongo.db)
        self.contacts = Contacts(self.mongo.db, settings.blind_index())
        self.timers = Timers(self.claims, self.organisations, settings.waiting, clock=clock)
        self._tending = Rounds("timers", self.timers.tick, seconds=settings.timer_poll_seconds)
        self.erasures = Erasures(self.mongo.db)
        forgetting = Forgetting(self.claims, self.backbone, settings.sealer())
        self.kept = Kept(self.organisations, self.contacts, self.erasures, forgetting, settings.sealer())
        invitations = FollowInvitations(self.organisations, self.contacts, self.erasures)
        self.upkeep = Upkeep(self.kept, self.claims, invitations, door_code or four_digits, clock)
        self._upkeep = Rounds("upkeep", self.upkeep.tick, seconds=settings.upkeep_poll_seconds)
        self._clock = clock
        self._keys = keys or _remote_keys(settings, self.mongo.db)
        self._fetching: asyncio.Task[None] | None = None
        terms = ClaimTerms(settings.lease, settings.overdue_claims_allowed, door_code or four_digits)
        self.app = self._web(terms, [*API, *PAGES] if serve else [])

    async def start(self, *, consume: bool = True) -> None:
        """Open the stores, then connect to Kafka in the background. consume: also react, keep views, watch leases.

        Raises: StandaloneRefused, a store outage.
        """
        await self.mongo.refuse_standalone()
        kept = (self.claims, self.organisations, self.erasures)
        await asyncio.gather(*(store.ensure_indexes() for store in kept))
        await asyncio.gather(self.board.view.open(), self.contacts.view.open())
        self.backbone.serve_outbox(self.claims.collection, self.organisations.collection)
        if consume:
            lease = self.settings.lease
            views = (self.board, self.contacts)
            for subscription in subscriptions(self.claims, *views, self.kept, lease, clock=self._clock):
                self.backbone.subscribe(subscription)
        await self.backbone.start(consume=consume)
        if isinstance(self._keys, RemoteKeySet):
            self._fetching = asyncio.create_task(self._keys.run(), name="keys")
        if consume:
            self._tending.start()
            self._upkeep.start()

    async def stop(self) -> None:
        """End in order; what was written but not sent stays in the outbox."""
        await asyncio.gather(self._tending.stop(), self._upkeep.stop())
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)
        await self.backbone.stop()
        self.mongo.close()

    def _web(self, terms: ClaimTerms, routers: list[APIRouter]) -> FastAPI:
        """The application with these routers; without any it has health and metrics only."""
        settings = self.settings
        identity = Identity(
            self._keys, as_of_allowed=settings.as_of_allowed, cookie_secure=settings.cookie_secure, clock=self._clock
        )
        pages = Pages("adoption", TEMPLATES, TEXTS, "/static/adoption", static_dir=STATIC, clock=self._clock)
        app = create_app(
            title=NAME,
            settings=settings,
            identity=identity,
            routers=routers,
            catalogue=TEXTS,
            domain_errors=DOMAIN_ERRORS,
            checks={"mongo": self._mongo_health, "keys": self._keys_health, "kafka": self._kafka_health},
            required_checks={"mongo", "keys"},
            pages=pages,
            static_dir=STATIC,
        )
        answer_invalid(app)
        app.state.parts = Parts(
            organisations=self.organisations,
            claims=self.claims,
            board=self.board,
            contacts=self.contacts,
            erasures=self.erasures,
            sealer=settings.sealer(),
            blind_index=settings.blind_index(),
            terms=terms,
            invitation=timedelta(seconds=settings.invitation_seconds),
            turns=Turns(CLAIMS_AT_ONCE),
            pages=pages,
        )
        return app

    async def _mongo_health(self) -> Health:
        await self.mongo.ping()
        return "ok"

    async def _keys_health(self) -> Health:
        return "ok" if self._keys.ready else "down"

    async def _kafka_health(self) -> Health:
        return "ok" if self.backbone.health() == "ok" else "degraded"


def four_digits() -> str:
    """A door code (上门核验码) nobody can guess."""
    return f"{secrets.randbelow(10_000):04d}"


class _KeptKeys:
    """Keeps the JWKS fetched last in the service's own database, so that a restart needs no other service."""

    def __init__(self, db: Database) -> None:
        self._rows = db.get_collection("keys")

    async def load(self) -> dict[str, Any] | None:
        row = await self._rows.find_one({"_id": "jwks"})
        return row["jwks"] if row else None

    async def save(self, jwks: dict[str, Any]) -> None:
        await self._rows.replace_one({"_id": "jwks"}, {"_id": "jwks", "jwks": jwks}, upsert=True)


def _remote_keys(settings: AdoptionSettings, db: Database) -> RemoteKeySet:
    if settings.jwks_url is None:
        raise ValueError("MICROWISH_JWKS_URL is needed: the address of wish-service's /.well-known/jwks.json")
    return RemoteKeySet(settings.jwks_url, _KeptKeys(db))
