"""One running adoption-service per test, on real servers, with people and the other services played by the test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest_asyncio

from adoption_service.settings import AdoptionSettings
from adoption_service.wiring import AdoptionService
from microwish import logs
from microwish.events import Actor, Category, Community, Event, Role, Topic
from microwish.events.contact import ContactKind, ContactSaved
from microwish.events.wish import WishEvent, WishPosted, WishSubmitted
from microwish.identity.people import Role as PersonRole
from microwish.identity.tokens import TokenSigner, generate_signing_keys
from microwish.ids import uuid7
from microwish.privacy.sealing import generate_blind_key, generate_sealing_keys
from microwish.privacy.uscc import check_character
from microwish.testing import eventually
from microwish.testing.feed import Feed

logs.configure("adoption-service", "WARNING")  # one masked line each, as in production

COMMUNITY = "310117001002"
RESIDENT = Actor(person_id="resident-1", role=Role.RESIDENT)


@dataclass
class Client:
    """A signed-in person at the door of the service."""

    http: httpx.AsyncClient
    person_id: str
    token: str

    async def __call__(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.token}", **{name.replace("_", "-"): v for name, v in headers.items()}}
        return await self.http.request(method, path, json=body, headers=sent)

    async def get(self, path: str) -> httpx.Response:
        return await self("GET", path)

    async def post(self, path: str, body: object = None, **headers: str) -> httpx.Response:
        return await self("POST", path, body, **headers)


@dataclass
class World:
    """The service, everybody at its door, and the wish-service that the test plays."""

    service: AdoptionService
    feed: Feed
    http: httpx.AsyncClient
    signer: TokenSigner
    settings: AdoptionSettings
    versions: dict[tuple[str, str], int] = field(default_factory=dict)
    serial: int = 0

    def person(self, *roles: PersonRole, communities: tuple[str, ...] = (), id: str | None = None) -> Client:
        person_id = id or uuid7()
        granted = [PersonRole.RESIDENT, *roles]
        token = self.signer.sign(person_id, granted, communities, "139****0000", 3600, datetime.now(UTC))
        return Client(self.http, person_id, token)

    @property
    def admin(self) -> Client:
        return self.person(PersonRole.ADMIN, id="admin-1")

    def staff(self, *communities: str) -> Client:
        return self.person(PersonRole.STAFF, communities=communities or ("310117001",))

    def uscc(self, division: str = "310117") -> str:
        """A valid credit code that nobody else has."""
        self.serial += 1
        body = f"91{division}MA1{self.serial:06d}"
        return body + check_character(body)

    async def publish(self, event: Event, **given: Any) -> None:
        """Publish the next event of its stream, as its owner would."""
        stream = (event.source.value, event.subject_id)
        self.versions[stream] = self.versions.get(stream, 0) + 1
        await self.feed.publish(event, version=self.versions[stream], **given)

    async def wish(self, *, slots: int = 1, title: str = "想要一台收音机", community: str = COMMUNITY) -> str:
        """A wish that is posted and has arrived in claims and on the board."""
        wish_id = uuid7()
        await self.publish(
            WishSubmitted(
                wish_id=wish_id, resident_id="resident-1", community=community, by=RESIDENT, category=Category.GOODS
            )
        )
        await self.publish(
            WishPosted(
                wish_id=wish_id,
                resident_id="resident-1",
                community=community,
                by=Actor(person_id="staff-1", role=Role.STAFF),
                place=Community(code=community, name="龙潭社区"),
                category=Category.GOODS,
                title=title,
                detail="想听听戏曲。",
                slots=slots,
            )
        )
        await self.taken(wish_id)
        return wish_id

    async def act(self, kind: type[WishEvent], wish_id: str, **given: Any) -> None:
        """An event of the wish, and wait until its claims took it."""
        base = {"wish_id": wish_id, "resident_id": "resident-1", "community": COMMUNITY, "by": RESIDENT}
        await self.publish(kind.model_validate({**base, **given}))
        await self.taken(wish_id)

    async def taken(self, wish_id: str) -> None:
        version = self.versions[("/microwish/wish-service/wish", wish_id)]

        async def both() -> bool:
            document = await self.service.claims.aggregates.find(wish_id)
            row = await self.service.board.view.rows.find_one({"_id": wish_id})
            taken = (document or {}).get("taken", {}).get("wish", 0), (row or {}).get("wish", {}).get("version", 0)
            return min(taken) >= version

        await eventually(both, seconds=60)

    async def contact(self, id: str, kind: ContactKind, *, name: str, phone: str, address: str | None = None) -> None:
        """A contact of a person or a wish, and wait until it arrived."""
        sealer, about = self.settings.sealer(), f"contact:{id}"
        await self.publish(
            ContactSaved(
                contact_id=id,
                kind=kind,
                person_id=id if kind is ContactKind.PERSON else None,
                name=sealer.seal(name, about=about),
                phone=sealer.seal(phone, about=about),
                address=sealer.seal(address, about=about) if address else None,
                phone_index=self.settings.blind_index().of(phone),
            )
        )
        await eventually(lambda: self.service.contacts.of_wish(id), seconds=60)

    async def organisation(
        self, name: str = "和风邮政所党支部", *, verified: bool = True, manager: Client | None = None
    ) -> tuple[Client, str]:
        """An organisation and its manager."""
        manager = manager or self.person()
        body = {
            "name": name,
            "kind": "party_organisation",
            "uscc": self.uscc(),
            "contact": {"name": "李明", "phone": "021-55550100"},
        }
        made = await manager.post("/api/organisations", body)
        assert made.status_code == 201, made.text
        organisation_id = made.json()["id"]
        if verified:
            said = await self.admin.post(f"/api/organisations/{organisation_id}/verification", {"decision": "approve"})
            assert said.status_code == 200, said.text
        return manager, organisation_id

    async def claim(self, member: Client, wish_id: str, organisation_id: str, **headers: str) -> httpx.Response:
        return await member.post("/api/adoptions", {"wish_id": wish_id, "organisation_id": organisation_id}, **headers)

    async def adoption(self, member: Client, wish_id: str, organisation_id: str) -> str:
        """The id of a claim that succeeds."""
        made = await self.claim(member, wish_id, organisation_id)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def told(self, name: str, **fields: object) -> list[dict[str, Any]]:
        """What the service published of this kind so far."""
        found = self.feed.events(Topic.ADOPTION, lambda one: one.type == f"microwish.{name}.v1")
        return [dict(one.data) for one in found if all(one.data.get(key) == value for key, value in fields.items())]


MakeWorld = Callable[..., Awaitable[World]]


@pytest_asyncio.fixture(scope="session")
async def make_world(
    mongo_uri: str, kafka_bootstrap: str, kafka_idempotence: bool, kafka_fetch_wait_ms: int
) -> AsyncIterator[MakeWorld]:
    """Start a service with settings of one's own, in a database and under a topic prefix of its own."""
    async with AsyncExitStack() as stack:

        async def make(**knobs: Any) -> World:
            name = f"adoption-{uuid4().hex[:10]}"
            signer = TokenSigner.from_jwks(generate_signing_keys())
            settings = AdoptionSettings.model_validate(
                {
                    "mongo_uri": mongo_uri,
                    "mongo_database": name,
                    "kafka_bootstrap": kafka_bootstrap,
                    "kafka_idempotence": kafka_idempotence,
                    "kafka_fetch_wait_ms": kafka_fetch_wait_ms,
                    "kafka_topic_prefix": f"{name}.",
                    "sealing_keys": generate_sealing_keys(),
                    "blind_key": generate_blind_key(),
                    "cookie_secure": False,
                    "as_of_allowed": True,
                    "timer_poll_seconds": 0.2,
                    **knobs,
                }
            )
            service = AdoptionService(settings, keys=signer.key_set(), door_code=lambda: "4827")
            stack.push_async_callback(service.stop)
            await service.start()
            feed = await stack.enter_async_context(Feed(kafka_bootstrap, f"{name}."))
            transport = httpx.ASGITransport(app=service.app)
            http = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://adoption"))
            return World(service, feed, http, signer, settings)

        yield make


@pytest_asyncio.fixture(scope="session")
async def world(make_world: MakeWorld) -> World:
    """The service with its usual settings, shared: every test makes wishes and organisations of its own."""
    return await make_world()


@pytest_asyncio.fixture(scope="session")
async def hasty_world(make_world: MakeWorld) -> World:
    """A service whose leases last some seconds."""
    return await make_world(
        lease_seconds=4,
        lease_reminder_seconds=2,
        lease_extension_seconds=600,
        dispute_grace_seconds=600,
        waiting_offer_seconds=2,
    )
