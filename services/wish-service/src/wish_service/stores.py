"""What wish-service keeps: its collections and its views, made together and opened before anything is asked of them."""

from dataclasses import dataclass
from typing import Self

from pydantic import TypeAdapter

from microwish.messaging.backbone import Backbone
from microwish.store.aggregate import Aggregates
from microwish.store.mongo import Database
from microwish.store.views import View
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
from wish_service.use_cases.post_wish import PostWish
from wish_service.views.alike import alike_view
from wish_service.views.campaign_board import CampaignBoard, campaigns_view
from wish_service.views.facts import complete_old_rows, facts_view
from wish_service.views.wall import wall_view

OUTBOXES = ("people", "challenges", "wishes", "communities", "campaigns", "tasks")
"""The collections whose documents have events to send."""


@dataclass(frozen=True)
class Stores:
    """The collections."""

    people: People
    challenges: Challenges
    limits: HourlyLimits
    communities: Communities
    community_imports: CommunityImports
    campaigns: Campaigns
    wishes: Wishes
    review_claims: ReviewClaims
    tasks: Tasks
    photos: Photos
    imports: Imports
    exports: Exports

    @classmethod
    def of(cls, settings: WishSettings, db: Database, seals: Seals, backbone: Backbone) -> Self:
        """Nothing is read or written yet; the backbone serves their outboxes."""
        outboxes = {name: Aggregates(db.get_collection(name), relay=backbone) for name in OUTBOXES}
        backbone.serve_outbox(*(kept.collection for kept in outboxes.values()))
        wishes = outboxes["wishes"]
        tree = Communities(outboxes["communities"])
        files = PhotoFiles(photo_store(settings, db), workers=settings.photo_workers)
        lease = settings.import_lease_seconds
        return cls(
            people=People(outboxes["people"], seals),
            challenges=Challenges(outboxes["challenges"], seals),
            limits=HourlyLimits(db.get_collection("limits")),
            communities=tree,
            community_imports=CommunityImports(db.get_collection("community_imports"), tree),
            campaigns=Campaigns(outboxes["campaigns"], settings.zone),
            wishes=Wishes(wishes, settings.terms),
            review_claims=ReviewClaims(wishes, seconds=settings.review_claim_seconds),
            tasks=Tasks(outboxes["tasks"]),
            photos=Photos(files, PhotoReferences(wishes.collection)),
            imports=Imports(
                Aggregates(db.get_collection("imports")), seals, TypeAdapter(list[PostWish]), lease_seconds=lease
            ),
            exports=Exports(wishes.collection, db.get_collection("exports")),
        )

    async def open(self) -> None:
        """See to all indexes, and to where photos are kept."""
        for kept in (
            self.people,
            self.challenges,
            self.limits,
            self.communities,
            self.campaigns,
            self.wishes,
            self.review_claims,
            self.tasks,
            self.photos.named,
            self.imports,
            self.exports,
        ):
            await kept.ensure_indexes()
        await self.photos.files.store.open()

    async def close(self) -> None:
        """Let go of what is kept elsewhere than in the database."""
        await self.photos.files.close()


@dataclass(frozen=True)
class Views:
    """What is built from events alone."""

    wall: View
    alike: View
    facts: View
    campaign_board: CampaignBoard
    timezone: str

    @classmethod
    def of(cls, settings: WishSettings, db: Database) -> Self:
        """Not open yet."""
        return cls(
            wall=wall_view(db),
            alike=alike_view(db),
            facts=facts_view(db, settings.timezone),
            campaign_board=CampaignBoard(campaigns_view(db)),
            timezone=settings.timezone,
        )

    async def open(self) -> None:
        """Follow the live generation of each."""
        for view in (self.wall, self.alike, self.facts, self.campaign_board.view):
            await view.open()
        await complete_old_rows(self.facts, self.timezone)
