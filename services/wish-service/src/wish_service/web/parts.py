"""What routes are given: the running parts of the service, and one command's who, when and which retry."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from microwish.identity.guards import commanded_at, current_person, idempotency_key
from microwish.identity.people import Person
from microwish.identity.tokens import TokenSigner
from microwish.ids import derived_id, uuid7
from microwish.store.aggregate import Idempotency
from microwish.store.views import View
from microwish.web.pages.kit import Pages
from microwish.when import Clock, When
from wish_service.erasures import Erasures
from wish_service.settings import WishSettings
from wish_service.store.campaigns import Campaigns
from wish_service.store.challenges import Challenges
from wish_service.store.communities import Communities
from wish_service.store.community_imports import CommunityImports
from wish_service.store.limits import HourlyLimits
from wish_service.store.people import People
from wish_service.store.photos.photos import Photos
from wish_service.store.review_claims import ReviewClaims
from wish_service.store.seals import Seals
from wish_service.store.tasks import Tasks
from wish_service.store.wishes import Wishes
from wish_service.use_cases.asked import Asked
from wish_service.views.campaign_board import CampaignBoard
from wish_service.views.stats import Statistics
from wish_service.web.finding import Finding


@dataclass(frozen=True)
class Parts:
    """Everything that routes use; built by `wiring`, kept in `app.state.parts`."""

    settings: WishSettings
    seals: Seals
    signer: TokenSigner
    people: People
    challenges: Challenges
    limits: HourlyLimits
    erasures: Erasures
    communities: Communities
    community_imports: CommunityImports
    wake_upkeep: Callable[[], None]
    review_claims: ReviewClaims
    wishes: Wishes
    tasks: Tasks
    photos: Photos
    wall: View
    finding: Finding
    alike: View
    statistics: Statistics
    campaigns: Campaigns
    campaign_board: CampaignBoard
    pages: Pages
    random_below: Callable[[int], int]
    clock: Clock


async def parts_of(request: Request) -> Parts:
    """The running service's parts."""
    parts: Parts = request.app.state.parts
    return parts


@dataclass(frozen=True)
class Order:
    """One command: by whom, when, and as a retry of what."""

    parts: Parts
    person: Person
    when: When
    idempotency: Idempotency | None
    path: str

    def new_id(self) -> str:
        """The id of what this command creates: the same for every retry under one key."""
        if self.idempotency is None:
            return uuid7()
        return derived_id(self.person.id, self.path, self.idempotency.key)

    @property
    def asked(self) -> Asked:
        """What the use cases on a wish take."""
        return Asked(self.person, self.parts.wishes, self.parts.seals, self.when, self.idempotency)


async def ordered(
    request: Request,
    person: Annotated[Person, Depends(current_person)],
    when: Annotated[When, Depends(commanded_at)],
    key: Annotated[str | None, Depends(idempotency_key)],
) -> Order:
    """The command that this request is."""
    path = request.url.path
    idempotency = None
    if key and path.startswith("/api/"):  # a page's form has been read as a form by now, and brings its own key
        idempotency = Idempotency(f"{person.id}:{key}", fingerprint(person.id, path, await request.body()))
    return Order(await parts_of(request), person, when, idempotency, path)


def fingerprint(person_id: str, path: str, body: bytes) -> str:
    """What a key stands for: who, where, and the body whatever its spacing and order."""
    try:
        canonical = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError):  # not JSON, or nested without end, at a route that doesn't read it as JSON
        canonical = body
    return hashlib.sha256(b"\x1f".join([person_id.encode(), path.encode(), canonical])).hexdigest()


PartsHere = Annotated[Parts, Depends(parts_of)]
OrderHere = Annotated[Order, Depends(ordered)]
PersonHere = Annotated[Person, Depends(current_person)]
